#include "tools/patron/byte_source.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "server/start_error.h"

namespace patron::tools {
namespace {

using server::ExitCode;
using server::StartError;

constexpr std::size_t kBufferBytes = 64 * 1024;

class FileSource final : public ByteSource {
  public:
    explicit FileSource(std::string path) : path_(std::move(path)) {
        fd_ = path_ == "-" ? STDIN_FILENO : ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
        if (fd_ < 0) {
            throw StartError(
                ExitCode::NoInput, "cannot read " + path_ + ": " + std::strerror(errno)
            );
        }
        struct stat about{};
        if (::fstat(fd_, &about) == 0 && S_ISREG(about.st_mode)) {
            total_ = static_cast<std::uint64_t>(about.st_size);
        }
    }
    ~FileSource() override {
        if (fd_ != STDIN_FILENO) {
            ::close(fd_);
        }
    }
    FileSource(const FileSource&) = delete;
    FileSource& operator=(const FileSource&) = delete;

    std::size_t read(std::span<char> into) override {
        if (at_ == end_) {
            fill();
        }
        const std::size_t n = std::min(into.size(), end_ - at_);
        std::memcpy(into.data(), buffer_.data() + at_, n);
        at_ += n;
        taken_ += n;
        return n;
    }

    bool begins_like_gzip() {
        // A pipe may hand over its first byte alone.
        while (end_ < 2 && fill()) {
        }
        return end_ >= 2 && buffer_[0] == '\x1f' && buffer_[1] == '\x8b';
    }

    std::uint64_t bytes_taken() const override { return taken_; }
    std::optional<std::uint64_t> bytes_total() const override { return total_; }
    const std::string& path() const { return path_; }

  private:
    // Adds to what is there; false at the end.
    bool fill() {
        if (at_ == end_) {
            at_ = end_ = 0;
        }
        ssize_t n = 0;
        do {
            n = ::read(fd_, buffer_.data() + end_, buffer_.size() - end_);
        } while (n < 0 && errno == EINTR);
        if (n < 0) {
            throw StartError(
                ExitCode::IoError, "reading " + path_ + " failed: " + std::strerror(errno)
            );
        }
        end_ += static_cast<std::size_t>(n);
        return n > 0;
    }

    std::string path_;
    int fd_ = -1;
    std::optional<std::uint64_t> total_;
    std::uint64_t taken_ = 0;
    std::array<char, kBufferBytes> buffer_;
    std::size_t at_ = 0;
    std::size_t end_ = 0;
};

class GzipSource final : public ByteSource {
  public:
    explicit GzipSource(std::unique_ptr<FileSource> packed) : packed_(std::move(packed)) {
        constexpr int kGzipWindow = 16 + MAX_WBITS;
        if (inflateInit2(&stream_, kGzipWindow) != Z_OK) {
            throw StartError(ExitCode::OsError, "no memory to unpack " + packed_->path());
        }
    }
    ~GzipSource() override { inflateEnd(&stream_); }
    GzipSource(const GzipSource&) = delete;
    GzipSource& operator=(const GzipSource&) = delete;

    std::size_t read(std::span<char> into) override {
        stream_.next_out = reinterpret_cast<Bytef*>(into.data());
        stream_.avail_out = static_cast<uInt>(into.size());
        while (stream_.avail_out == into.size() && !into.empty()) {
            if (stream_.avail_in == 0 && !refill()) {
                return 0;
            }
            unpack();
        }
        return into.size() - stream_.avail_out;
    }

    std::uint64_t bytes_taken() const override { return packed_->bytes_taken(); }
    std::optional<std::uint64_t> bytes_total() const override { return packed_->bytes_total(); }

  private:
    bool refill() {
        const std::size_t n = packed_->read(buffer_);
        if (n == 0 && inside_member_) {
            throw StartError(
                ExitCode::DataError, packed_->path() + " ends before its packed data do"
            );
        }
        stream_.next_in = reinterpret_cast<Bytef*>(buffer_.data());
        stream_.avail_in = static_cast<uInt>(n);
        return n > 0;
    }

    void unpack() {
        inside_member_ = true;
        const int result = inflate(&stream_, Z_NO_FLUSH);
        if (result == Z_STREAM_END) {
            inside_member_ = false;
            inflateReset(&stream_);
        } else if (result != Z_OK) {
            throw StartError(ExitCode::DataError, packed_->path() + " is damaged: not valid gzip");
        }
    }

    std::unique_ptr<FileSource> packed_;
    z_stream stream_{};
    std::array<char, kBufferBytes> buffer_;
    bool inside_member_ = true;
};

}  // namespace

std::unique_ptr<ByteSource> open_source(const std::string& path) {
    auto file = std::make_unique<FileSource>(path);
    if (file->begins_like_gzip()) {
        return std::make_unique<GzipSource>(std::move(file));
    }
    return file;
}

}  // namespace patron::tools
