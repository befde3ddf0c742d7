#include "bench/e2e/change_load.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <numeric>

#include <poll.h>
#include <unistd.h>

#include "bench/e2e/sockets.h"

namespace patron::bench {
namespace {

constexpr std::uint64_t kSerialsPerMs = 100'000;  // more than the load says
constexpr std::uint64_t kSerialMsMax = 1'000'000'000;
constexpr std::uint32_t kPreparedPerBody = 5'000;
constexpr std::size_t kReadBytes = 16 * 1024;
constexpr int kSilenceMsMax = 30'000;

constexpr std::string_view kSet =
    R"({"id":"e00000000000001","type":"override","customer":"C00000000","at":0000000000002,)"
    R"("mode":"pin","tier":"gold","by":"bench","reason":"load"})"
    "\n";
constexpr std::string_view kLift =
    R"({"id":"e00000000000001","type":"override","customer":"C00000000","at":0000000000002,)"
    R"("mode":"clear","by":"bench","reason":"load"})"
    "\n";

std::int64_t unix_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::uint64_t stride_for(std::uint64_t customers) {
    std::uint64_t stride = customers * 5 / 8 + 1;
    while (std::gcd(stride, customers) != 1) {
        ++stride;
    }
    return stride;
}

}  // namespace

std::int64_t steady_ns() {
    using namespace std::chrono;
    return duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count();
}

ChangeLoad::ChangeLoad(std::uint16_t port, std::uint32_t customers)
    : socket_(connect_to_loopback(port))
    , set_(kSet)
    , lift_(kLift)
    , due_ns_(customers)
    , stride_(stride_for(customers))
    , serial_(static_cast<std::uint64_t>(unix_ms()) % kSerialMsMax * kSerialsPerMs) {}

ChangeLoad::~ChangeLoad() {
    close(socket_);
}

void ChangeLoad::prepare() {
    lifting_ = true;
    for (std::size_t left = due_ns_.size(); left != 0;) {
        const auto count =
            static_cast<std::uint32_t>(std::min<std::size_t>(left, kPreparedPerBody));
        post(count, 0);
        left -= count;
        while (!unanswered_.empty()) {
            answer_awaited();
        }
    }
    posted_ = 0;
}

void ChangeLoad::answer_awaited() {
    pollfd watched{socket_, static_cast<short>(wants_room() ? POLLIN | POLLOUT : POLLIN), 0};
    if (checked(poll(&watched, 1, kSilenceMsMax), "poll") == 0) {
        fail("no answer for 30 seconds");
    }
    go_on();
}

void ChangeLoad::post(std::uint32_t count, std::int64_t due_ns) {
    const std::int64_t now_ms = unix_ms();
    std::string body;
    for (std::uint32_t i = 0; i < count; ++i) {
        const FactPiece& piece = lifting_ ? lift_ : set_;
        const std::size_t at = body.size();
        body += piece.text();
        const auto customer = static_cast<std::uint32_t>(place_ * stride_ % due_ns_.size());
        piece.write(body.data() + at, {customer, 0, serial_++, now_ms});
        due_ns_[customer] = due_ns;
        if (++place_ == due_ns_.size()) {
            place_ = 0;
            lifting_ = !lifting_;
        }
    }
    out_ +=
        "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
        "Content-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body;
    unanswered_.push_back(count);
    posted_ += count;
    send_rest();
}

void ChangeLoad::go_on() {
    send_rest();
    take_answers();
}

void ChangeLoad::send_rest() {
    while (out_done_ < out_.size()) {
        const ssize_t sent =
            send(socket_, out_.data() + out_done_, out_.size() - out_done_, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) {
            return;
        }
        out_done_ += static_cast<std::size_t>(checked(sent, "send"));
    }
    out_.clear();
    out_done_ = 0;
}

void ChangeLoad::take_answers() {
    std::array<char, kReadBytes> bytes;
    const ssize_t got = recv(socket_, bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EAGAIN) {
        return;
    }
    if (checked(got, "recv") == 0) {
        fail("the server closed the connection of the load");
    }
    in_.append(bytes.data(), static_cast<std::size_t>(got));
    std::size_t used = 0;
    while (used < in_.size()) {
        const HttpAnswer answer = answers_.take(std::string_view(in_).substr(used));
        if (answer.bytes == 0) {
            break;
        }
        check(answer);
        used += answer.bytes;
    }
    in_.erase(0, used);
}

void ChangeLoad::check(const HttpAnswer& answer) {
    if (unanswered_.empty()) {
        fail("more answers than questions");
    }
    const std::string expected =
        R"({"accepted":)" + std::to_string(unanswered_.front()) + R"(,"duplicates":0,)";
    unanswered_.pop_front();
    if (answer.status != 200 || !answer.body.starts_with(expected)) {
        fail(("wrong answer: " + std::string(answer.body)).c_str());
    }
}

}  // namespace patron::bench
