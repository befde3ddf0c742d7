#include "server/end_signals.h"

#include <cstring>
#include <string>

#include <unistd.h>

#include "server/start_error.h"

namespace patron::server {

EndSignals::EndSignals() {
    std::signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    if (const int error = pthread_sigmask(SIG_BLOCK, &set_, nullptr); error != 0) {
        throw StartError(
            ExitCode::OsError, std::string("cannot hold back signals: ") + std::strerror(error)
        );
    }
}

int EndSignals::wait() const {
    int signal = 0;
    while (sigwait(&set_, &signal) != 0) {
    }
    return signal;
}

void EndSignals::raise() const {
    kill(getpid(), SIGTERM);
}

void EndSignals::release() const {
    pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
}

}  // namespace patron::server
