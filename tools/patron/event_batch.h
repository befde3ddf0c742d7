#pragma once
// What one request carries, and what its answer says about it.
//
// Errors     read_ingest_answer: the reason why the body is not what the API promises.
// Threads    values.

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "tools/patron/refusal.h"

namespace patron::tools {

struct SentBatch {
    std::string body;                 // NDJSON
    std::vector<std::size_t> starts;  // of each line in `body`
    std::vector<std::uint64_t> places;

    std::string_view line(std::size_t index) const {
        const std::size_t end = index + 1 < starts.size() ? starts[index + 1] : body.size();
        std::string_view text = std::string_view(body).substr(starts[index], end - starts[index]);
        text.remove_suffix(text.ends_with('\n') ? 1 : 0);
        return text;
    }
};

struct RejectedItem {
    std::size_t index = 0;
    Refusal refusal;
};

struct IngestAnswer {
    std::uint64_t accepted = 0;
    std::uint64_t duplicates = 0;
    std::vector<RejectedItem> rejected;
};

std::expected<IngestAnswer, std::string> read_ingest_answer(std::string_view body);

// The detail of a problem+json answer; the start of the body for anything else.
std::string problem_detail(std::string_view body);

}  // namespace patron::tools
