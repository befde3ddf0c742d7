#include "store/file_copy.h"

#include <algorithm>

namespace patron::store {

Result<void> copy_file(FileSystem& files, const std::string& from, const std::string& to) {
    constexpr std::uint64_t kSliceBytes = 1024 * 1024;
    const auto in = files.open(from);
    if (!in) {
        return std::unexpected(in.error());
    }
    const auto out = files.create(to);
    if (!out) {
        return std::unexpected(out.error());
    }
    std::vector<std::byte> slice;
    for (std::uint64_t at = 0; at < (*in)->size(); at += slice.size()) {
        slice.resize(static_cast<std::size_t>(std::min(kSliceBytes, (*in)->size() - at)));
        auto moved = (*in)->read_at(at, slice);
        if (moved) {
            moved = (*out)->append(slice);
        }
        if (!moved) {
            return moved;
        }
    }
    return (*out)->sync();
}

}  // namespace patron::store
