#include "store/wal_check.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace patron::store {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint64_t kHeaderBytes = 32;
constexpr std::uint64_t kFrameHeaderBytes = 24;
constexpr std::uint64_t kSaltsEnd = 16;  // of a frame's header
constexpr std::uint64_t kSectorBytes = 512;
constexpr std::uint64_t kReadBytes = std::uint64_t{1} << 20;
constexpr std::uint32_t kMagic = 0x377f0682;  // the last bit: checksums of big-endian words
constexpr std::uint32_t kVersion = 3007000;
// How many rounds an old frame may lie back; the first salt goes up by one with each.
constexpr std::uint32_t kRoundsBackMax = 1U << 20;

std::uint32_t number_at(Bytes bytes, std::size_t at) {
    std::uint32_t number = 0;
    std::memcpy(&number, bytes.data() + at, sizeof number);
    return std::endian::native == std::endian::big ? number : std::byteswap(number);
}

struct Sum {
    std::uint32_t first = 0;
    std::uint32_t second = 0;
    bool operator==(const Sum&) const = default;
};

template <std::endian order>
Sum add_words(Sum sum, Bytes bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += 8) {
        std::array<std::uint32_t, 2> words{};
        std::memcpy(words.data(), bytes.data() + at, sizeof words);
        if constexpr (order != std::endian::native) {
            words = {std::byteswap(words[0]), std::byteswap(words[1])};
        }
        sum.first += words[0] + sum.second;
        sum.second += words[1] + sum.first;
    }
    return sum;
}

struct LogHeader {
    std::endian order = std::endian::little;
    std::uint64_t page_bytes = 0;
    std::uint32_t salt1 = 0;
    std::uint32_t salt2 = 0;
    Sum sum;

    Sum add(Sum to, Bytes bytes) const {
        return order == std::endian::big ? add_words<std::endian::big>(to, bytes)
                                         : add_words<std::endian::little>(to, bytes);
    }
    std::uint64_t frame_bytes() const { return kFrameHeaderBytes + page_bytes; }
};

struct Frame {
    Bytes bytes;
    std::uint32_t page = 0;
    std::uint32_t commit = 0;  // pages of the database after it; 0: its transaction goes on
    std::uint32_t salt1 = 0;
    std::uint32_t salt2 = 0;
    Sum sum;
};

Frame as_frame(Bytes bytes) {
    return {
        .bytes = bytes,
        .page = number_at(bytes, 0),
        .commit = number_at(bytes, 4),
        .salt1 = number_at(bytes, 8),
        .salt2 = number_at(bytes, 12),
        .sum = {number_at(bytes, 16), number_at(bytes, 20)}
    };
}

// The frames of a file, read some at a time.
class Frames {
  public:
    Frames(const InputFile& file, const LogHeader& log)
        : file_(file)
        , frame_bytes_(log.frame_bytes())
        , count_((file.size() - kHeaderBytes) / frame_bytes_) {}

    std::uint64_t count() const { return count_; }
    std::uint64_t offset(std::uint64_t index) const { return kHeaderBytes + index * frame_bytes_; }
    // Bytes behind the last whole frame.
    std::uint64_t rest() const { return file_.size() - offset(count_); }

    // Good until the next call.
    Result<Frame> at(std::uint64_t index) {
        if (index < first_ || index >= first_ + held_) {
            const std::uint64_t some = std::max<std::uint64_t>(1, kReadBytes / frame_bytes_);
            held_ = std::min(some, count_ - index);
            first_ = index;
            buffer_.resize(held_ * frame_bytes_);
            if (auto read = file_.read_at(offset(index), buffer_); !read) {
                held_ = 0;
                return std::unexpected(std::move(read.error()));
            }
        }
        return as_frame(Bytes(buffer_).subspan((index - first_) * frame_bytes_, frame_bytes_));
    }

  private:
    const InputFile& file_;
    std::uint64_t frame_bytes_;
    std::uint64_t count_;
    std::uint64_t first_ = 0;
    std::uint64_t held_ = 0;
    std::vector<std::byte> buffer_;
};

class WalWalk {
  public:
    WalWalk(const InputFile& file, const LogHeader& log, bool synced_each)
        : file_(file), log_(log), frames_(file, log), synced_each_(synced_each) {}

