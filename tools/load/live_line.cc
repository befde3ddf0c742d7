#include "tools/load/live_line.h"

#include <cstdio>
#include <string>

#include <fmt/format.h>
#include <unistd.h>

#include "tools/load/figure_text.h"

namespace patron::tools {

LiveLine::LiveLine(const LoadOptions& options)
    : terminal_(::isatty(STDERR_FILENO) == 1)
    , visible_(!options.quiet && (terminal_ || options.progress))
    , whole_s_(options.warmup_s + options.duration_s) {}

LiveLine::~LiveLine() {
    if (visible_ && terminal_) {
        std::fputs("\r\x1b[K", stderr);
    }
}

void LiveLine::show(const std::vector<LiveFigures>& figures) {
    if (!visible_) {
        return;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun_;
    std::string line = fmt::format("{:.0f} of {:.0f} s", took.count(), whole_s_);
    for (const LiveFigures& one : figures) {
        line += fmt::format(" | {}", one.name);
        if (one.sent > 0) {
            line += fmt::format(" sent {}", count_text(one.sent));
        }
        line += fmt::format(
            " answered {} {}/s p50 {} p99 {}",
            count_text(one.answered),
            count_text(one.recent.count()),
            time_text(one.recent.quantile_ns(0.5)),
            time_text(one.recent.quantile_ns(0.99))
        );
        if (one.waiting > 0) {
            line += fmt::format(" waiting {}", count_text(one.waiting));
        }
        if (one.errors > 0) {
            line += fmt::format(" errors {}", count_text(one.errors));
        }
    }
    std::fprintf(stderr, terminal_ ? "\r\x1b[K%s" : "%s\n", line.c_str());
    std::fflush(stderr);
}

}  // namespace patron::tools
