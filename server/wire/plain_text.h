#pragma once
// Looks at short strings eight bytes at a time.
//
// Range      the text is valid UTF-8.
// Threads    pure.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace patron::wire {

inline constexpr std::uint64_t kLowBits = 0x0101'0101'0101'0101;
inline constexpr std::uint64_t kHighBits = 0x8080'8080'8080'8080;

// The high bit of every byte of `word` that is zero; exact up to and including the first such byte.
constexpr std::uint64_t zero_bytes(std::uint64_t word) {
    return (word - kLowBits) & ~word & kHighBits;
}

constexpr std::uint64_t bytes_equal_to(std::uint64_t word, char c) {
    return zero_bytes(word ^ (kLowBits * static_cast<unsigned char>(c)));
}

// Which byte in memory a mask's first set bit belongs to.
inline std::size_t first_byte(std::uint64_t mask) {
    static_assert(std::endian::native == std::endian::little);
    return static_cast<std::size_t>(std::countr_zero(mask)) / 8;
}

inline std::uint64_t word_at(const char* at) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof(word));
    return word;
}

// The high bit of every byte that is no digit; exact up to and including the first such byte.
constexpr std::uint64_t marks_no_digits(std::uint64_t word) {
    const std::uint64_t values = word ^ kLowBits * '0';
    return (values | (values + kLowBits * 0x76)) & kHighBits;
}

// The number whose eight digits, as values 0 to 9, are the bytes of `values`, first byte first.
constexpr std::uint64_t number_of_eight(std::uint64_t values) {
    constexpr std::uint64_t kEveryFourth = 0x0000'00FF'0000'00FF;
    const std::uint64_t pairs = values * 10 + (values >> 8);
    const std::uint64_t upper = (pairs & kEveryFourth) * (100 + (std::uint64_t{1'000'000} << 32));
    const std::uint64_t lower = (pairs >> 16 & kEveryFourth) * (1 + (std::uint64_t{10'000} << 32));
    return (upper + lower) >> 32;
}

// Equality without a call: for texts of a few words. `name` is not empty.
inline bool same_short_text(std::string_view name, std::string_view text) {
    constexpr std::size_t kWord = sizeof(std::uint64_t);
    const std::size_t size = name.size();
    if (text.size() != size) {
        return false;
    }
    if (size < 4) {
        return name[0] == text[0] && name[size / 2] == text[size / 2] &&
               name[size - 1] == text[size - 1];
    }
    if (size < kWord) {
        const auto half_at = [](const char* at) {
            std::uint32_t half;
            std::memcpy(&half, at, sizeof(half));
            return half;
        };
        return half_at(name.data()) == half_at(text.data()) &&
               half_at(name.data() + size - 4) == half_at(text.data() + size - 4);
    }
    std::size_t at = 0;
    for (; at + kWord < size; at += kWord) {
        if (word_at(name.data() + at) != word_at(text.data() + at)) {
            return false;
        }
    }
    return word_at(name.data() + size - kWord) == word_at(text.data() + size - kWord);
}

// The bytes of a text shorter than a word, the rest filled with the letter 'A'.
inline std::uint64_t short_word(std::string_view text) {
    std::uint64_t word = kLowBits * 'A';
    std::memcpy(&word, text.data(), text.size());
    return word;
}

// All marks that `mark` finds in the words of `text`; the last two words may overlap.
template <class Mark>
std::uint64_t marks_in(std::string_view text, Mark mark) {
    constexpr std::size_t kWord = sizeof(std::uint64_t);
    if (text.size() < kWord) {
        return mark(short_word(text));
    }
    const char* const last = text.data() + text.size() - kWord;
    std::uint64_t found = mark(word_at(last));
    for (const char* at = text.data(); at < last; at += kWord) {
        found |= mark(word_at(at));
    }
    return found;
}

inline bool contains_backslash(std::string_view text) {
    return marks_in(text, [](std::uint64_t word) { return bytes_equal_to(word, '\\'); }) != 0;
}

// Whether any byte is no printable ASCII character; may say yes for a text that has none of the
// others.
inline bool may_contain_control_character(std::string_view text) {
    // Below 0x20, 0x7F, or 0x80 and above.
    return marks_in(text, [](std::uint64_t word) {
               return ((word - kLowBits * 0x20) | (word + kLowBits) | word) & kHighBits;
           }) != 0;
}

// U+0000..U+001F, U+007F, U+0080..U+009F.
inline bool contains_control_character(std::string_view text) {
    if (!may_contain_control_character(text)) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x20 || byte == 0x7F) {
            return true;
        }
        // U+0080..U+009F are the bytes C2 80..9F.
        if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
            return true;
        }
    }
    return false;
}

}  // namespace patron::wire
