#pragma once
// The head that every part of a snapshot file begins with (SNAPSHOT_FORMAT.md).
//
// Shapes     tag (4 letters), CRC32C of everything behind it up to the end of the part, length in bytes of
//            what the kind of part counts; parts are padded with zeros to multiples of 8 bytes.
// Threads    values.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "store/fixed_bytes.h"
#include "store/partition_map.h"

namespace patron::store::snapshot_part {

constexpr std::uint32_t tag(const char (&letters)[5]) {
    std::uint32_t value = 0;
    for (int i = 3; i >= 0; --i) {
        value = value << 8 | static_cast<unsigned char>(letters[i]);
    }
    return value;
}

inline constexpr std::size_t kHeadBytes = 16;
inline constexpr std::size_t kCheckedFrom = 8;  // of a part: where its CRC begins

constexpr std::uint64_t padded(std::uint64_t bytes) {
    return (bytes + 7) / 8 * 8;
}

struct Head {
    std::uint32_t tag = 0;
    std::uint32_t crc = 0;
    std::uint64_t length = 0;
};

// Begins a part at the end of `out`; `end` pads it and writes its head.
class PartWriter {
  public:
    PartWriter(std::string& out, std::uint32_t tag) : out_(out), at_(out.size()), tag_(tag) {
        out_.append(kHeadBytes, '\0');
    }
    // `length`: what the head says.
    void end(std::uint64_t length) {
        out_.append(padded(out_.size() - at_) - (out_.size() - at_), '\0');
        std::memcpy(out_.data() + at_, &tag_, sizeof tag_);
        std::memcpy(out_.data() + at_ + 8, &length, sizeof length);
        const std::uint32_t crc = crc32c(std::string_view(out_).substr(at_ + kCheckedFrom));
        std::memcpy(out_.data() + at_ + 4, &crc, sizeof crc);
    }
    // The head says how long the whole part is.
    void end_whole() { end(padded(out_.size() - at_)); }

  private:
    std::string& out_;
    std::size_t at_;
    std::uint32_t tag_;
};

// The head at the front of `bytes`, which hold at least that much.
inline Head head_of(std::string_view bytes) {
    Head head;
    static_assert(sizeof head == kHeadBytes);
    std::memcpy(&head, bytes.data(), sizeof head);
    return head;
}

// Whether `part`, head and padding included, has this tag and its checksum.
inline bool intact(std::string_view part, std::uint32_t tag) {
    if (part.size() < kHeadBytes || part.size() % 8 != 0) {
        return false;
    }
    const Head head = head_of(part);
    return head.tag == tag && head.crc == crc32c(part.substr(kCheckedFrom));
}

}  // namespace patron::store::snapshot_part
