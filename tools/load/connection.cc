#include "tools/load/connection.h"

#include <cerrno>
#include <cstring>

#include <sys/socket.h>
#include <unistd.h>

namespace patron::tools {

void Connection::begin(int new_socket) {
    socket = new_socket;
    state = State::Connecting;
    error_ = 0;
}

void Connection::opened(std::int64_t now_ns) {
    state = State::Open;
    free_since_ns = now_ns;
    served = false;
    in_.resize(kInBytes);
}

void Connection::close() {
    if (socket >= 0) {
        ::close(socket);
    }
    socket = -1;
    state = State::Down;
    out.clear();
    out_done_ = 0;
    in_used_ = 0;
    in_size_ = 0;
    unsent_ = 0;
    watches_room = false;
    reader_.reset();
}

Connection::Flow Connection::send_rest() {
    while (out_done_ < out.size()) {
        const ssize_t sent =
            ::send(socket, out.data() + out_done_, out.size() - out_done_, MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno == EAGAIN) {
                return Flow::Blocked;
            }
            error_ = errno;
            return Flow::Ended;
        }
        out_done_ += static_cast<std::size_t>(sent);
    }
    out.clear();
    out_done_ = 0;
    return Flow::Done;
}

Connection::Flow Connection::receive() {
    const ssize_t got = ::recv(socket, in_.data() + in_size_, in_.size() - in_size_, 0);
    if (got > 0) {
        in_size_ += static_cast<std::size_t>(got);
        return Flow::Done;
    }
    if (got < 0 && errno == EAGAIN) {
        return Flow::Blocked;
    }
    error_ = got < 0 ? errno : 0;
    return Flow::Ended;
}

Answer Connection::next() {
    const Answer answer = reader_.read({in_.data() + in_used_, in_size_ - in_used_});
    in_used_ += answer.used;
    return answer;
}

void Connection::compact() {
    std::memmove(in_.data(), in_.data() + in_used_, in_size_ - in_used_);
    in_size_ -= in_used_;
    in_used_ = 0;
}

}  // namespace patron::tools
