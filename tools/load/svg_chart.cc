#include "tools/load/svg_chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "tools/load/figure_text.h"

namespace patron::tools {
namespace {

struct Frame {
    double width = 0;
    double height = 0;
    double left = 58;
    double right = 30;
    double top = 14;
    double bottom = 34;

    double x(double share) const { return left + share * (width - left - right); }
    double y(double share) const { return height - bottom - share * (height - top - bottom); }
};

std::string svg_begin(const Frame& frame, std::string_view label) {
    return fmt::format(
        "<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{}\">\n",
        frame.width,
        frame.height,
        xml_text(label)
    );
}

std::string y_tick(const Frame& frame, double share, const std::string& text) {
    return fmt::format(
        "<line class=\"grid\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>"
        "<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n",
        frame.x(0),
        frame.x(1),
        frame.y(share),
        frame.y(share),
        frame.x(0) - 8,
        frame.y(share) + 4,
        text
    );
}

std::string x_tick(const Frame& frame, double share, const std::string& text) {
    return fmt::format(
        "<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1:.1f}\" y2=\"{2:.1f}\"/>"
        "<text class=\"tick\" x=\"{0:.1f}\" y=\"{3:.1f}\" text-anchor=\"middle\">{4}</text>\n",
        frame.x(share),
        frame.y(0),
        frame.y(1),
        frame.y(0) + 18,
        text
    );
}

// Latencies on a logarithmic axis from a power of ten to 1, 2 or 5 times one.
class LogScale {
  public:
    LogScale(std::int64_t low_ns, std::int64_t high_ns)
        : low_(std::floor(std::log10(static_cast<double>(std::max<std::int64_t>(low_ns, 1000)))))
        , high_(round_up(static_cast<double>(std::max<std::int64_t>(high_ns, 1001)))) {
        high_ = std::max(high_, low_ + 1);
    }

    double share(std::int64_t ns) const {
        const double at = std::log10(static_cast<double>(std::max<std::int64_t>(ns, 1)));
        return std::clamp((at - low_) / (high_ - low_), 0.0, 1.0);
    }
    std::string ticks(const Frame& frame) const {
        std::string out;
        for (double decade = low_; decade <= high_ + kSlack; ++decade) {
            for (const double step : {1.0, 2.0, 5.0}) {
                const double ns = step * std::pow(10, decade);
                const bool shown = step == 1.0 || high_ - low_ <= kFewDecades;
                if (shown && std::log10(ns) <= high_ + kSlack) {
                    out += y_tick(frame, share(std::llround(ns)), tick_text(ns));
                }
            }
        }
        return out;
    }

  private:
    static constexpr double kSlack = 1e-9;
    static constexpr double kFewDecades = 2.5;

    static double round_up(double ns) {
        const double decade = std::floor(std::log10(ns));
        for (const double step : {1.0, 2.0, 5.0}) {
            if (step * std::pow(10, decade) >= ns) {
                return std::log10(step) + decade;
            }
        }
        return decade + 1;
    }
    static std::string tick_text(double ns) {
        constexpr std::array<const char*, 4> kUnits{"ns", "\u00B5s", "ms", "s"};
        std::size_t unit = 0;
        while (unit + 1 < kUnits.size() && ns >= 999.5) {
            ns /= 1000;
            ++unit;
        }
        return fmt::format("{:.0f} {}", ns, kUnits[unit]);
    }

    double low_;
    double high_;
};

// Rates from 0, with a few round steps.
class RateScale {
  public:
    explicit RateScale(double high) {
        const double rough = std::max(high, 1.0) / kSteps;
        const double decade = std::pow(10, std::floor(std::log10(rough)));
        step_ = 10 * decade;
        for (const double times : {1.0, 2.0, 2.5, 5.0}) {
            if (times * decade >= rough) {
                step_ = times * decade;
                break;
            }
        }
        high_ = step_ * std::ceil(std::max(high, 1.0) * 1.02 / step_);
    }
    double share(double rate) const { return rate / high_; }
    std::string ticks(const Frame& frame) const {
        std::string out;
        for (double rate = 0; rate <= high_ * 1.0001; rate += step_) {
            out += y_tick(frame, share(rate), rate_text(rate));
        }
        return out;
    }

