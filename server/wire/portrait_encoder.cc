#include "server/wire/portrait_encoder.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "scoring/check.h"
#include "scoring/moment.h"
#include "scoring/purchase_model.h"
#include "scoring/rfm.h"
#include "scoring/signals.h"
#include "server/wire/event_names.h"
#include "server/wire/instant_text.h"
#include "server/wire/json_string.h"
#include "server/wire/list_encoder.h"
#include "server/wire/money_text.h"
#include "server/wire/score_encoder.h"

namespace patron::wire {
namespace {

using scoring::EntryFlag;
using scoring::Feature;
using scoring::FeatureInfo;
using scoring::FeatureKind;
using scoring::FeatureUnit;
using scoring::Instant;
using scoring::LedgerEntry;
using scoring::Moment;
using store::CustomerAnswer;
using store::Portrait;

// Members of one JSON object, with commas where they belong.
class Members {
  public:
    explicit Members(ByteWriter& out) : out_(out) { out_.append('{'); }

    ByteWriter& member(std::string_view name) {
        if (!first_) {
            out_.append(',');
        }
        first_ = false;
        append_json_string(out_, name);
        out_.append(':');
        return out_;
    }
    // `name` is a JSON string.
    ByteWriter& quoted_member(std::string_view name) {
        out_.append(first_ ? "" : ",");
        first_ = false;
        out_.append(name);
        out_.append(':');
        return out_;
    }
    void number(std::string_view name, double value) {
        if (!std::isnan(value)) {
            append_number(member(name), value);
        }
    }
    void text(std::string_view name, std::string_view value) {
        if (!value.empty()) {
            append_json_string(member(name), value);
        }
    }
    void flag(std::string_view name, bool value) { member(name).append(value ? "true" : "false"); }
    void instant(std::string_view name, Instant value) {
        if (value != scoring::kNever) {
            append_time(member(name), value);
        }
    }
    void end() { out_.append('}'); }

    static void append_time(ByteWriter& out, Instant value) {
        out.append('"');
        append_instant(out, value);
        out.append('"');
    }

