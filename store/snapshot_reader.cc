#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include "store/check.h"
#include "store/snapshot_file.h"
#include "store/snapshot_layout.h"

namespace patron::store {
namespace {

namespace layout = snapshot_layout;
using layout::Place;

// Room for the parts of a file, one after another; begins at a multiple of 8.
class Buffer {
  public:
    Result<std::string_view> read(
        const InputFile& file, std::uint64_t offset, std::uint64_t length
    ) {
        if (length > room_) {
            bytes_ = std::make_unique_for_overwrite<std::byte[]>(length);
            room_ = length;
        }
        if (auto read = file.read_at(offset, {bytes_.get(), length}); !read) {
            return std::unexpected(std::move(read.error()));
        }
        return std::string_view(reinterpret_cast<const char*>(bytes_.get()), length);
    }

  private:
    std::unique_ptr<std::byte[]> bytes_;
    std::size_t room_ = 0;
};

SnapshotInfo info_of(
    const std::string& path, std::uint64_t bytes, Instant made_at, const std::vector<Place>& places
) {
    SnapshotInfo info;
    info.name = path.substr(path.rfind('/') + 1);
    info.bytes = bytes;
    info.made_at = made_at;
    info.from_seq = std::numeric_limits<std::uint64_t>::max();
    for (const Place& place : places) {
        if (place.is_closing()) {
            info.rows += place.rows;
            info.from_seq = std::min(info.from_seq, place.applied_seq);
            info.to_seq = std::max(info.to_seq, place.applied_seq);
        }
    }
    return info;
}

}  // namespace

class SnapshotReader::Impl {
  public:
    Result<void> open(FileSystem& files, const std::string& path);
    Result<PartitionSaved> read_partition(
        std::uint32_t partition, const std::function<void(const SavedCustomer&)>& visit
    ) const;

    const SnapshotAbout& about() const { return about_; }
    const SnapshotInfo& info() const { return info_; }
    std::uint64_t rows(std::uint32_t partition) const {
        return partitions_[partition].back().rows;  // the closing record tells them
    }

  private:
    Result<std::vector<Place>> read_frame(Buffer& buffer);
    Result<std::string_view> read_part(Buffer& buffer, const Place& place) const;
    Result<std::uint64_t> read_block(  // how many entries it has
        Buffer& buffer,
        const Place& place,
        const std::function<void(const SavedCustomer&)>& visit
    ) const;
    Result<PartitionSaved> read_closing(Buffer& buffer, const Place& place) const;
    std::unexpected<Fault> at(const Place& place, Fault fault) const;

