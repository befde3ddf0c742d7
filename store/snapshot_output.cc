#include "store/snapshot_output.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace patron::store {
namespace {

namespace layout = snapshot_layout;

// Small writes are gathered up to about this much.
constexpr std::size_t kWriteBytes = std::size_t{1} << 20;
// Synced piece by piece, so that a sync of the log never waits for a whole snapshot to reach the disk.
constexpr std::uint64_t kSyncBytes = std::uint64_t{32} << 20;

// What the disk holds is unknown, and that is what DiskFailed says; but for a sync that never began.
std::unexpected<Fault> sync_failed(const std::string& what, const Fault& fault) {
    const bool begun = fault.code != FaultCode::NoDescriptors;
    return fail(
        begun ? FaultCode::DiskFailed : FaultCode::NoDescriptors,
        what + " could not be synced: " + fault.detail
    );
}

}  // namespace

SnapshotOutput::SnapshotOutput(FileSystem& files, std::string directory, std::string name)
    : files_(files), directory_(std::move(directory)) {
    info_.name = std::move(name);
    info_.from_seq = std::numeric_limits<std::uint64_t>::max();
}

Result<std::unique_ptr<SnapshotOutput>> SnapshotOutput::begin(
    FileSystem& files, std::string directory, std::uint64_t seq, const SnapshotAbout& about
) {
    std::unique_ptr<SnapshotOutput> output(
        new SnapshotOutput(files, std::move(directory), snapshot_name(seq))
    );
    auto file = files.create(output->part_path());
    if (!file) {
        return std::unexpected(file.error());
    }
    output->file_ = std::move(*file);
    output->left_behind_ = true;
    output->info_.made_at = about.made_at;
    output->buffer_ = layout::header_bytes(about);
    output->info_.bytes = output->buffer_.size();
    return output;
}

SnapshotOutput::~SnapshotOutput() {
    file_.reset();
    if (left_behind_) {
        // Nobody is left to tell; the name says that it is not whole.
        static_cast<void>(files_.remove(part_path()));
    }
}

Result<void> SnapshotOutput::add(const SnapshotBlock& block) {
    const std::size_t from = buffer_.size();
    block.append_to(buffer_);
    layout::Place place;
    place.tag = snapshot_columns::kBlockTag;
    place.partition = block.partition();
    place.rows = block.rows();
    info_.rows += block.rows();
    return end_part(place, from);
}

Result<void> SnapshotOutput::close_partition(const PartitionSaved& saved) {
    const std::size_t from = buffer_.size();
    buffer_ += layout::closing_bytes(saved);
    layout::Place place;
    place.tag = layout::kClosingTag;
    place.partition = saved.partition;
    place.rows = saved.rows;
    place.applied_seq = saved.applied_seq;
    info_.from_seq = std::min(info_.from_seq, saved.applied_seq);
    info_.to_seq = std::max(info_.to_seq, saved.applied_seq);
    return end_part(place, from);
}

Result<void> SnapshotOutput::end_part(layout::Place place, std::size_t from) {
    const std::string_view part = std::string_view(buffer_).substr(from);
    place.offset = info_.bytes;
    place.length = part.size();
    place.crc = crc32c(part);
    places_.push_back(place);
    info_.bytes += part.size();
    return buffer_.size() >= kWriteBytes ? write_buffer() : Result<void>{};
}

Result<void> SnapshotOutput::write_buffer() {
    const std::span<const char> bytes(buffer_);
    if (auto written = file_->append(std::as_bytes(bytes)); !written) {
        return written;
    }
    unsynced_ += buffer_.size();
    buffer_.clear();
    return unsynced_ >= kSyncBytes ? sync() : Result<void>{};
}

Result<void> SnapshotOutput::sync() {
    unsynced_ = 0;
    if (auto synced = file_->sync(); !synced) {
        return sync_failed(part_path(), synced.error());
    }
    return {};
}

Result<SnapshotInfo> SnapshotOutput::finish() {
    layout::Footer footer;
    footer.index_offset = info_.bytes;
    footer.places = static_cast<std::uint32_t>(places_.size());
    const std::string index = layout::index_bytes(places_);
    footer.index_length = index.size();
    buffer_ += index;
    buffer_ += layout::footer_bytes(footer);
    info_.bytes += index.size() + layout::kFooterBytes;
    if (auto written = write_buffer(); !written) {
        return std::unexpected(written.error());
    }
    if (auto synced = sync(); !synced) {
        return std::unexpected(synced.error());
    }
    file_.reset();
    if (auto published = publish(); !published) {
        return std::unexpected(published.error());
    }
    return info_;
}

bool SnapshotOutput::name_is_taken() const {
    const auto names = files_.list(directory_);
    // Not known: then better left alone.
    return !names || std::ranges::find(*names, info_.name) != names->end();
}

Result<void> SnapshotOutput::publish() {
    const bool replaces = name_is_taken();
    if (auto renamed = files_.rename(part_path(), path()); !renamed) {
        return renamed;
    }
    left_behind_ = false;
    if (auto synced = files_.sync_directory(directory_); !synced) {
        // What it replaced may be all that the log was cut short for: then it stays, whole as it is.
        if (!replaces) {
            static_cast<void>(files_.remove(path()));
        }
        return sync_failed(directory_, synced.error());
    }
    return {};
}

}  // namespace patron::store
