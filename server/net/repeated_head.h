#pragma once
// The header a connection sent last, to know it again: clients say the same but for the target.
//
// Shapes     `match` is given bytes from the first of a message on. It answers exactly what read_head
//            would, or false: then nobody knows yet, and read_head has to look.
// Bounds     a header of which more than kBytesMax follow the target is not remembered.
// Owns       a copy of those bytes; the views of a matched request point into the new message.
// Threads    one owner at a time.
// Cost       a look at the target eight bytes at a time and one comparison; no allocation once warm.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/endpoints/request.h"
#include "server/net/request_head.h"

namespace patron::net {

class RepeatedHead {
  public:
    static constexpr std::size_t kBytesMax = 1024;

    // `request` must be as new.
    bool match(std::string_view bytes, endpoints::Request& request, RequestHead& head) const;
    // What read_head found in these bytes.
    void remember(
        std::string_view bytes, const endpoints::Request& request, const RequestHead& head
    );

  private:
    // A header value of the request, by its place behind the target.
    struct Value {
        std::string_view endpoints::Request::* member;
        std::uint32_t offset;
        std::uint32_t size;
    };
    static constexpr std::size_t kValuesMax = 9;

    std::string method_;  // with the space behind it
    std::string rest_;    // from the end of the target to the end of the header; empty: none
    endpoints::Method method_of_ = endpoints::Method::Other;
    bool wants_websocket_ = false;
    RequestHead head_;
    std::array<Value, kValuesMax> values_{};
    std::size_t values_given_ = 0;
};

}  // namespace patron::net
