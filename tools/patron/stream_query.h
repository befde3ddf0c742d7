#pragma once
// What a listener asks for, as the target of GET /v1/stream.
//
// Shapes     lists joined by commas, each value percent-encoded; nothing for what was not given.
// Threads    pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patron::tools {

struct StreamWish {
    std::vector<std::string> topics;
    std::vector<std::string> tiers;
    std::vector<std::string> bands;
    std::vector<std::string> lifecycles;
    std::vector<std::string> customers;
    std::vector<std::string> regions;
    std::vector<std::string> industries;
    std::vector<std::string> owners;
    std::vector<std::string> tags;
    std::optional<double> min_risk_change;
    std::optional<std::int64_t> stats_ms;
    std::string cursor;
    bool snapshot = false;
};

std::string stream_target(const StreamWish& wish);

// The words of the flags of one list: "A,B"; a comma that belongs to a word is written "\,". Empty ones are
// left out.
std::vector<std::string> split_words(const std::vector<std::string>& given);

}  // namespace patron::tools
