#pragma once
// The two signals that end the server, kept from every thread and taken one by one.
//
// Order      made before any thread starts: threads inherit the mask.
// Errors     StartError (OsError).
// Blocking   `wait`.
// Threads    made, waited for and released by the main thread; `raise` from any.

#include <csignal>

namespace patron::server {

class EndSignals {
  public:
    EndSignals();
    int wait() const;
    // The end from within: `wait` returns.
    void raise() const;
    // From here on a signal ends the process at once.
    void release() const;

  private:
    sigset_t set_{};
};

}  // namespace patron::server
