#include "store/attributes.h"

#include "store/partition_map.h"

namespace patron::store {
namespace {

std::string text(std::string_view value) {
    return std::string(value);
}

// Bytes that are equal exactly when the values are.
class Canonical {
  public:
    void add(std::string_view name, std::string_view value) {
        bytes_ += name;
        bytes_ += '\0';
        bytes_ += value;
        bytes_ += '\0';
    }
    void add(std::string_view name, const LastValue<std::string>& value) {
        if (value.known()) {
            add(name, value.value());
        }
    }
    template <class T>
    void add_number(std::string_view name, const LastValue<T>& value) {
        if (value.known()) {
            add(name, std::to_string(value.value()));
        }
    }
    const std::string& bytes() const { return bytes_; }

  private:
    std::string bytes_;
};

scoring::OverrideKind kind_of(OverrideMode mode) {
    switch (mode) {
        case OverrideMode::Clear:
            return scoring::OverrideKind::None;
        case OverrideMode::Pin:
            return scoring::OverrideKind::Pin;
        case OverrideMode::Floor:
            return scoring::OverrideKind::Floor;
        case OverrideMode::Ceiling:
            return scoring::OverrideKind::Ceiling;
    }
    return scoring::OverrideKind::None;
}

}  // namespace

void CustomerAttributes::apply(const Profile& p, Said said) {
    const auto offer_text = [said](LastValue<std::string>& last, const auto& value) {
        if (value) {
            last.offer(text(*value), said);
        }
    };
    if (p.customer_since) {
        customer_since_.offer(*p.customer_since, said);
    }
    if (p.influence) {
        influence_.offer(*p.influence, said);
    }
    if (p.strategic) {
        strategic_.offer(static_cast<double>(*p.strategic), said);
    }
    if (p.expert_score) {
        expert_score_.offer(*p.expert_score, said);
    }
    if (p.do_not_contact) {
        do_not_contact_.offer(*p.do_not_contact, said);
    }
    offer_text(preferred_channel_, p.preferred_channel);
    offer_text(region_, p.region);
    offer_text(industry_, p.industry);
    offer_text(owner_, p.owner);
    offer_text(birthday_, p.birthday);
    if (p.tags) {
        tags_.offer({p.tags->begin(), p.tags->end()}, said);
    }
    refresh_facts();
}

void CustomerAttributes::refresh_facts() {
    const auto number = [](const LastValue<double>& last) {
        return last.known() ? last.value() : scoring::kUnknown;
    };
    facts_.influence = number(influence_);
    facts_.strategic = number(strategic_);
    facts_.expert_score = number(expert_score_);
    facts_.do_not_contact = do_not_contact_.known() && do_not_contact_.value();
    facts_.customer_since = customer_since_.known() ? customer_since_.value() : scoring::kNever;
}

void CustomerAttributes::apply(const Override& event, std::uint8_t tier, Said said) {
    OverrideValue value;
    value.by = {kind_of(event.mode), tier, said.at, event.until.value_or(scoring::kNever)};
    value.tier = text(event.tier);
    value.reason = text(event.reason);
    value.author = text(event.by);
    if (said.event == 0 && override_.known() && override_.said() == said) {
        override_.replace(value, said);
    } else {
        override_.offer(value, said);
    }
}

scoring::TierOverride CustomerAttributes::tier_override() const {
    return override_.known() ? override_.value().by : scoring::TierOverride{};
}

ProfileDetails CustomerAttributes::details() const {
    return {
        facts_,
        preferred_channel_.value(),
        region_.value(),
        industry_.value(),
        owner_.value(),
        birthday_.value(),
        tags_.value()
    };
}

std::optional<OverrideDetails> CustomerAttributes::override_details() const {
    if (!override_.known() || override_.value().by.kind == scoring::OverrideKind::None) {
        return std::nullopt;
    }
    const OverrideValue& v = override_.value();
    return OverrideDetails{v.by, v.tier, v.reason, v.author};
}

std::uint64_t CustomerAttributes::hash() const {
    Canonical c;
    if (customer_since_.known()) {
        c.add("since", std::to_string(customer_since_.value().ms));
    }
    c.add_number("influence", influence_);
    c.add_number("strategic", strategic_);
    c.add_number("expert", expert_score_);
    c.add_number("quiet", do_not_contact_);
    c.add("channel", preferred_channel_);
    c.add("region", region_);
    c.add("industry", industry_);
    c.add("owner", owner_);
    c.add("birthday", birthday_);
    for (const std::string& tag : tags_.value()) {
        c.add("tag", tag);
    }
    if (override_.known()) {
        const OverrideValue& v = override_.value();
        c.add("kind", std::to_string(static_cast<int>(v.by.kind)));
        c.add("from", std::to_string(v.by.at.ms));
        c.add("until", std::to_string(v.by.until.ms));
        c.add("tier", v.tier);
        c.add("reason", v.reason);
        c.add("by", v.author);
    }
    return hash_bytes(c.bytes(), 0);
}

}  // namespace patron::store