  private:
    static constexpr double kSteps = 4;
    double step_ = 1;
    double high_ = 1;
};

std::string points_text(const std::vector<std::pair<double, double>>& points) {
    std::string out;
    for (const auto& [x, y] : points) {
        out += fmt::format("{}{:.1f},{:.1f}", out.empty() ? "" : " ", x, y);
    }
    return out;
}

// ---- percentiles ----

constexpr double kNinesMax = 5;  // 99.999 %
constexpr int kPointsPerNine = 60;

double share_at_nines(double nines) {
    return 1 - std::pow(10, -nines);
}

std::string percentile_line(
    const ClassResult& one, std::size_t colour, const Frame& frame, const LogScale& scale
) {
    const LatencyHistogram& latency = one.tally.latency;
    const double nines_end = std::min(
        std::log10(static_cast<double>(std::max<std::uint64_t>(latency.count(), 1))), kNinesMax
    );
    const auto point = [&](double nines) {
        const std::int64_t ns = latency.quantile_ns(share_at_nines(nines));
        return std::pair(frame.x(nines / kNinesMax), frame.y(scale.share(ns)));
    };
    std::vector<std::pair<double, double>> points;
    for (int i = 0; i / double{kPointsPerNine} < nines_end; ++i) {
        points.push_back(point(i / double{kPointsPerNine}));
    }
    const double x_end = frame.x(nines_end / kNinesMax);
    const double y_end = frame.y(scale.share(latency.max_ns()));
    points.emplace_back(x_end, y_end);
    std::string out = fmt::format(
        "<polyline class=\"line\" data-class=\"{}\" style=\"stroke:var(--c{})\" points=\"{}\"/>\n",
        xml_text(one.tally.name),
        colour,
        points_text(points)
    );
    out += fmt::format(
        "<text class=\"end\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\" "
        "style=\"fill:var(--c{})\">{} "
        "max {}</text>\n",
        x_end,
        y_end - 9,
        colour,
        xml_text(one.tally.name),
        time_text(latency.max_ns())
    );
    for (const double nines : {std::log10(2.0), 1.0, 2.0, 3.0, 4.0, 5.0}) {
        if (nines <= nines_end) {
            const auto [x, y] = point(nines);
            out += fmt::format(
                "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\" "
                "style=\"fill:var(--c{})\"><title>{}: {:.6g} % "
                "within {}</title></circle>\n",
                x,
                y,
                colour,
                xml_text(one.tally.name),
                100 * share_at_nines(nines),
                time_text(latency.quantile_ns(share_at_nines(nines)))
            );
        }
    }
    return out;
}

std::string percentile_ticks(const Frame& frame) {
    const std::array<std::pair<double, const char*>, 7> ticks{
        {{0, "0 %"},
         {std::log10(2.0), "50 %"},
         {1, "90 %"},
         {2, "99 %"},
         {3, "99.9 %"},
         {4, "99.99 %"},
         {5, "99.999 %"}}
    };
    std::string out;
    for (const auto& [nines, text] : ticks) {
        out += x_tick(frame, nines / kNinesMax, text);
    }
    return out;
}

// ---- over time ----

struct Course {
    const ClassTally& tally;
    Frame frame{.width = 560, .height = 230};

    std::size_t slots() const { return tally.slots.size(); }
    double slot_s() const { return static_cast<double>(tally.window.slot_ns()) / 1e9; }
    double x(std::size_t slot) const {
        return frame.x((static_cast<double>(slot) + 0.5) / static_cast<double>(slots()));
    }
};

std::string time_ticks(const Course& course) {
    constexpr double kTicks = 8;
    const double seconds = static_cast<double>(course.slots()) * course.slot_s();
    double step = 1;
    for (const double next :
         {1., 2., 5., 10., 20., 30., 60., 120., 300., 600., 1800., 3600., 21600., 86400.}) {
        step = next;
        if (seconds / next <= kTicks) {
            break;
        }
    }
    std::string out;
    for (double at = 0; at <= seconds; at += step) {
        out += x_tick(course.frame, at / seconds, fmt::format("{:g} s", at));
    }
    return out;
}

// A line through the slots; broken where `value` has nothing to say (below 0).
template <class Value>
std::string course_line(const Course& course, const std::string& style, Value value) {
    std::string path;
    bool drawing = false;
    for (std::size_t i = 0; i < course.slots(); ++i) {
        const double share = value(course.tally.slots[i]);
        if (share >= 0) {
            path += fmt::format(
                "{}{:.1f} {:.1f}",
                drawing        ? " L"
                : path.empty() ? "M"
                               : " M",
                course.x(i),
                course.frame.y(share)
            );
            // A dot of its own where neighbours are missing.
            path +=
                drawing ? "" : fmt::format(" L{:.1f} {:.1f}", course.x(i), course.frame.y(share));
        }
        drawing = share >= 0;
    }
    return path.empty()
               ? ""
               : fmt::format("<path class=\"line\" style=\"{}\" d=\"{}\"/>\n", style, path);
}

// Says a second's figures where the mouse rests.
std::string hover_areas(const Course& course) {
    constexpr std::size_t kSlotsMax = 900;
    std::string out;
    if (course.slots() > kSlotsMax) {
        return out;
    }
    const double width =
        (course.frame.x(1) - course.frame.x(0)) / static_cast<double>(course.slots());
    for (std::size_t i = 0; i < course.slots(); ++i) {
        const LoadSlot& slot = course.tally.slots[i];
        out += fmt::format(
            "<rect class=\"hover\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
            "height=\"{:.1f}\"><title>from {:g} "
            "s: {} sent, {} answered, {} failed; due then: p50 {}, p99 {}, max {}</title></rect>\n",
            course.x(i) - width / 2,
            course.frame.y(1),
            width,
            course.frame.y(0) - course.frame.y(1),
            static_cast<double>(i) * course.slot_s(),
            count_text(slot.sent),
            count_text(slot.answered),
            count_text(slot.failed),
            time_text(slot.latency.quantile_ns(0.5)),
            time_text(slot.latency.quantile_ns(0.99)),
            time_text(slot.latency.max_ns())
        );
    }
    return out;
}

std::string failed_bars(const Course& course, const RateScale& scale) {
    const double width =
        0.8 * (course.frame.x(1) - course.frame.x(0)) / static_cast<double>(course.slots());
    std::string out;
    for (std::size_t i = 0; i < course.slots(); ++i) {
        const double rate = static_cast<double>(course.tally.slots[i].failed) / course.slot_s();
        if (rate > 0) {
            const double top = course.frame.y(std::min(scale.share(rate), 1.0));
            out += fmt::format(
                "<rect class=\"failed\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
                "height=\"{:.1f}\"/>\n",
                course.x(i) - width / 2,
                std::min(top, course.frame.y(0) - 1),
                width,
                std::max(course.frame.y(0) - top, 1.0)
            );
        }
    }
    return out;
}

}  // namespace

std::string xml_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
    }
    return out;
}

