#include "tests/support/random_saved.h"

#include <algorithm>

#include "store/limits.h"

namespace patron::store {

OwnedCustomer OwnedCustomer::copy(const SavedCustomer& c) {
    OwnedCustomer out{
        std::string(c.id), c.log_state, c.activity, {c.ledger.begin(), c.ledger.end()}, {}
    };
    if (c.attributes != nullptr) {
        out.attributes = *c.attributes;
    }
    return out;
}

SavedCustomer OwnedCustomer::view() const {
    return {id, log_state, activity, ledger, attributes ? &*attributes : nullptr};
}

bool OwnedCustomer::operator==(const OwnedCustomer& o) const {
    const auto bytes = [](const std::optional<CustomerAttributes>& a) {
        return a ? encoded(*a) : std::string();
    };
    return id == o.id && log_state == o.log_state && activity == o.activity && ledger == o.ledger &&
           bytes(attributes) == bytes(o.attributes);
}

std::string encoded(const CustomerAttributes& attributes) {
    std::string out;
    attributes.save(out);
    return out;
}

std::string SavedMaker::text(std::size_t bytes_max) {
    std::string out(below(bytes_max + 1), ' ');
    for (char& c : out) {
        c = static_cast<char>(' ' + below(90));
    }
    return out;
}

Instant SavedMaker::instant() {
    switch (below(8)) {
        case 0:
            return scoring::kNever;
        case 1:
            return scoring::kLongAgo;
        default:
            return {static_cast<std::int64_t>(below(2'000'000'000'000)) - 100'000'000'000};
    }
}

scoring::State SavedMaker::state() {
    scoring::State s;
    s.tier_by_rules = static_cast<std::uint8_t>(below(limits::kTiersMax));
    s.tier = static_cast<std::uint8_t>(below(limits::kTiersMax));
    s.band = static_cast<scoring::Band>(below(scoring::kBands));
    s.stage = static_cast<scoring::Stage>(below(scoring::kStages));
    s.follow_up = static_cast<scoring::FollowUpState>(below(5));
    s.settled_at = instant();
    s.since = instant();
    s.grace_until = instant();
    s.follow_up_due = instant();
    return s;
}

scoring::LedgerEntry SavedMaker::entry(std::int64_t at) {
    const auto kind = static_cast<scoring::EntryKind>(below(20));
    const auto flag = static_cast<scoring::EntryFlag>(below(3));
    return scoring::make_entry(kind, {at}, static_cast<std::int64_t>(random_()), random_(), flag);
}

void SavedMaker::say_something(CustomerAttributes& a) {
    const Said said{{static_cast<std::int64_t>(below(8))}, below(3)};
    if (below(3) == 0) {
        Override o;
        const std::string tier = text(8);
        const std::string reason = text(40);
        o.mode = static_cast<OverrideMode>(below(4));
        o.tier = tier;
        o.reason = reason;
        o.by = "li";
        if (below(2) == 0) {
            o.until = instant();
        }
        a.apply(o, static_cast<std::uint8_t>(below(limits::kTiersMax)), said);
        return;
    }
    Profile p;
    std::vector<std::string> words(8);
    std::ranges::generate(words, [&] { return text(below(4) == 0 ? 256 : 6); });
    const auto maybe = [&](auto& field, auto value) {
        if (below(3) == 0) {
            field = value;
        }
    };
    maybe(p.customer_since, instant());
    maybe(p.influence, static_cast<double>(below(10'000)) / 99.0);
    maybe(p.strategic, static_cast<Strategic>(below(3)));
    maybe(p.expert_score, static_cast<double>(below(101)));
    maybe(p.do_not_contact, below(2) == 0);
    maybe(p.preferred_channel, std::string_view(words[0]));
    maybe(p.region, std::string_view(words[1]));
    maybe(p.industry, std::string_view(words[2]));
    maybe(p.owner, std::string_view(words[3]));
    maybe(p.birthday, std::string_view("1990-02-28"));
    std::vector<std::string_view> tags;
    for (std::size_t i = below(5); i > 0; --i) {
        tags.emplace_back(words[3 + i]);
    }
    maybe(p.tags, tags);
    a.apply(p, said);
}

CustomerAttributes SavedMaker::attributes() {
    CustomerAttributes out;
    for (std::size_t events = below(5); events > 0; --events) {
        say_something(out);
    }
    return out;
}

OwnedCustomer SavedMaker::customer() {
    OwnedCustomer c;
    // The number keeps ids apart; padding takes some to every length up to the greatest.
    c.id = std::to_string(++made_);
    c.id.resize(std::max<std::size_t>(c.id.size(), below(6) == 0 ? 1 + below(128) : 1), '.');
    c.log_state = state();
    c.activity = below(3) == 0 ? scoring::Activity{}
                               : scoring::Activity{
                                     static_cast<double>(below(1000)) / 7.0,
                                     static_cast<scoring::Day>(below(40'000)) - 10'000
                                 };
    std::size_t entries = below(50) == 0 ? 2000 : below(4) == 0 ? 0 : below(30);
    for (; entries > 0; --entries) {
        c.ledger.push_back(entry(static_cast<std::int64_t>(below(1000))));
        if (below(10) == 0) {
            c.ledger.push_back(c.ledger.back());  // told twice without an id
        }
    }
    std::ranges::sort(c.ledger);
    if (below(3) == 0) {
        c.attributes = attributes();
    }
    return c;
}

}  // namespace patron::store
