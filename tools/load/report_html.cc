#include "tools/load/report_html.h"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "server/build_info.h"
#include "tools/load/figure_text.h"
#include "tools/load/report_json.h"
#include "tools/load/report_style.h"
#include "tools/load/report_text.h"
#include "tools/load/svg_chart.h"

namespace patron::tools {
namespace {

std::string tile(std::string_view what, const std::string& figure) {
    return fmt::format("<div class=\"tile\"><b>{}</b><span>{}</span></div>\n", figure, what);
}

std::string felt_bar(const ClassResult& one) {
    const LatencyHistogram& latency = one.tally.latency;
    const FeltShares felt = felt_shares(latency);
    std::string bar;
    std::string keys;
    const auto add = [&](const char* style, const char* what, std::uint64_t count) {
        const double share =
            100 * static_cast<double>(count) / static_cast<double>(latency.count());
        if (count > 0) {
            bar += fmt::format("<i class=\"{}\" style=\"width:{:.3f}%\"></i>", style, share);
        }
        keys += fmt::format(
            "<span><i class=\"{}\"></i>{} <b>{}</b></span>\n", style, what, count_text(count)
        );
    };
    if (latency.count() == 0) {
        return "";
    }
    add("at-once", "felt as at once, below 100 ms", felt.at_once);
    add("noticed", "noticed, below 1 s", felt.noticed);
    add("interrupting", "interrupting, 1 s and more", felt.interrupting);
    return fmt::format("<div class=\"felt\">{}</div>\n<div class=\"keys\">{}</div>\n", bar, keys);
}

std::string summary_card(const ClassResult& one, bool closed) {
    const LatencyHistogram& latency = one.tally.latency;
    std::string out =
        fmt::format("<section class=\"card\"><h2>{}</h2>\n", xml_text(one.tally.name));
    const bool told = one.tally.whole.sent == 0;
    out += fmt::format(
        "<p class=\"hint\">{}</p>\n<div class=\"tiles\">\n",
        told     ? "from the instant a change was due to its arrival at a subscriber"
        : closed ? "at full load, from sending a request to the last byte of its answer"
                 : "from the instant a request was due to the last byte of its answer"
    );
    out += tile(told ? "messages a second" : "answered a second", rate_text(one.answered_rate()));
    out += tile("half of them within", time_text(latency.quantile_ns(0.5)));
    out += tile("99 of 100 within", time_text(latency.quantile_ns(0.99)));
    out += tile("999 of 1,000 within", time_text(latency.quantile_ns(0.999)));
    out += tile("the slowest took", time_text(latency.max_ns()));
    return out + "</div>\n" + (closed ? "" : felt_bar(one)) + "</section>\n";
}

std::string class_keys(const LoadResult& result) {
    std::string out = "<div class=\"keys\">";
    for (std::size_t i = 0; i < result.classes.size(); ++i) {
        const ClassTally& tally = result.classes[i].tally;
        out += fmt::format(
            "<span><i style=\"background:var(--c{})\"></i>{} <b>{}</b></span>",
            i,
            xml_text(tally.name),
            count_text(tally.latency.count())
        );
    }
    return out + "</div>\n";
}

std::string percentile_card(const LoadResult& result) {
    std::string out =
        "<section class=\"card\"><h2>How long how many waited</h2>\n<p class=\"hint\">Latency "
        "against the "
        "share of requests answered by then; every step to the right leaves a tenth as many. A "
        "line ends "
        "where its requests end.</p>\n<div class=\"wide\">";
    out += percentile_chart(result) + "</div>" + class_keys(result);
    return out + "</section>\n";
}

std::string course_card(const ClassResult& one, std::size_t colour) {
    return fmt::format(
        "<section class=\"card\"><h2>{} over time</h2><div class=\"pair\">\n"
        "<div><p class=\"hint\">answered a second{}{}</p>\n{}</div>\n"
        "<div><p class=\"hint\">latency of what was due in each second: median (solid), p99 "
        "(dashed), max "
        "(dotted)</p>\n{}</div>\n</div></section>\n",
        xml_text(one.tally.name),
        one.asked_rate ? ", asked for (dotted)" : "",
        one.tally.counted.failed() + one.tally.counted.refused + one.tally.counted.shed > 0
            ? ", failed or shed (bars)"
            : "",
        rate_chart(one, colour),
        latency_chart(one, colour)
    );
}

std::string table_row(const ClassResult& one, std::size_t colour) {
    const LatencyHistogram& latency = one.tally.latency;
    std::string out = fmt::format(
        "<tr><td><i style=\"background:var(--c{})\"></i>{}</td><td>{}</td><td>{}</td>",
        colour,
        xml_text(one.tally.name),
        one.asked_rate ? rate_text(*one.asked_rate) : "-",
        rate_text(one.answered_rate())
    );
    for (const double q : {0.5, 0.9, 0.99, 0.999, 0.9999}) {
        out += fmt::format("<td>{}</td>", time_text(latency.quantile_ns(q)));
    }
    out += fmt::format(
        "<td>{}</td><td>{}</td>", time_text(latency.max_ns()), time_text(latency.mean_ns())
    );
    out += fmt::format("<td>{}</td>", time_text(one.tally.lag.quantile_ns(0.99)));
    const std::uint64_t errors = one.tally.errors();
    return out + fmt::format(
                     "<td>{}</td><td{}>{}</td></tr>\n",
                     count_text(one.tally.counted.shed),
                     errors > 0 ? " class=\"bad\"" : "",
                     count_text(errors)
                 );
}

std::string table_card(const LoadResult& result) {
    std::string out =
        "<section class=\"card\"><h2>Figures</h2><div "
        "class=\"wide\"><table>\n<tr><th>class</th><th>asked/s</th>"
        "<th>answered/s</th><th>p50</th><th>p90</th><th>p99</th><th>p99.9</th><th>p99.99</"
        "th><th>max</th>"
        "<th>mean</th><th>send lag p99</th><th>shed</th><th>errors</th></tr>\n";
    for (std::size_t i = 0; i < result.classes.size(); ++i) {
        out += table_row(result.classes[i], i);
    }
    out += "</table></div>\n";
    for (const ClassResult& one : result.classes) {
        if (!one.tally.first_wrong.empty()) {
            out += fmt::format(
                "<p class=\"hint\">The first of what went wrong with {}: {}</p>\n",
                xml_text(one.tally.name),
                xml_text(one.tally.first_wrong)
            );
        }
    }
    if (result.feed) {
        const FeedCounts& counts = result.feed->counts;
        out += fmt::format(
            "<p class=\"hint\">{} subscribers heard {} messages of {} changes; {} left out for "
            "newer ones, {} "
            "gaps, {} ended by the server.</p>\n",
            count_text(result.feed->subscribers),
            count_text(counts.messages),
            count_text(counts.changes),
            count_text(counts.conflated),
            count_text(counts.gaps),
            count_text(counts.ended)
        );
    }
    return out + "</section>\n";
}

std::string options_card(const LoadResult& result) {
    std::string out =
        "<section class=\"card\"><details><summary>Everything that was asked for</summary><dl>\n";
    for (const auto& [name, value] : load_options_json(result.options)) {
        const std::string text =
            value.is_string() ? std::string(value.get_string()) : plain_json(value);
        out += fmt::format(
            "<div><dt>{}</dt><dd>{}</dd></div>\n",
            xml_text(name),
            text.empty() ? "-" : xml_text(text)
        );
    }
    return out + "</dl></details></section>\n";
}

}  // namespace

std::string report_html(const LoadResult& result) {
    const std::string server = server_sentence(result);
    std::string out = fmt::format(
        "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n"
        "<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" content=\"width=device-width, "
        "initial-scale=1\"/>\n"
        "<title>patron load: {}</title>\n<style>{}</style>\n</head>\n<body><main>\n",
        mode_name(result.options.mode),
        kReportStyle
    );
    out += fmt::format(
        "<h1>{}</h1>\n<p>{}</p>\n<p class=\"sub\">{} &#183; patron load {}{}</p>\n",
        xml_text(result.options.to),
        xml_text(load_sentence(result.options)),
        instant_text(result.started_ms),
        server::kVersion,
        server.empty() ? "" : " &#183; server " + xml_text(server)
    );
    for (const std::string& warning : result.warnings()) {
        out += fmt::format("<p class=\"note\">{}</p>\n", xml_text(warning));
    }
    for (const ClassResult& one : result.classes) {
        out += summary_card(one, result.options.closed);
    }
    out += percentile_card(result);
    for (std::size_t i = 0; i < result.classes.size(); ++i) {
        out += course_card(result.classes[i], i);
    }
    return out + table_card(result) + options_card(result) + "</main></body>\n</html>\n";
}

}  // namespace patron::tools
