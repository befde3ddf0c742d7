#pragma once
// The first crossings of a forecast's list, kept while all of them pass by.
//
// Order      by instant, customer and crossing; those up to where the page before ended are left out.
// Bounds     `keep` rows.
// Threads    one owner at a time.
// Cost       a comparison for a row that stays out, log(keep) for one that comes in.

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "server/wire/crossing.h"
#include "server/wire/forecast_encoder.h"

namespace patron::endpoints {

// Where a page ended, and until when the first page looked.
struct ForecastCursor {
    scoring::Instant until;
    scoring::Instant at;
    wire::Crossing crossing;
    std::string id;
    bool operator==(const ForecastCursor&) const = default;
};

// base64url; nothing for text that no cursor of ours is.
std::string encode_cursor(const ForecastCursor& cursor);
std::optional<ForecastCursor> decode_forecast_cursor(std::string_view text);

class ForecastRows {
    template <class Any>
    static auto key(const Any& row) {
        return std::tuple(row.at, std::string_view(row.id), row.crossing);
    }

  public:
    struct Row {
        std::string id;
        scoring::Instant at;
        wire::Crossing crossing;
        scoring::Money spend;
    };

    // `after` outlives it; nullptr: from the first.
    ForecastRows(const ForecastCursor* after, std::size_t keep) : after_(after), keep_(keep) {}

    void offer(const wire::ForecastRow& row) {
        if (after_ != nullptr && !(key(*after_) < key(row))) {
            return;
        }
        if (heap_.size() == keep_) {
            if (!(key(row) < key(heap_.front()))) {
                return;
            }
            std::ranges::pop_heap(heap_, earlier);
            heap_.pop_back();
        }
        heap_.push_back({std::string(row.id), row.at, row.crossing, row.spend});
        std::ranges::push_heap(heap_, earlier);
    }

    void offer_all(const ForecastRows& other) {
        for (const Row& row : other.heap_) {
            offer({row.id, row.at, row.crossing, row.spend});
        }
    }

    std::vector<Row> sorted() && {
        std::ranges::sort(heap_, earlier);
        return std::move(heap_);
    }

  private:
    static bool earlier(const Row& a, const Row& b) { return key(a) < key(b); }

    const ForecastCursor* after_;
    std::size_t keep_;
    std::vector<Row> heap_;  // the last of them in front
};

}  // namespace patron::endpoints
