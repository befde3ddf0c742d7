#pragma once
// The sessions that have something to do together: those whose requests came with the same wake-up are
// answered in one go, and only then do they read on.
//
// Order      a session's index entries were fetched while it was parsed; its records are fetched while
//            the session before it is answered: two memory accesses that depend on each other are each
//            under way while something else is done. No session reads before all are answered: a read
//            right after a write finds nothing.
// Threads    the I/O thread of its host.
// Owns       references to the sessions, until their turn is over.
// Cost       one handler posted for all sessions of a turn; no allocation once warm.

#include <vector>

#include <boost/smart_ptr/intrusive_ptr.hpp>

namespace patron::net {

class HttpSession;
void intrusive_ptr_add_ref(HttpSession* session) noexcept;
void intrusive_ptr_release(HttpSession* session) noexcept;
using SessionPtr = boost::intrusive_ptr<HttpSession>;

class SessionTurns {
  public:
    // Each session at most once per turn.
    void answer(SessionPtr session);
    void read_on(SessionPtr session);

  private:
    void ask_for_turn(HttpSession& session);
    void take_turn();

    std::vector<SessionPtr> answering_;
    std::vector<SessionPtr> reading_;
    std::vector<SessionPtr> now_;  // those that take_turn works on
    bool turn_is_due_ = false;
};

}  // namespace patron::net
