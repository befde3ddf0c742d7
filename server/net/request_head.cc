#include "server/net/request_head.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include "store/limits.h"

namespace patron::net {

namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using beast::error_code;
using endpoints::Method;
using store::FaultCode;

Method method_of(http::verb verb) {
    switch (verb) {
        case http::verb::get:
            return Method::Get;
        case http::verb::head:
            return Method::Head;
        case http::verb::post:
            return Method::Post;
        case http::verb::put:
            return Method::Put;
        case http::verb::delete_:
            return Method::Delete;
        case http::verb::options:
            return Method::Options;
        default:
            return Method::Other;
    }
}

Refusal refusal_of(const error_code& error) {
    switch (static_cast<http::error>(error.value())) {
        case http::error::bad_method:
            return {FaultCode::BadRequest, "the method is malformed"};
        case http::error::bad_target:
            return {FaultCode::BadRequest, "the target is malformed"};
        case http::error::bad_version:
            return {
                FaultCode::BadRequest, "the request line must end in HTTP/1.1 or HTTP/1.0, CR LF"
            };
        case http::error::bad_field:
            return {FaultCode::BadRequest, "a header name is malformed"};
        case http::error::bad_value:
            return {FaultCode::BadRequest, "a header value is malformed"};
        case http::error::bad_line_ending:
            return {FaultCode::BadRequest, "header lines must end in CR LF"};
        case http::error::bad_content_length:
        case http::error::multiple_content_length:
            return {FaultCode::BadRequest, "Content-Length must be one decimal number"};
        case http::error::bad_transfer_encoding:
            return {FaultCode::BadRequest, "Transfer-Encoding must be chunked, once, alone"};
        default:
            return {FaultCode::BadRequest, "the header is malformed"};
    }
}

using ByteSet = std::array<bool, 256>;

// The visible ASCII characters but `refused`.
consteval ByteSet visible_but(std::string_view refused) {
    ByteSet set{};
    for (std::size_t byte = 0x21; byte < 0x7F; ++byte) {
        set[byte] = refused.find(static_cast<char>(byte)) == std::string_view::npos;
    }
    return set;
}

constexpr ByteSet kTargetBytes = visible_but("#");
constexpr ByteSet kHostBytes = visible_but("/?#@\\\"<>^`{|},");

// Without a branch per byte: almost every text passes.
bool all_in(const ByteSet& set, std::string_view text) {
    bool all = true;
    for (const char c : text) {
        all &= set[static_cast<unsigned char>(c)];
    }
    return all;
}

// Fields that may stand only once, as bits of what was seen.
enum Seen : unsigned {
    kHost = 1,
    kContentLength = 2,
    kTransferEncoding = 4,
    kContentType = 8,
    kAuthorization = 16,
    kIdempotencyKey = 32,
    kExpect = 64,
    kLastEventId = 128,
    kWebsocketKey = 256,
    kWebsocketVersion = 512,
    kConnectionUpgrade = 1024,  // these two are lists, over as many lines as the client likes
    kUpgradeWebsocket = 2048,
};

// Whether a list of names holds `wanted`, as a whole and without regard to case.
bool list_holds(std::string_view list, std::string_view wanted) {
    while (!list.empty()) {
        const std::string_view item = list.substr(0, list.find(','));
        const std::size_t first = item.find_first_not_of(" \t");
        if (first != std::string_view::npos) {
            const std::size_t last = item.find_last_not_of(" \t");
            if (beast::iequals(item.substr(first, last - first + 1), wanted)) {
                return true;
            }
        }
        list.remove_prefix(std::min(list.size(), item.size() + 1));
    }
    return false;
}

class HeadReader final : public http::basic_parser<true> {
  public:
    HeadReader(
        std::string_view bytes, endpoints::Request& request, RequestHead& head, Refusal& refusal
    )
        : bytes_(bytes), request_(request), head_(head), refusal_(refusal) {
        skip(true);  // the body is not Beast's: it is counted or decoded by RequestParser
        header_limit(kBeastHeaderLimit);
    }