  private:
    ByteWriter& out_;
    bool first_ = true;
};

void append_feature_value(
    ByteWriter& out, const PolicyTexts& texts, FeatureUnit unit, double value
) {
    if (unit == FeatureUnit::Money) {
        append_money(out, {std::llrint(value)}, texts.currency_digits());
    } else {
        append_number(out, value);
    }
}

void append_rfm(Members& features, const Moment& m) {
    const auto score = [&m](FeatureKind kind) {
        return scoring::feature_value(m, Feature{kind, 0});
    };
    const double recency = score(FeatureKind::RfmR);
    if (std::isnan(recency)) {
        return;
    }
    const scoring::RfmScores scores{
        static_cast<std::uint8_t>(recency),
        static_cast<std::uint8_t>(score(FeatureKind::RfmF)),
        static_cast<std::uint8_t>(score(FeatureKind::RfmM))
    };
    Members rfm(features.member("rfm"));
    rfm.number("r", scores.recency);
    rfm.number("f", scores.frequency);
    rfm.number("m", scores.monetary);
    rfm.text("class", scoring::rfm_class_name(scoring::rfm_class(scores)));
    rfm.end();
}

void append_features(ByteWriter& out, const PolicyTexts& texts, const Moment& m) {
    Members features(out);
    for (const FeatureInfo& info : scoring::feature_table()) {
        const std::size_t windows = info.windowed ? m.policy.windows : 1;
        for (std::size_t window = 0; window < windows; ++window) {
            const Feature feature{info.kind, static_cast<std::uint8_t>(window)};
            const double value = scoring::feature_value(m, feature);
            if (!std::isnan(value)) {
                append_feature_value(
                    features.quoted_member(texts.feature(feature)), texts, info.unit, value
                );
            }
        }
    }
    features.number("T_days", scoring::feature_value(m, Feature{FeatureKind::TenureDays, 0}));
    append_rfm(features, m);
    features.end();
}

void append_signals(ByteWriter& out, const Moment& m, std::uint8_t tier) {
    const scoring::SignalValues values = scoring::signal_values(m, {tier});
    Members signals(out);
    for (std::size_t i = 0; i < scoring::kSignals; ++i) {
        ByteWriter& place = signals.member(scoring::signal_name(static_cast<scoring::Signal>(i)));
        if (std::isnan(values.value[i])) {
            place.append("null");
        } else {
            append_number(place, values.value[i]);
        }
    }
    signals.end();
}

void append_tags(Members& attributes, const std::vector<std::string>& tags) {
    if (tags.empty()) {
        return;
    }
    ByteWriter& out = attributes.member("tags");
    char separator = '[';
    for (const std::string& tag : tags) {
        out.append(separator);
        separator = ',';
        append_json_string(out, tag);
    }
    out.append(']');
}

void append_attributes(ByteWriter& out, const store::ProfileDetails& profile) {
    const scoring::ProfileFacts& facts = profile.facts;
    Members attributes(out);
    attributes.instant("customer_since", facts.customer_since);
    attributes.number("influence", facts.influence);
    if (!std::isnan(facts.strategic)) {
        attributes.text("strategic", kStrategicNames[static_cast<std::size_t>(facts.strategic)]);
    }
    attributes.number("expert_score", facts.expert_score);
    attributes.text("preferred_channel", profile.preferred_channel);
    attributes.flag("do_not_contact", facts.do_not_contact);
    attributes.text("region", profile.region);
    attributes.text("industry", profile.industry);
    attributes.text("owner", profile.owner);
    attributes.text("birthday", profile.birthday);
    append_tags(attributes, profile.tags);
    attributes.end();
}

void append_override(ByteWriter& out, const Portrait& portrait, Instant now) {
    if (!portrait.tier_override) {
        out.append("null");
        return;
    }
    const store::OverrideDetails& o = *portrait.tier_override;
    Members details(out);
    details.text("mode", override_name(o.in_force.kind));
    details.text("tier", o.tier);
    details.flag("in_force", o.in_force.in_force(now));
    Members::append_time(details.member("at"), o.in_force.at);
    if (o.in_force.until == scoring::kNever) {
        details.member("until").append("null");
    } else {
        details.instant("until", o.in_force.until);
    }
    details.text("reason", o.reason);
    details.text("by", o.by);
    details.end();
}

std::string_view need_type(const std::vector<LedgerEntry>& ledger) {
    bool product = false;
    bool service = false;
    for (const LedgerEntry& entry : ledger) {
        if (entry.kind() == scoring::EntryKind::Order) {
            product |= entry.flag() == EntryFlag::Product;
            service |= entry.flag() == EntryFlag::Service;
        }
    }
    if (product && service) {
        return R"("mixed")";
    }
    return product ? R"("product")" : service ? R"("service")" : "null";
}

void append_expectations(Members& members, const Moment& m) {
    const scoring::PurchaseParams& params = m.policy.policy.purchase;
    append_number(members.member("horizon_days"), m.policy.policy.horizon_days);
    if (!m.rollup.has_purchase()) {
        members.member("purchase_probability").append("null");
        members.member("expected_purchases").append("null");
        return;
    }
    const scoring::ModelInputs in = scoring::model_inputs(m);
    const double horizon = m.policy.policy.horizon_days / params.unit_days;
    members.number("purchase_probability", m.policy.model.p_any(in.x, in.t_x, in.age));
    members.number(
        "expected_purchases", scoring::expected_purchases(params, {in.x, in.t_x, in.age}, horizon)
    );
}

}  // namespace

void append_number(ByteWriter& out, double value) {
    constexpr int kDecimals = 5;
    constexpr std::size_t kDoubleBytesMax = 320;  // every digit of the largest double
    char text[kDoubleBytesMax];
    char* end =
        std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, kDecimals).ptr;
    while (end[-1] == '0') {
        --end;
    }
    end -= end[-1] == '.' ? 1 : 0;
    const std::string_view digits(text, static_cast<std::size_t>(end - text));
    out.append(digits == "-0" ? "0" : digits);
}

void append_portrait(
    ByteWriter& out, const PolicyTexts& texts, std::string_view id, const CustomerAnswer& answer
) {
    PATRON_CHECK(answer.portrait != nullptr);
    const Portrait& portrait = *answer.portrait;
    const scoring::State& state = answer.reading.standing.state;
    const Instant now = answer.reading.score.as_of;
    scoring::Facts facts{
        portrait.ledger, portrait.activity, scoring::TierOverride{}, portrait.profile.facts
    };
    if (portrait.tier_override) {
        facts.tier_override = portrait.tier_override->in_force;
    }
    const Moment m{texts.policy(), facts, portrait.rollup, now};

    Members members(out);
    append_json_string(members.member("customer_id"), id);
    append_score(members.member("score"), texts, id, answer.reading);
    append_features(members.member("features"), texts, m);
    append_signals(members.member("signals"), m, state.tier);
    append_attributes(members.member("attributes"), portrait.profile);
    append_override(members.member("override"), portrait, now);
    append_number(members.member("data_completeness"), scoring::data_completeness(m));
    members.member("need_type").append(need_type(portrait.ledger));
    members.text("follow_up", follow_up_name(state.follow_up));
    append_expectations(members, m);
    append_stamp(out, texts, {answer.reading.seq, now});
    members.end();
}

}  // namespace patron::wire
