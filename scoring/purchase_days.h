#pragma once
// The purchases of one customer, walked in ascending order: their days, and the silences between them.
//
// Shapes     `add` each, then `write` into a rollup.
// Threads    one owner at a time.
// Cost       a division per purchase; a look at the time zone per stretch of one offset.

#include <algorithm>
#include <cstdint>

#include "scoring/compiled_policy.h"
#include "scoring/rollup.h"

namespace patron::scoring {

// Purchases in ascending order, as far as their days and silences matter.
class PurchaseDays {
  public:
    PurchaseDays(const CompiledPolicy& policy, Instant confirmed_at)
        : days_(*policy.days), churned_ms_(policy.churned.days_ms), confirmed_at_(confirmed_at) {}

    void add(Instant at) {
        if (at >= stretch_.until) [[unlikely]] {
            stretch_ = days_.stretch_of(at);
            if (count_ == 0) {
                first_ = at;
                first_day_ = stretch_.day_of(at);
            }
        }
        if (at.ms >= comeback_from_) [[unlikely]] {
            comeback_ = at;
        }
        comeback_from_ = at.ms + churned_ms_;
        // Of one instant, the order comes first: such a confirmation speaks of who has just bought.
        if (confirmed_at_ >= at) [[unlikely]] {
            comeback_from_ = std::min(comeback_from_, confirmed_at_.ms + 1);
        }
        const Day day = stretch_.day_of(at);
        count_ += day != last_day_ ? 1u : 0u;
        last_day_ = day;
        last_ = at;
    }

    void write(Rollup& out) const {
        out.purchase_days = count_;
        out.first_day = first_day_;
        out.last_day = last_day_;
        out.first_purchase = first_;
        out.last_purchase = last_;
        out.comeback = comeback_;
    }

  private:
    const DayClock& days_;
    const std::int64_t churned_ms_;
    const Instant confirmed_at_;
    DayClock::Stretch stretch_;
    std::uint32_t count_ = 0;  // of days
    Day first_day_ = kNoDay;
    Day last_day_ = kNoDay;
    Instant first_ = kNever;
    Instant last_ = kLongAgo;
    Instant comeback_ = kLongAgo;
    // A purchase from here on ends a churned silence, or is the first one after a confirmed leaving.
    std::int64_t comeback_from_ = kNever.ms;
};

}  // namespace patron::scoring