    Result<WalVerdict> verdict() {
        if (auto walked = walk_good(); !walked) {
            return std::unexpected(std::move(walked.error()));
        }
        if (synced_each_) {
            auto damage = find_damage();
            if (!damage) {
                return std::unexpected(std::move(damage.error()));
            }
            if (*damage) {
                return std::move(**damage);
            }
        }
        return judge_tail();
    }

  private:
    // What the frame before leaves to judge the next one by.
    struct Before {
        bool ends_transaction = false;  // by its end mark, if that can be trusted
        bool end_marked = false;
        Sum written;                  // the checksum that stands in it
        std::optional<Sum> computed;  // the one that should
    };

    bool this_round(const Frame& frame) const {
        return frame.salt1 == log_.salt1 && frame.salt2 == log_.salt2;
    }
    Sum sum_after(Sum before, const Frame& frame) const {
        const Sum sum = log_.add(before, frame.bytes.first(8));
        return log_.add(sum, frame.bytes.subspan(kFrameHeaderBytes));
    }

    // As far as SQLite goes.
    Result<void> walk_good() {
        sum_ = log_.sum;
        for (; good_ < frames_.count(); ++good_) {
            const auto frame = frames_.at(good_);
            if (!frame) {
                return std::unexpected(frame.error());
            }
            const Sum sum = sum_after(sum_, *frame);
            if (!this_round(*frame) || frame->page == 0 || sum != frame->sum) {
                break;
            }
            sum_ = sum;
            if (frame->commit != 0) {
                committed_ = good_ + 1;
                ++commits_;
            }
        }
        return {};
    }

    // An end mark in a header that lies across two sectors may be an old one beside new salts.
    bool in_one_sector(std::uint64_t index) const {
        return frames_.offset(index) % kSectorBytes + kFrameHeaderBytes <= kSectorBytes;
    }

    Before leave(std::uint64_t index, const Frame& frame, bool verified) const {
        const bool seen_new = this_round(frame) && in_one_sector(index);
        return {
            .ends_transaction = frame.commit != 0 && (verified || seen_new),
            .end_marked = frame.commit != 0,
            .written = frame.sum,
            .computed = {}
        };
    }

    // The proof that a transaction ended at the first bad frame or behind it, and another followed.
    Result<std::optional<WalDamaged>> find_damage() {
        Before before;
        for (std::uint64_t index = good_; index < frames_.count(); ++index) {
            const auto frame = frames_.at(index);
            if (!frame) {
                return std::unexpected(frame.error());
            }
            if (index == good_) {
                const Sum should = sum_after(sum_, *frame);
                before = leave(index, *frame, should == frame->sum);
                before.computed = should;
                continue;
            }
            const bool follows = sum_after(before.written, *frame) == frame->sum;
            // Then all but the checksum of the frame before is right.
            const bool follows_content =
                before.computed && sum_after(*before.computed, *frame) == frame->sum;
            const bool later =
                (follows && before.ends_transaction) || (follows_content && before.end_marked);
            if (later && this_round(*frame)) {
                return damage(index);
            }
            before = leave(index, *frame, follows || follows_content);
        }
        return std::nullopt;
    }

    std::optional<WalDamaged> damage(std::uint64_t proof) const {
        return WalDamaged{
            .offset = frames_.offset(good_),
            .frame = good_ + 1,
            .reason = "frame " + std::to_string(good_ + 1) + " at byte " +
                      std::to_string(frames_.offset(good_)) + " is not what was written: frame " +
                      std::to_string(proof + 1) +
                      " belongs to a transaction that began when it was on the disk"
        };
    }

    // What an earlier round left, in the place where this round has not come to yet.
    bool earlier_round(std::uint32_t salt1, std::uint32_t salt2) const {
        const std::uint32_t rounds_back = log_.salt1 - salt1;
        return rounds_back >= 1 && rounds_back <= kRoundsBackMax && salt2 != log_.salt2;
    }

    // A part of a frame at the end of the file that is no earlier round's.
    Result<bool> rest_is_tail() const {
        if (frames_.rest() < kSaltsEnd) {
            return frames_.rest() != 0;
        }
        std::array<std::byte, kSaltsEnd> head{};
        if (auto read = file_.read_at(frames_.offset(frames_.count()), head); !read) {
            return std::unexpected(std::move(read.error()));
        }
        return !earlier_round(number_at(head, 8), number_at(head, 12));
    }