std::string percentile_chart(const LoadResult& result) {
    const Frame frame{.width = 1160, .height = 420, .top = 24};
    std::int64_t low = INT64_MAX;
    std::int64_t high = 0;
    for (const ClassResult& one : result.classes) {
        if (one.tally.latency.count() > 0) {
            low = std::min(low, one.tally.latency.min_ns());
            high = std::max(high, one.tally.latency.max_ns());
        }
    }
    const LogScale scale(low == INT64_MAX ? 1 : low, high);
    std::string out =
        svg_begin(frame, "latency by percentile") + scale.ticks(frame) + percentile_ticks(frame);
    for (std::size_t i = 0; i < result.classes.size(); ++i) {
        out += percentile_line(result.classes[i], i, frame, scale);
    }
    return out + "</svg>\n";
}

std::string rate_chart(const ClassResult& one, std::size_t colour) {
    const Course course{one.tally};
    double high = one.asked_rate.value_or(0);
    for (const LoadSlot& slot : one.tally.slots) {
        high = std::max(
            high, static_cast<double>(std::max(slot.answered, slot.sent)) / course.slot_s()
        );
    }
    const RateScale scale(high);
    std::string out = svg_begin(course.frame, one.tally.name + ": answers a second") +
                      scale.ticks(course.frame) + time_ticks(course) + failed_bars(course, scale);
    if (one.asked_rate) {
        out += fmt::format(
            "<line class=\"asked\" x1=\"{0:.1f}\" x2=\"{1:.1f}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\"/>\n",
            course.frame.x(0),
            course.frame.x(1),
            course.frame.y(scale.share(*one.asked_rate))
        );
    }
    out += course_line(course, fmt::format("stroke:var(--c{})", colour), [&](const LoadSlot& slot) {
        return scale.share(static_cast<double>(slot.answered) / course.slot_s());
    });
    return out + hover_areas(course) + "</svg>\n";
}

std::string latency_chart(const ClassResult& one, std::size_t colour) {
    const Course course{one.tally};
    std::int64_t low = INT64_MAX;
    std::int64_t high = 0;
    for (const LoadSlot& slot : one.tally.slots) {
        if (slot.latency.count() > 0) {
            low = std::min(low, slot.latency.quantile_ns(0.5));
            high = std::max(high, slot.latency.max_ns());
        }
    }
    const LogScale scale(low == INT64_MAX ? 1 : low, high);
    std::string out = svg_begin(course.frame, one.tally.name + ": latency second by second") +
                      scale.ticks(course.frame) + time_ticks(course);
    const auto line = [&](const char* opacity, const char* dashes, auto value) {
        const std::string style = fmt::format(
            "stroke:var(--c{});stroke-opacity:{};stroke-dasharray:{}", colour, opacity, dashes
        );
        out += course_line(course, style, [&](const LoadSlot& slot) {
            return slot.latency.count() == 0 ? -1.0 : scale.share(value(slot.latency));
        });
    };
    line("0.55", "2 4", [](const LatencyHistogram& h) { return h.max_ns(); });
    line("0.75", "7 4", [](const LatencyHistogram& h) { return h.quantile_ns(0.99); });
    line("1", "none", [](const LatencyHistogram& h) { return h.quantile_ns(0.5); });
    return out + hover_areas(course) + "</svg>\n";
}

}  // namespace patron::tools
