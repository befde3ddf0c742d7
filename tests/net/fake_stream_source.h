#pragma once
// A stream source of which the test owns everything: customers by place, each with a tier, whose changes
// go into a feed of a size of the test's choice.
//
// Shapes     customer n is "cn" and lives at {n % kPartitions, n / kPartitions}; what can change of him is the
//            tier, the band and whether he exists.
// Threads    all members from any thread; pictures are answered at once, or when the test says so.

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/net/stream_source.h"
#include "server/wire/policy_presets.h"

namespace patron::net {

class FakeStreamSource final : public StreamSource {
  public:
    static constexpr std::uint64_t kEpoch = 0xABC;
    static constexpr std::uint32_t kPartitions = 3;
    using Bounds = store::ChangeFeed::Bounds;

    explicit FakeStreamSource(Bounds bounds = {262'144, 128U << 20})
        : policy_(scoring::compile(wire::default_policy({}), {}))
        , texts_(*policy_)
        , feed_(kEpoch, bounds) {}

    // A customer's next tier; nullopt erases him. What does not change anything is not told.
    struct Move {
        std::uint32_t customer = 0;
        std::optional<std::uint8_t> tier;
    };
    void move(const std::vector<Move>& moves) {
        const std::lock_guard lock(mutex_);
        std::vector<store::Change> changes;
        for (const Move& move : moves) {
            add_change(changes, move);
        }
        feed_.append(std::move(changes));
    }
    void move(std::uint32_t customer, std::optional<std::uint8_t> tier) {
        move({{customer, tier}});
    }

    // Tiers by customer id, in JSON without quotes.
    std::map<std::string, std::string> tiers() {
        const std::lock_guard lock(mutex_);
        std::map<std::string, std::string> out;
        for (const auto& [place, visible] : customers_) {
            const std::string_view quoted = texts_.tier(visible.tier);
            out[id_of(place)] = quoted.substr(1, quoted.size() - 2);
        }
        return out;
    }

    void hold_pictures(bool hold) { hold_ = hold; }
    std::size_t held_pictures() {
        const std::lock_guard lock(mutex_);
        return held_.size();
    }
    // True if a page among them was not the last.
    bool answer_pictures() {
        bool more = false;
        for (store::PictureQuestion& question : take_held()) {
            more = answer(std::move(question)) || more;
        }
        return more;
    }
    void drop_pictures() { take_held(); }

    store::ChangeFeed& changes() override { return feed_; }
    const scoring::CompiledPolicy& policy() override { return *policy_; }
    const wire::PolicyTexts& texts(const scoring::CompiledPolicy&) override { return texts_; }
    std::uint64_t seq() override { return seq_; }
    scoring::Instant now() override { return {1'771'000'000'000}; }

    std::optional<store::Fault> picture(store::PictureQuestion question) override {
        if (!hold_) {
            answer(std::move(question));
            return std::nullopt;
        }
        const std::lock_guard lock(mutex_);
        held_.push_back(std::move(question));
        return std::nullopt;
    }
    std::optional<store::Fault> count(std::move_only_function<void(store::LiveCounts)> done
    ) override {
        store::LiveCounts counts;
        {
            const std::lock_guard lock(mutex_);
            counts.customers = customers_.size();
            counts.tiers.resize(policy_->policy.tiers.size());
            for (const auto& [place, visible] : customers_) {
                ++counts.tiers[visible.tier];
            }
        }
        counts.policy = policy_.get();
        done(std::move(counts));
        return std::nullopt;
    }

  private:
    static store::RowPlace place_of(std::uint32_t customer) {
        return {customer % kPartitions, customer / kPartitions};
    }
    static std::string id_of(store::RowPlace place) {
        return "c" + std::to_string(place.row * kPartitions + place.partition);
    }

    void add_change(std::vector<store::Change>& changes, const Move& move) {
        const store::RowPlace place = place_of(move.customer);
        store::Change change;
        change.id = id_of(place);
        change.place = place;
        change.at = now();
        change.policy = policy_.get();
        const auto found = customers_.find(place);
        if (found != customers_.end()) {
            change.from = found->second;
        }
        if (move.tier) {
            change.to = scoring::Visible{*move.tier, *move.tier, scoring::Band::Low};
        }
        if (change.from == change.to) {
            return;
        }
        if (change.to) {
            customers_[place] = *change.to;
        } else {
            customers_.erase(found);
        }
        change.seq = ++seq_;
        changes.push_back(std::move(change));
    }

    bool answer(store::PictureQuestion question) {
        store::PicturePage page;
        {
            const std::lock_guard lock(mutex_);
            auto next = customers_.lower_bound(question.from);
            for (std::size_t n = 0; next != customers_.end() && n < question.customers_max; ++n) {
                const auto& [place, visible] = *next++;
                if (question.wants(id_of(place), visible, nullptr)) {
                    page.rows.push_back({id_of(place), place, visible, {}});
                }
            }
            if (next != customers_.end()) {
                page.next = next->first;
            }
            page.offset = feed_.head();
            page.seq = seq_;
        }
        page.as_of = now();
        page.policy = policy_.get();
        const bool more = page.next.has_value();
        question.done(std::move(page));
        return more;
    }

    std::deque<store::PictureQuestion> take_held() {
        const std::lock_guard lock(mutex_);
        return std::exchange(held_, {});
    }

    const std::shared_ptr<const scoring::CompiledPolicy> policy_;
    const wire::PolicyTexts texts_;
    store::ChangeFeed feed_;
    std::mutex mutex_;
    std::map<store::RowPlace, scoring::Visible> customers_;
    std::deque<store::PictureQuestion> held_;
    std::atomic<std::uint64_t> seq_{0};
    std::atomic<bool> hold_{false};
};

}  // namespace patron::net
