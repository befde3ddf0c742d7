#include "tools/patron/progress.h"

#include <cstdio>

#include <unistd.h>

namespace patron::tools {
namespace {

using std::chrono::duration;
using std::chrono::steady_clock;

constexpr auto kEvery = std::chrono::milliseconds(200);

}  // namespace

Progress::Progress(std::string what, bool quiet)
    : what_(std::move(what))
    , visible_(!quiet && ::isatty(STDERR_FILENO) == 1)
    , start_(steady_clock::now())
    , shown_(start_) {}

Progress::~Progress() {
    if (visible_) {
        std::fputs("\r\x1b[K", stderr);
    }
}

void Progress::look(std::uint64_t count, std::optional<double> share) {
    const auto now = steady_clock::now();
    if (now - shown_ < kEvery) {
        return;
    }
    shown_ = now;
    const double seconds = duration<double>(now - start_).count();
    std::fprintf(
        stderr,
        "\r\x1b[K%llu %s, %.0f/s",
        static_cast<unsigned long long>(count),
        what_.c_str(),
        static_cast<double>(count) / seconds
    );
    if (share && *share > 0) {
        std::fprintf(stderr, ", %.0f %%, %.0f s left", *share * 100, seconds / *share - seconds);
    }
    std::fflush(stderr);
}

}  // namespace patron::tools
