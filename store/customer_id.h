#pragma once
// A customer's id in 24 bytes: short ones inline, longer ones as 128 bits of hash and a place in a heap.
//
// Range      1..128 bytes. Two long ids count as one only if all 128 bits of their XXH3 agree.
// Threads    values.

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace patron::store {

class CustomerId {
  public:
    static constexpr std::size_t kInlineBytes = 23;

    CustomerId() = default;
    static CustomerId of(std::string_view id, std::uint64_t seed);

    bool empty() const { return size_ == 0; }
    bool is_inline() const { return size_ <= kInlineBytes; }
    // Only of an inline id.
    std::string_view inline_text() const { return {bytes_.data(), size_}; }

    std::uint32_t heap_slot() const {
        std::uint32_t slot = 0;
        std::memcpy(&slot, bytes_.data() + kHashBytes, sizeof slot);
        return slot;
    }
    void set_heap_slot(std::uint32_t slot) {
        std::memcpy(bytes_.data() + kHashBytes, &slot, sizeof slot);
    }

    // Heap slots do not count: a reader has none.
    bool same(const CustomerId& other) const {
        static_assert(std::endian::native == std::endian::little);
        const auto a = std::bit_cast<Words>(*this);
        const auto b = std::bit_cast<Words>(other);
        // The last word of a long id is the last byte of its hash, then its slot.
        const std::uint64_t told = is_inline() ? ~std::uint64_t{0} : 0xff;
        return ((a[0] ^ b[0]) | (a[1] ^ b[1]) | ((a[2] ^ b[2]) & told)) == 0;
    }

  private:
    static constexpr std::size_t kHashBytes = 16;
    using Words = std::array<std::uint64_t, 3>;

    std::uint8_t size_ = 0;
    std::array<char, kInlineBytes> bytes_{};  // zero behind the id
};
static_assert(sizeof(CustomerId) == 24);

}  // namespace patron::store
