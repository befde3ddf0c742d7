#pragma once
// A JSON text with comments as a tree that knows where everything stands.
//
// Shapes     node 0 is the root; children keep the order of the text; a member written twice is
// there
//            twice, the later one marked `repeated`.
// Range      texts of at most kTextBytesMax bytes, kDepthMax levels, kNodesMax values, member names
// of at
//            most kNameBytesMax bytes; comments and trailing commas are allowed.
// Errors     a JsonMistake with the offset in the text.
// Owns       nothing of the text: it must outlive the tree.
// Threads    values.
// Source     RFC 8259; RFC 6901 for pointers.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patron::wire {

// Both count from 1; columns count characters, not bytes.
struct TextPlace {
    std::size_t line = 1;
    std::size_t column = 1;
    bool operator==(const TextPlace&) const = default;
};

TextPlace place_at(std::string_view text, std::size_t offset);

enum class JsonKind : std::uint8_t { Null, Bool, Number, String, Array, Object };

using JsonIndex = std::uint32_t;

struct JsonNode {
    JsonKind kind = JsonKind::Null;
    bool repeated = false;      // the same name stands earlier in the same object
    JsonIndex parent = 0;       // the root is its own parent
    JsonIndex position = 0;     // among the parent's children
    std::size_t key_begin = 0;  // of the member name; of the value where there is none
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string key;  // decoded
    std::vector<JsonIndex> children;
};

struct JsonMistake {
    std::size_t offset = 0;
    std::string message;
};

class JsonTree {
  public:
    static constexpr std::size_t kTextBytesMax = std::size_t{1} << 20;
    static constexpr std::size_t kDepthMax = 16;
    static constexpr std::size_t kNodesMax = 65'536;
    static constexpr std::size_t kNameBytesMax = 256;
    static constexpr JsonIndex kRoot = 0;

    static std::expected<JsonTree, JsonMistake> parse(std::string_view text);

    const JsonNode& operator[](JsonIndex index) const { return nodes_[index]; }
    std::string_view text() const { return text_; }
    // The value as it is written, without the space around it.
    std::string_view raw(JsonIndex index) const;
    // Decoded; `index` must be a string.
    std::string string(JsonIndex index) const;
    std::optional<JsonIndex> member(JsonIndex object, std::string_view key) const;
    std::string pointer(JsonIndex index) const;
    // The value at `pointer`, or the deepest one on the way there.
    JsonIndex nearest(std::string_view pointer) const;
    std::optional<JsonIndex> find(std::string_view pointer) const;

  private:
    friend class JsonScanner;
    struct Walk {
        JsonIndex index = kRoot;
        bool arrived = false;
    };
    Walk walk(std::string_view pointer) const;
    std::optional<JsonIndex> step(JsonIndex from, std::string_view token) const;

    std::string_view text_;
    std::vector<JsonNode> nodes_;
};

}  // namespace patron::wire
