#pragma once
// Numbers and texts as bytes of a log record, written and read back one after another.
//
// Shapes     varint: LEB128, little end first, in the fewest bytes. Signed numbers as zigzag: 0, -1, 1,
//            -2, … are 0, 1, 2, 3, … Text: its bytes as varint, then the bytes. Doubles and words: eight
//            bytes, little-endian.
// Errors     the reader remembers the first thing that was wrong and gives zeros from there on.
// Bounds     the writer trusts its caller to have made room; the reader stays within its bytes.
// Threads    values.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace patron::store {

static_assert(std::endian::native == std::endian::little);

inline constexpr std::size_t kVarintBytesMax = 10;

class RecordWriter {
  public:
    explicit RecordWriter(char* at) : at_(at) {}

    void byte(unsigned value) { *at_++ = static_cast<char>(static_cast<unsigned char>(value)); }
    void varint(std::uint64_t value) {
        while (value >= 0x80) {
            byte(static_cast<unsigned>(value & 0x7F) | 0x80);
            value >>= 7;
        }
        byte(static_cast<unsigned>(value));
    }
    void signed_varint(std::int64_t value) {
        varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
    }
    void word(std::uint64_t value) {
        std::memcpy(at_, &value, sizeof value);
        at_ += sizeof value;
    }
    void real(double value) { word(std::bit_cast<std::uint64_t>(value)); }
    void text(std::string_view text) {
        varint(text.size());
        if (!text.empty()) {
            std::memcpy(at_, text.data(), text.size());
            at_ += text.size();
        }
    }
    char* at() const { return at_; }

  private:
    char* at_;
};

class RecordReader {
  public:
    explicit RecordReader(std::string_view bytes)
        : begin_(bytes.data()), at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

    unsigned byte() {
        if (at_ == end_) {
            refuse("ends early");
            return 0;
        }
        return static_cast<unsigned char>(*at_++);
    }
    std::uint64_t varint() {
        const unsigned first = byte();
        return first < 0x80 ? first : long_varint(first);
    }
    std::int64_t signed_varint() {
        const std::uint64_t value = varint();
        return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
    }
    std::uint64_t word() {
        std::uint64_t value = 0;
        if (left() < sizeof value) {
            refuse("ends early");
            return 0;
        }
        std::memcpy(&value, at_, sizeof value);
        at_ += sizeof value;
        return value;
    }
    double real() { return std::bit_cast<double>(word()); }
    // A view of the bytes read.
    std::string_view text() {
        const std::uint64_t bytes = varint();
        if (bytes > left()) {
            refuse("ends early");
            return {};
        }
        const std::string_view text(at_, static_cast<std::size_t>(bytes));
        at_ += bytes;
        return text;
    }

    // The first thing wrong; nullptr so far.
    const char* flaw() const { return flaw_; }
    void refuse(const char* flaw) {
        if (flaw_ == nullptr) {
            flaw_ = flaw;
        }
        at_ = end_;
    }
    std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }
    std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  private:
    std::uint64_t long_varint(unsigned first) {
        std::uint64_t value = first & 0x7F;
        for (unsigned shift = 7; shift < 7 * kVarintBytesMax; shift += 7) {
            const unsigned next = byte();
            if (shift == 63 && next > 1) {
                refuse("holds a number of more than 64 bits");
                return 0;
            }
            value |= static_cast<std::uint64_t>(next & 0x7F) << shift;
            if (next < 0x80) {
                if (next == 0) {
                    refuse("holds a number in more bytes than it needs");
                }
                return value;
            }
        }
        return 0;  // not reached: the tenth byte is at most 1
    }

    const char* begin_;
    const char* at_;
    const char* end_;
    const char* flaw_ = nullptr;
};

}  // namespace patron::store
