#include "server/wire/change_encoder.h"

#include <string_view>

#include "server/wire/instant_text.h"
#include "server/wire/json_string.h"
#include "server/wire/score_values.h"
#include "server/wire/stream_encoder.h"

namespace patron::wire {
namespace {

using scoring::OverrideKind;
using scoring::Visible;

std::string_view verb_name(ChangeVerb verb) {
    switch (verb) {
        case ChangeVerb::Change:
            return "change";
        case ChangeVerb::Enter:
            return "enter";
        case ChangeVerb::Leave:
            return "leave";
    }
    return "";
}

std::string_view cause_name(store::Cause cause) {
    switch (cause) {
        case store::Cause::Event:
            return "event";
        case store::Cause::Time:
            return "time";
        case store::Cause::Override:
            return "override";
    }
    return "";
}

void append_word(ByteWriter& out, std::string_view word) {
    out.append('"');
    out.append(word);
    out.append('"');
}

void append_band(ByteWriter& out, scoring::Band band) {
    constexpr std::size_t kBytesMax = 16;
    char* const at = out.reserve(kBytesMax);
    out.advance(static_cast<std::size_t>(put_band(at, band) - at));
}

void append_override(ByteWriter& out, const PolicyTexts& texts, const Visible& visible) {
    if (visible.override_kind == OverrideKind::None) {
        out.append("null");
        return;
    }
    out.append(R"({"mode":)");
    append_word(out, override_name(visible.override_kind));
    out.append(R"(,"tier":)");
    out.append(texts.tier(visible.override_tier));
    out.append('}');
}

// The members of `changes` that differ.
class ChangesObject {
  public:
    ChangesObject(ByteWriter& out, const store::Change& change)
        : out_(out)
        , from_(change.from ? &*change.from : nullptr)
        , to_(change.to ? &*change.to : nullptr) {
        out_.append(R"(,"changes":)");
    }

    // `is_null(v)`: told as null, like one who is not there; `write(v)` tells it otherwise.
    template <class Value, class IsNull, class Write>
    void member(std::string_view name, Value value, IsNull is_null, Write write) {
        const bool no_from = from_ == nullptr || is_null(*from_);
        const bool no_to = to_ == nullptr || is_null(*to_);
        if (no_from || no_to ? no_from && no_to : value(*from_) == value(*to_)) {
            return;
        }
        out_.append(first_ ? R"({")" : R"(,")");
        first_ = false;
        out_.append(name);
        out_.append(R"(":{"from":)");
        tell(no_from ? nullptr : from_, write);
        out_.append(R"(,"to":)");
        tell(no_to ? nullptr : to_, write);
        out_.append('}');
    }
    void end() { out_.append(first_ ? "{}" : "}"); }

  private:
    template <class Write>
    void tell(const Visible* visible, Write write) {
        if (visible == nullptr) {
            out_.append("null");
        } else {
            write(*visible);
        }
    }

    ByteWriter& out_;
    const Visible* from_;
    const Visible* to_;
    bool first_ = true;
};

void append_changes(ByteWriter& out, const PolicyTexts& texts, const store::Change& change) {
    const auto never_null = [](const Visible&) {
        return false;
    };
    ChangesObject changes(out, change);
    const auto tier = [&](std::string_view name, std::uint8_t Visible::* index) {
        const auto value = [index](const Visible& v) {
            return v.*index;
        };
        changes.member(name, value, never_null, [&](const Visible& v) {
            out.append(texts.tier(v.*index));
        });
    };
    tier("tier", &Visible::tier);
    tier("tier_by_rules", &Visible::tier_by_rules);
    changes.member(
        "risk_band",
        [](const Visible& v) { return v.band; },
        [](const Visible& v) { return v.band == scoring::Band::None; },
        [&](const Visible& v) { append_band(out, v.band); }
    );
    changes.member(
        "lifecycle",
        [](const Visible& v) { return v.stage; },
        never_null,
        [&](const Visible& v) { append_word(out, scoring::stage_name(v.stage)); }
    );
    changes.member(
        "follow_up",
        [](const Visible& v) { return v.follow_up; },
        never_null,
        [&](const Visible& v) { append_word(out, follow_up_name(v.follow_up)); }
    );
    changes.member(
        "override",
        [](const Visible& v) { return std::pair(v.override_kind, v.override_tier); },
        [](const Visible& v) { return v.override_kind == OverrideKind::None; },
        [&](const Visible& v) { append_override(out, texts, v); }
    );
    changes.end();
}

void append_time(ByteWriter& out, std::string_view member, scoring::Instant t) {
    out.append(member);
    char* const at = out.reserve(kInstantBytesMax + 2);
    out.advance(static_cast<std::size_t>(put_time(at, t) - at));
}

void append_numbers(ByteWriter& out, const store::ScoreThen& score) {
    constexpr std::size_t kBytesMax = 64 + 3 * kFixedBytesMax;
    char* const start = out.reserve(kBytesMax);
    char* at = put(start, R"(,"churn_risk":)");
    at = put_probability(at, score.churn_risk);
    at = put(at, R"(,"p_alive":)");
    at = put_probability(at, score.p_alive);
    at = put(at, R"(,"value_index":)");
    at = put_points(at, score.value_index);
    out.advance(static_cast<std::size_t>(at - start));
}

void append_score_now(
    ByteWriter& out, const PolicyTexts& texts, const Visible& visible, const store::ScoreThen& score
) {
    out.append(R"({"tier":)");
    out.append(texts.tier(visible.tier));
    out.append(R"(,"tier_by_rules":)");
    out.append(texts.tier(visible.tier_by_rules));
    append_time(out, R"(,"since":)", score.since);
    out.append(R"(,"risk_band":)");
    append_band(out, visible.band);
    out.append(R"(,"lifecycle":)");
    append_word(out, scoring::stage_name(visible.stage));
    out.append(R"(,"follow_up":)");
    append_word(out, follow_up_name(visible.follow_up));
    append_time(out, R"(,"follow_up_due_at":)", score.follow_up_due);
    out.append(R"(,"override":)");
    append_override(out, texts, visible);
    append_numbers(out, score);
    out.append('}');
}

}  // namespace

void append_picture_row(ByteWriter& out, const PolicyTexts& texts, const store::PictureRow& row) {
    out.append(R"({"type":"customer","customer_id":)");
    append_json_string(out, row.id);
    out.append(R"(,"score":)");
    append_score_now(out, texts, row.visible, row.score);
    out.append('}');
}

void append_change_verb(ByteWriter& out, ChangeVerb verb) {
    out.append(R"({"type":)");
    append_word(out, verb_name(verb));
}

void append_change_tail(
    ByteWriter& out,
    const PolicyTexts& texts,
    const store::Change& change,
    std::optional<std::pair<std::uint64_t, std::uint64_t>> cursor,
    std::uint64_t conflated
) {
    out.append(R"(,"customer_id":)");
    append_json_string(out, change.id);
    out.append(R"(,"at":")");
    append_instant(out, change.at);
    out.append(R"(","cause":)");
    append_word(out, cause_name(change.cause));
    append_changes(out, texts, change);
    out.append(R"(,"score":)");
    if (change.to) {
        append_score_now(out, texts, *change.to, change.score);
    } else {
        out.append("null");
    }
    out.append(R"(,"seq":)");
    out.append_uint(change.seq);
    if (conflated != 1) {
        out.append(R"(,"conflated":)");
        out.append_uint(conflated);
    }
    if (cursor) {
        out.append(R"(,"cursor":")");
        append_cursor(out, cursor->first, cursor->second);
        out.append('"');
    }
    out.append('}');
}

}  // namespace patron::wire