    HeadState read() {
        error_code error;
        head_.head_bytes = put(boost::asio::const_buffer(bytes_.data(), bytes_.size()), error);
        if (refused_) {
            return HeadState::Refused;
        }
        if (error == http::error::need_more) {
            return HeadState::Incomplete;
        }
        if (error) {
            refuse(refusal_of(error));
            return HeadState::Refused;
        }
        head_.keep_alive = keep_alive();
        return HeadState::Complete;
    }

  private:
    // Ours are enforced on the bytes we feed, so that they do not depend on how the bytes arrive.
    static constexpr std::uint32_t kBeastHeaderLimit = 1U << 20;

    void on_request_impl(
        http::verb verb, beast::string_view, beast::string_view sent, int version, error_code& error
    ) override {
        const std::string_view target = sent;
        request_.method = method_of(verb);
        request_.target = target;
        head_.http_1_1 = version == 11;
        if (request_.method == Method::Other) {
            return stop(error, {FaultCode::MethodNotAllowed, "this method is not served"});
        }
        if (target.size() > kTargetBytesMax) {
            return stop(error, {FaultCode::UriTooLong, "the target may have 4096 bytes"});
        }
        if (target.front() != '/' || !all_in(kTargetBytes, target)) {
            return stop(error, {FaultCode::BadRequest, "the target must be a path in ASCII"});
        }
        const std::size_t mark = target.find('?');
        request_.path = target.substr(0, mark);
        request_.query =
            mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
    }

    void on_field_impl(
        http::field field, beast::string_view name, beast::string_view sent, error_code& error
    ) override {
        const std::string_view value = sent;
        if (is_folded(name, value)) {
            return stop(error, {FaultCode::BadRequest, "header lines must not be folded"});
        }
        switch (field) {
            case http::field::host:
                return on_host(value, error);
            case http::field::content_length:
                return on_content_length(value, error);
            case http::field::transfer_encoding:
                return on_transfer_encoding(value, error);
            case http::field::expect:
                return on_expect(value, error);
            case http::field::content_type:
                return once(kContentType, request_.content_type, value, error);
            case http::field::authorization:
                return once(kAuthorization, request_.authorization, value, error);
            case http::field::accept:
                return first(request_.accept, value);
            case http::field::if_none_match:
                return first(request_.if_none_match, value);
            case http::field::if_match:
                return first(request_.if_match, value);
            case http::field::sec_websocket_key:
                return once(kWebsocketKey, request_.websocket_key, value, error);
            case http::field::sec_websocket_version:
                return once(kWebsocketVersion, request_.websocket_version, value, error);
            case http::field::connection:
                return mark_if(list_holds(value, "upgrade"), kConnectionUpgrade);
            case http::field::upgrade:
                return mark_if(list_holds(value, "websocket"), kUpgradeWebsocket);
            case http::field::unknown:
                return on_unknown(name, value, error);
            default:
                return;
        }
    }

    void on_unknown(std::string_view name, std::string_view value, error_code& error) {
        if (beast::iequals(name, "Idempotency-Key")) {
            return once(kIdempotencyKey, request_.idempotency_key, value, error);
        }
        if (beast::iequals(name, "Last-Event-ID")) {
            return once(kLastEventId, request_.last_event_id, value, error);
        }
    }

    void on_header_impl(error_code& error) override {
        constexpr unsigned kBoth = kConnectionUpgrade | kUpgradeWebsocket;
        // HTTP/1.0 has no upgrades (RFC 9110 section 7.8).
        request_.wants_websocket = head_.http_1_1 && (seen_ & kBoth) == kBoth;
        if (head_.http_1_1 && (seen_ & kHost) == 0) {
            return stop(error, {FaultCode::BadRequest, "Host is missing"});
        }
        if ((seen_ & kTransferEncoding) != 0) {
            if (!head_.http_1_1) {
                return stop(error, {FaultCode::BadRequest, "Transfer-Encoding needs HTTP/1.1"});
            }
            if ((seen_ & kContentLength) != 0) {
                return stop(
                    error, {FaultCode::BadRequest, "Transfer-Encoding excludes Content-Length"}
                );
            }
        }
    }

