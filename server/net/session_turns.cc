#include "server/net/session_turns.h"

#include <cstddef>
#include <utility>

#include <boost/asio/post.hpp>

#include "server/net/http_session.h"

namespace patron::net {

void SessionTurns::answer(SessionPtr session) {
    ask_for_turn(*session);
    answering_.push_back(std::move(session));
}

void SessionTurns::read_on(SessionPtr session) {
    ask_for_turn(*session);
    reading_.push_back(std::move(session));
}

void SessionTurns::ask_for_turn(HttpSession& session) {
    if (!std::exchange(turn_is_due_, true)) {
        asio::post(session.executor(), [this] { take_turn(); });
    }
}

void SessionTurns::take_turn() {
    now_.swap(answering_);
    if (!now_.empty()) {
        now_.front()->approach_batch();
    }
    for (std::size_t i = 0; i < now_.size(); ++i) {
        if (i + 1 < now_.size()) {
            now_[i + 1]->approach_batch();
        }
        now_[i]->advance();
    }
    now_.clear();
    now_.swap(reading_);
    turn_is_due_ = false;
    for (const SessionPtr& session : now_) {
        session->read_on();
    }
    now_.clear();
}

}  // namespace patron::net