    std::string path_;
    std::unique_ptr<InputFile> file_;
    SnapshotAbout about_;
    SnapshotInfo info_;
    std::vector<std::vector<Place>> partitions_;  // blocks in order, then the closing record
};

Result<void> SnapshotReader::Impl::open(FileSystem& files, const std::string& path) {
    path_ = path;
    auto file = files.open(path);
    if (!file) {
        return std::unexpected(std::move(file.error()));
    }
    file_ = std::move(*file);
    Buffer buffer;
    auto places = read_frame(buffer);
    if (!places) {
        Fault fault = std::move(places.error());
        fault.detail = path + ": " + fault.detail;
        return std::unexpected(std::move(fault));
    }
    info_ = info_of(path, file_->size(), about_.made_at, *places);
    partitions_.resize(about_.partitions);
    for (const Place& place : *places) {
        partitions_[place.partition].push_back(place);
    }
    return {};
}

// Footer, index, header: what leads to everything else.
Result<std::vector<Place>> SnapshotReader::Impl::read_frame(Buffer& buffer) {
    const std::uint64_t size = file_->size();
    if (size < layout::kFooterBytes) {
        return fail(FaultCode::DataDamaged, "the end is missing");
    }
    const auto end = buffer.read(*file_, size - layout::kFooterBytes, layout::kFooterBytes);
    if (!end) {
        return std::unexpected(end.error());
    }
    const auto footer = layout::read_footer(*end, size);
    if (!footer) {
        return std::unexpected(footer.error());
    }
    const auto index = buffer.read(*file_, footer->index_offset, footer->index_length);
    if (!index) {
        return std::unexpected(index.error());
    }
    auto places = layout::read_index(*index, *footer);
    if (!places) {
        return places;
    }
    const std::uint64_t header_bytes = places->front().offset;
    if (header_bytes > footer->index_offset || header_bytes > layout::kPartBytesMax) {
        return fail(FaultCode::DataDamaged, "index does not fit");
    }
    const auto head = buffer.read(*file_, 0, header_bytes);
    if (!head) {
        return std::unexpected(head.error());
    }
    auto about = layout::read_header(*head);
    if (!about) {
        return std::unexpected(about.error());
    }
    about_ = std::move(*about);
    const auto checked = layout::check_places(*places, about_.partitions, footer->index_offset);
    return checked ? std::move(places) : std::unexpected(checked.error());
}

std::unexpected<Fault> SnapshotReader::Impl::at(const Place& place, Fault fault) const {
    fault.detail = path_ + ": partition " + std::to_string(place.partition) + ", byte " +
                   std::to_string(place.offset) + ": " + fault.detail;
    return std::unexpected(std::move(fault));
}

Result<std::string_view> SnapshotReader::Impl::read_part(Buffer& buffer, const Place& place) const {
    auto bytes = buffer.read(*file_, place.offset, place.length);
    if (!bytes) {
        return at(place, std::move(bytes.error()));
    }
    if (crc32c(*bytes) != place.crc) {
        return at(place, {FaultCode::DataDamaged, "checksum does not agree", {}, kNoIndex});
    }
    return bytes;
}

Result<std::uint64_t> SnapshotReader::Impl::read_block(
    Buffer& buffer, const Place& place, const std::function<void(const SavedCustomer&)>& visit
) const {
    const auto bytes = read_part(buffer, place);
    if (!bytes) {
        return std::unexpected(bytes.error());
    }
    std::uint64_t rows = 0;
    std::uint64_t entries = 0;
    auto read = read_snapshot_block(*bytes, place.partition, [&](const SavedCustomer& customer) {
        ++rows;
        entries += customer.ledger.size();
        visit(customer);
    });
    if (!read) {
        return at(place, std::move(read.error()));
    }
    if (rows != place.rows) {
        return at(place, {FaultCode::DataDamaged, "rows are missing", {}, kNoIndex});
    }
    return entries;
}

Result<PartitionSaved> SnapshotReader::Impl::read_closing(Buffer& buffer, const Place& place)
    const {
    const auto bytes = read_part(buffer, place);
    if (!bytes) {
        return std::unexpected(bytes.error());
    }
    auto saved = layout::read_closing(*bytes);
    if (!saved) {
        return at(place, std::move(saved.error()));
    }
    if (saved->partition != place.partition || saved->rows != place.rows ||
        saved->applied_seq != place.applied_seq) {
        return at(
            place, {FaultCode::DataDamaged, "closing record and index do not agree", {}, kNoIndex}
        );
    }
    return saved;
}

Result<PartitionSaved> SnapshotReader::Impl::read_partition(
    std::uint32_t partition, const std::function<void(const SavedCustomer&)>& visit
) const {
    PATRON_CHECK(partition < partitions_.size());
    const std::vector<Place>& places = partitions_[partition];
    Buffer buffer;
    std::uint64_t entries = 0;
    for (const Place& place : std::span(places).first(places.size() - 1)) {
        const auto read = read_block(buffer, place, visit);
        if (!read) {
            return std::unexpected(read.error());
        }
        entries += *read;
    }
    auto saved = read_closing(buffer, places.back());
    if (saved && saved->entries != entries) {
        return at(
            places.back(), {FaultCode::DataDamaged, "ledger entries are missing", {}, kNoIndex}
        );
    }
    return saved;
}

SnapshotReader::SnapshotReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SnapshotReader::~SnapshotReader() = default;

Result<std::unique_ptr<SnapshotReader>> SnapshotReader::open(
    FileSystem& files, const std::string& path
) {
    auto impl = std::make_unique<Impl>();
    if (auto opened = impl->open(files, path); !opened) {
        return std::unexpected(std::move(opened.error()));
    }
    return std::unique_ptr<SnapshotReader>(new SnapshotReader(std::move(impl)));
}

const SnapshotAbout& SnapshotReader::about() const {
    return impl_->about();
}
const SnapshotInfo& SnapshotReader::info() const {
    return impl_->info();
}
std::uint64_t SnapshotReader::rows(std::uint32_t partition) const {
    return impl_->rows(partition);
}
Result<PartitionSaved> SnapshotReader::read_partition(
    std::uint32_t partition, const std::function<void(const SavedCustomer&)>& visit
) const {
    return impl_->read_partition(partition, visit);
}

}  // namespace patron::store
