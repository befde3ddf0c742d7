#include "tests/support/every_event.h"

#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/event_range.h"
#include "store/limits.h"
#include "tests/support/random_events.h"

namespace patron::store {
namespace {

class EventsOfEveryKind {
  public:
    static EventBatch make(Instant now) {
        EventsOfEveryKind maker(now);
        maker.purchases();
        maker.service();
        maker.voices();
        maker.profiles();
        maker.commands();
        return std::move(maker.batch_);
    }

  private:
    explicit EventsOfEveryKind(Instant now) : now_(now) {}

    void add(EventBody body) {
        const std::string number = std::to_string(batch_.events.size());
        const bool id = batch_.events.size() % 3 != 2 || body.index() < 2;
        // Forwards, backwards, far and near.
        const Instant at{now_.ms + (number.size() % 2 == 0 ? -1 : -40'000'000'000)};
        add_event(batch_, "customer-" + number, id ? "e" + number : "", at, std::move(body));
    }
    void purchases() {
        for (const auto kind : {OrderKind::Unknown, OrderKind::Product, OrderKind::Service}) {
            add(Order{"o1", Money{0}, std::nullopt, kind});
            add(Order{"o2", scoring::kMoneyMax, Money{-scoring::kMoneyMax.minor}, kind});
            add(Order{std::string(64, 'o'), Money{63}, Money{64}, kind});
        }
        add(Refund{"o1", std::nullopt});
        add(Refund{"o1", Money{1}});
        add(Visit{});
    }
    void service() {
        using enum TicketPhase;
        for (const auto phase : {Opened, FirstResponse, Resolved}) {
            for (std::uint8_t severity = 0; severity <= 5; ++severity) {
                add(Ticket{phase, "t", severity, std::nullopt});
                add(Ticket{phase, "t", severity, Money{severity * 1000}});
            }
        }
        add(FollowUp{});
        add(FollowUp{Money{0}});
        add(Training{false});
        add(Training{true});
    }
    void voices() {
        for (std::uint8_t grade = 1; grade <= 5; ++grade) {
            add(Complaint{grade});
            add(Review{grade, false});
            add(Review{grade, true});
        }
        using enum SurveyDimension;
        for (const auto dimension : {Overall, Service, Product}) {
            add(Survey{SurveyKind::Nps, 10, dimension});
            add(Survey{SurveyKind::Csat, 1.5, dimension});
            add(Survey{SurveyKind::Research, -std::numeric_limits<double>::max(), dimension});
        }
        add(Feedback{-1});
        add(Feedback{1.0 / 3});
        add(Referral{std::string(128, 'r'), false});
        add(Referral{"\xE9\xBB\x84", true});
    }
    void profiles() {
        // Each member alone, all, and none.
        const std::vector<std::string_view> tags(32, longest_);
        for (unsigned member = 0; member <= 12; ++member) {
            const auto has = [&](unsigned it) {
                return member == it || member == 12;
            };
            auto p = std::make_unique<Profile>();
            const auto maybe = [&](unsigned it, auto& field, auto value) {
                if (has(it)) {
                    field = value;
                }
            };
            maybe(0, p->customer_since, kEventInstantMin);
            maybe(1, p->influence, 100.0);
            maybe(2, p->strategic, Strategic::Key);
            maybe(3, p->expert_score, 0.0);
            maybe(4, p->preferred_channel, std::string_view(longest_));
            maybe(5, p->do_not_contact, member == 12);
            maybe(6, p->region, std::string_view(""));
            maybe(7, p->industry, std::string_view("tea\n"));
            maybe(8, p->owner, std::string_view("li"));
            maybe(9, p->birthday, std::string_view("1984-02-29"));
            maybe(10, p->tags, tags);
            add(std::move(p));
        }
        auto no_tags = std::make_unique<Profile>();
        no_tags->tags.emplace();
        no_tags->strategic = Strategic::None;
        no_tags->do_not_contact = true;
        add(std::move(no_tags));
    }
    void commands() {
        using enum OverrideMode;
        for (const auto mode : {Clear, Pin, Floor, Ceiling}) {
            for (const bool ends : {false, true}) {
                auto o = std::make_unique<Override>();
                o->mode = mode;
                o->tier = mode == Clear ? "" : "gold";
                o->reason = longest_;
                o->by = "wang";
                if (ends) {
                    o->until = kEventInstantMax;
                }
                add(std::move(o));
            }
        }
        using enum ChurnReason;
        for (const auto reason : {Service, Product, Price, Competitor, Other}) {
            add(ChurnConfirmed{reason});
        }
        add(Erase{});
    }

    const std::string longest_ = std::string(limits::kTextFieldBytesMax, 't');
    Instant now_;
    EventBatch batch_;
};

}  // namespace

EventBatch events_of_every_kind(Instant now) {
    return EventsOfEveryKind::make(now);
}

}  // namespace patron::store
