#pragma once
// The parts of a snapshot file as bytes: header, closing records, index, footer (SNAPSHOT_FORMAT.md).
//
// Shapes     each part is whole, with head, checksum and padding.
// Errors     DataDamaged for bytes that no writer wrote.
// Bounds     kPartBytesMax a part.
// Threads    pure.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/result.h"
#include "store/snapshot_columns.h"
#include "store/snapshot_file.h"
#include "store/snapshot_parts.h"

namespace patron::store::snapshot_layout {

inline constexpr std::uint32_t kHeaderTag = snapshot_part::tag("PSNH");
inline constexpr std::uint32_t kClosingTag = snapshot_part::tag("PCLS");
inline constexpr std::uint32_t kIndexTag = snapshot_part::tag("PIDX");
inline constexpr std::uint32_t kFooterTag = snapshot_part::tag("PEND");
inline constexpr std::size_t kFooterBytes = 48;
inline constexpr std::uint64_t kPartBytesMax = std::uint64_t{1} << 30;

// A block or a closing record, as the index names it: in the order of the file, without gaps.
struct Place {
    std::uint32_t tag = 0;
    std::uint32_t partition = 0;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    std::uint32_t crc = 0;  // of all its bytes
    std::uint32_t zero = 0;
    std::uint64_t rows = 0;
    std::uint64_t applied_seq = 0;  // of a closing record

    bool is_closing() const { return tag == kClosingTag; }
};
static_assert(sizeof(Place) == 48);

struct Footer {
    std::uint64_t index_offset = 0;
    std::uint64_t index_length = 0;
    std::uint32_t places = 0;
};

std::string header_bytes(const SnapshotAbout& about);
std::string closing_bytes(const PartitionSaved& saved);
std::string index_bytes(const std::vector<Place>& places);
std::string footer_bytes(const Footer& footer);

Result<SnapshotAbout> read_header(std::string_view bytes);
Result<PartitionSaved> read_closing(std::string_view bytes);
Result<std::vector<Place>> read_index(std::string_view bytes, const Footer& footer);
// `file_bytes`: how long the file is that ends with it.
Result<Footer> read_footer(std::string_view bytes, std::uint64_t file_bytes);

// Whether the places fill the file from its header to its index and close every partition once.
Result<void> check_places(
    const std::vector<Place>& places, std::uint32_t partitions, std::uint64_t index_offset
);

}  // namespace patron::store::snapshot_layout