    void on_host(std::string_view value, error_code& error) {
        if (!mark(kHost) || value.empty() || !all_in(kHostBytes, value)) {
            stop(error, {FaultCode::BadRequest, "Host must be one name with an optional port"});
        }
    }

    void on_content_length(std::string_view value, error_code& error) {
        const auto [end, status] =
            std::from_chars(value.data(), value.data() + value.size(), head_.content_length);
        // from_chars takes no sign and no space for an unsigned type, so this is digits only.
        if (!mark(kContentLength) || status != std::errc{} || end != value.data() + value.size()) {
            return stop(
                error, {FaultCode::BadRequest, "Content-Length must be one decimal number"}
            );
        }
        head_.has_content_length = true;
    }

    void on_transfer_encoding(std::string_view value, error_code& error) {
        if (!mark(kTransferEncoding) || !beast::iequals(value, "chunked")) {
            return stop(
                error, {FaultCode::BadRequest, "Transfer-Encoding must be chunked, once, alone"}
            );
        }
        head_.chunked = true;
    }

    void on_expect(std::string_view value, error_code& error) {
        if (!mark(kExpect) || !beast::iequals(value, "100-continue")) {
            return stop(error, {FaultCode::ExpectationFailed, "only 100-continue can be expected"});
        }
        head_.expects_continue = head_.http_1_1;
    }

    void once(Seen bit, std::string_view& to, std::string_view value, error_code& error) {
        if (!mark(bit)) {
            return stop(error, {FaultCode::BadRequest, "a header field is given twice"});
        }
        to = value;
    }

    // Of a field that may be a list over several lines the first is kept: of If-None-Match that
    // loses a 304 at most, of If-Match it can only refuse.
    static void first(std::string_view& to, std::string_view value) {
        if (to.data() == nullptr) {
            to = value;
        }
    }

    bool mark(Seen bit) {
        const bool fresh = (seen_ & bit) == 0;
        seen_ |= bit;
        return fresh;
    }

    void mark_if(bool condition, Seen bit) {
        if (condition) {
            mark(bit);
        }
    }

    // Beast joins folded lines in a buffer of its own, or skips a line end before the value.
    bool is_folded(std::string_view name, std::string_view value) const {
        const std::less<const char*> before;
        const char* name_end = name.data() + name.size();
        if (before(value.data(), name_end) || before(bytes_.data() + bytes_.size(), value.data())) {
            return true;
        }
        return std::find(name_end, value.data(), '\r') != value.data();
    }

    void stop(error_code& error, Refusal refusal) {
        refuse(refusal);
        error = http::error::bad_field;
    }

    void refuse(Refusal refusal) {
        refused_ = true;
        refusal_ = refusal;
    }

    // Parts of a message that a request whose body is skipped never reaches.
    void on_response_impl(int, beast::string_view, int, error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(beast::string_view, error_code&) override { return 0; }
    void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view, error_code&) override {
        return 0;
    }
    void on_finish_impl(error_code&) override {}

    std::string_view bytes_;
    endpoints::Request& request_;
    RequestHead& head_;
    Refusal& refusal_;
    unsigned seen_ = 0;
    bool refused_ = false;
};

}  // namespace

HeadState read_head(
    std::string_view bytes, endpoints::Request& request, RequestHead& head, Refusal& refusal
) {
    const std::string_view fed = bytes.substr(0, store::limits::kHeaderBytesMax);
    head = RequestHead{};
    const HeadState state = HeadReader(fed, request, head, refusal).read();
    if (state != HeadState::Incomplete || fed.size() < store::limits::kHeaderBytesMax) {
        return state;
    }
    refusal = fed.find('\n') == std::string_view::npos
                  ? Refusal{FaultCode::UriTooLong, "the request line is too long"}
                  : Refusal{FaultCode::HeaderTooLarge, "the header may have 8192 bytes"};
    return HeadState::Refused;
}

}  // namespace patron::net