    Result<WalVerdict> judge_tail() {
        std::uint64_t end = committed_;  // behind the last frame that is not an earlier round's
        for (std::uint64_t index = committed_; index < frames_.count(); ++index) {
            const auto frame = frames_.at(index);
            if (!frame) {
                return std::unexpected(frame.error());
            }
            if (!earlier_round(frame->salt1, frame->salt2)) {
                end = index + 1;
            }
        }
        const auto rest = rest_is_tail();
        if (!rest) {
            return std::unexpected(rest.error());
        }
        if (end == committed_ && !*rest) {
            return WalWhole{.frames = committed_, .commits = commits_};
        }
        const std::uint64_t end_offset = *rest ? file_.size() : frames_.offset(end);
        return WalTornTail{
            .frames = committed_,
            .commits = commits_,
            .offset = frames_.offset(committed_),
            .bytes = end_offset - frames_.offset(committed_),
            .frames_dropped = (*rest ? frames_.count() + 1 : end) - committed_
        };
    }

    const InputFile& file_;
    LogHeader log_;
    Frames frames_;
    bool synced_each_;
    Sum sum_;                      // of the last good frame
    std::uint64_t good_ = 0;       // frames that SQLite would accept
    std::uint64_t committed_ = 0;  // frames of whole transactions
    std::uint64_t commits_ = 0;
};

std::optional<LogHeader> as_log_header(Bytes bytes) {
    const std::uint32_t magic = number_at(bytes, 0);
    const std::uint32_t page_bytes = number_at(bytes, 8);
    LogHeader log{
        .order = (magic & 1U) != 0 ? std::endian::big : std::endian::little,
        .page_bytes = page_bytes,
        .salt1 = number_at(bytes, 16),
        .salt2 = number_at(bytes, 20),
        .sum = {number_at(bytes, 24), number_at(bytes, 28)}
    };
    const bool sane = (magic & ~1U) == kMagic && number_at(bytes, 4) == kVersion &&
                      std::has_single_bit(page_bytes) && page_bytes >= 512 && page_bytes <= 65536;
    if (!sane || log.add({}, bytes.first(24)) != log.sum) {
        return std::nullopt;
    }
    return log;
}

Result<bool> only_zeros_behind_header(const InputFile& file) {
    std::vector<std::byte> buffer;
    for (std::uint64_t at = kHeaderBytes; at < file.size(); at += buffer.size()) {
        buffer.resize(std::min(kReadBytes, file.size() - at));
        if (auto read = file.read_at(at, buffer); !read) {
            return std::unexpected(std::move(read.error()));
        }
        if (std::ranges::any_of(buffer, [](std::byte byte) { return byte != std::byte{0}; })) {
            return false;
        }
    }
    return true;
}

}  // namespace

Result<WalVerdict> check_wal(const InputFile& wal, bool synced_each) {
    if (wal.size() == 0) {
        return WalWhole{};
    }
    const WalTornTail nothing_yet{.bytes = wal.size()};
    if (wal.size() < kHeaderBytes) {
        return nothing_yet;
    }
    std::array<std::byte, kHeaderBytes> bytes{};
    if (auto read = wal.read_at(0, bytes); !read) {
        return std::unexpected(std::move(read.error()));
    }
    if (const auto log = as_log_header(bytes)) {
        return WalWalk(wal, *log, synced_each).verdict();
    }
    // A new header is synced before the first frame is written, where anything is synced.
    const auto zeros = synced_each ? only_zeros_behind_header(wal) : true;
    if (!zeros) {
        return std::unexpected(zeros.error());
    }
    if (*zeros) {
        return nothing_yet;
    }
    return WalDamaged{.reason = "the header of the log is not what was written"};
}

Result<WalVerdict> check_wal(
    FileSystem& files, const std::string& directory, const std::string& name, bool synced_each
) {
    const auto names = files.list(directory);
    if (!names) {
        return std::unexpected(names.error());
    }
    if (!std::ranges::binary_search(*names, name)) {
        return WalWhole{};
    }
    const auto file = files.open(directory + "/" + name);
    if (!file) {
        return std::unexpected(file.error());
    }
    return check_wal(**file, synced_each);
}

}  // namespace patron::store
