#pragma once
// One keep-alive HTTP/1.1 connection to a Patron, for the commands.
//
// Shapes     `post` sends one request and waits for its answer; after a failure the next one
// connects
//            again.
// Bounds     answers of at most 8 MiB; `deadline` for connecting, sending and receiving each.
// Errors     parse_server_url: StartError (Usage). post: the reason why no answer came.
// Blocking   `post`.
// Threads    one owner.

#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace patron::tools {

struct ServerUrl {
    std::string host;
    std::string port;
    std::string prefix;  // path before /v1, without a slash at its end

    std::string text() const;
};

// "http://127.0.0.1:8080", "http://[::1]:8080/shop".
ServerUrl parse_server_url(std::string_view url);

struct HttpAnswer {
    unsigned status = 0;
    std::optional<std::chrono::seconds> retry_after;
    std::string body;
};

class HttpClient {
  public:
    explicit HttpClient(ServerUrl url, std::chrono::seconds deadline = std::chrono::seconds(60));
    ~HttpClient();
    HttpClient(HttpClient&&) noexcept;

    std::expected<HttpAnswer, std::string> post(
        std::string_view target, std::string_view content_type, std::string_view body
    );

  private:
    struct Connection;
    std::unique_ptr<Connection> connection_;
};

}  // namespace patron::tools
