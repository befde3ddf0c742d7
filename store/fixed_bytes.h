#pragma once
// Numbers of fixed width and texts as bytes of a file, appended one after another and taken back.
//
// Shapes     little-endian; a text is its length in bytes (u32), then the bytes.
// Errors     the reader remembers that something was wrong and gives zeros from there on.
// Bounds     the reader stays within its bytes.
// Threads    values.

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace patron::store {

static_assert(std::endian::native == std::endian::little);

template <class T>
void put(std::string& out, T value) {
    static_assert(std::is_arithmetic_v<T>);
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
}
inline void put_text(std::string& out, std::string_view text) {
    put(out, static_cast<std::uint32_t>(text.size()));
    out.append(text);
}

class FixedReader {
  public:
    explicit FixedReader(std::string_view bytes) : bytes_(bytes) {}

    template <class T>
    T take() {
        static_assert(std::is_arithmetic_v<T> && !std::is_same_v<T, bool>);
        T value{};
        if (const std::string_view taken = take_bytes(sizeof value); !taken.empty()) {
            std::memcpy(&value, taken.data(), sizeof value);
        }
        return value;
    }
    std::string_view take_bytes(std::uint64_t count) {
        if (count > bytes_.size()) {
            refuse();
            return {};
        }
        const std::string_view taken = bytes_.substr(0, static_cast<std::size_t>(count));
        bytes_.remove_prefix(taken.size());
        return taken;
    }
    std::string_view take_text() { return take_bytes(take<std::uint32_t>()); }

    void refuse() {
        good_ = false;
        bytes_ = {};
    }
    bool good() const { return good_; }
    std::string_view left() const { return bytes_; }

  private:
    std::string_view bytes_;
    bool good_ = true;
};

}  // namespace patron::store
