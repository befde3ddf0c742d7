#pragma once
// An event as the store takes it: decoded, checked field by field, amounts in the base currency.
//
// Shapes     one Event per line or object; strings are views into the EventBatch that owns them.
// Units      Instant in Unix ms; Money in minor units of the base currency.
// Range      customer 1..128 bytes, id 0..64 bytes (required on order and refund), both valid UTF-8
//            without control characters; every number inside the range semantics gives its field.
// Owns       EventBatch owns the bytes; moving a batch keeps its views valid.
// Threads    values; a batch is handed over whole.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "scoring/units.h"

namespace patron::store {

using scoring::Instant;
using scoring::Money;

enum class OrderKind : std::uint8_t { Unknown, Product, Service };
enum class TicketPhase : std::uint8_t { Opened, FirstResponse, Resolved };
enum class SurveyKind : std::uint8_t { Nps, Csat, Research };
enum class SurveyDimension : std::uint8_t { Overall, Service, Product };
enum class Strategic : std::uint8_t { None, Potential, Key };
enum class OverrideMode : std::uint8_t { Clear, Pin, Floor, Ceiling };
enum class ChurnReason : std::uint8_t { Service, Product, Price, Competitor, Other };

struct Order {
    std::string_view order_id;
    Money amount;  // >= 0, gross
    std::optional<Money> margin;
    OrderKind kind = OrderKind::Unknown;
};

struct Refund {
    std::string_view order_id;
    std::optional<Money> amount;  // > 0; absent: the whole rest of the order
};

struct Visit {};

struct Ticket {
    TicketPhase phase = TicketPhase::Opened;
    std::string_view ticket_id;
    std::uint8_t severity = 0;  // 1..5, 0: not given
    std::optional<Money> cost;
};

struct Complaint {
    std::uint8_t severity = 1;  // 1..5
};

struct Review {
    std::uint8_t rating = 1;  // 1..5
    bool is_public = false;
};

struct Survey {
    SurveyKind kind = SurveyKind::Nps;
    double score = 0;  // nps 0..10, csat 1..5, research any finite number
    SurveyDimension dimension = SurveyDimension::Overall;
};

struct Feedback {
    double sentiment = 0;  // -1..1
};

struct Referral {
    std::string_view referred;
    bool converted = false;
};

struct FollowUp {
    std::optional<Money> cost;
};

struct Training {
    bool completed = false;
};

// Absent members leave what is known as it is.
struct Profile {
    std::optional<Instant> customer_since;
    std::optional<double> influence;  // 0..100
    std::optional<Strategic> strategic;
    std::optional<double> expert_score;  // 0..100
    std::optional<std::string_view> preferred_channel;
    std::optional<bool> do_not_contact;
    std::optional<std::string_view> region;
    std::optional<std::string_view> industry;
    std::optional<std::string_view> owner;
    std::optional<std::string_view> birthday;  // YYYY-MM-DD
    std::optional<std::vector<std::string_view>> tags;
};

struct Override {
    OverrideMode mode = OverrideMode::Clear;
    std::string_view tier;  // a name of the policy in force; empty for Clear
    std::string_view reason;
    std::string_view by;
    std::optional<Instant> until;
};

struct ChurnConfirmed {
    ChurnReason reason = ChurnReason::Other;
};

struct Erase {};

using EventBody = std::variant<
    Order,
    Refund,
    Visit,
    Ticket,
    Complaint,
    Review,
    Survey,
    Feedback,
    Referral,
    FollowUp,
    Training,
    std::unique_ptr<Profile>,
    std::unique_ptr<Override>,
    ChurnConfirmed,
    Erase>;

struct Event {
    std::string_view customer;
    std::string_view id;  // empty: the event carries none
    Instant at;
    EventBody body;
};

// Events and the bytes of their strings.
class EventBatch {
  public:
    std::vector<Event> events;

    // A copy of `text` that lives as long as the batch.
    std::string_view keep(std::string_view text);

    std::size_t bytes() const { return bytes_; }

  private:
    static constexpr std::size_t kBlockBytes = 16 * 1024;

    static void copy(char* to, std::string_view text);
    std::string_view keep_beside(std::string_view text);

    std::vector<std::unique_ptr<char[]>> blocks_;
    char* free_ = nullptr;  // in the block being filled
    std::size_t room_ = 0;
    std::size_t bytes_ = 0;
};

// Ids are short: two overlapping words, and no call.
inline void EventBatch::copy(char* to, std::string_view text) {
    const auto both_ends = [&]<class Word>(Word word) {
        const std::size_t last = text.size() - sizeof word;
        Word end;
        std::memcpy(&word, text.data(), sizeof word);
        std::memcpy(&end, text.data() + last, sizeof end);
        std::memcpy(to, &word, sizeof word);
        std::memcpy(to + last, &end, sizeof end);
    };
    if (text.size() > 2 * sizeof(std::uint64_t)) {
        std::memcpy(to, text.data(), text.size());
    } else if (text.size() >= sizeof(std::uint64_t)) {
        both_ends(std::uint64_t{});
    } else if (text.size() >= sizeof(std::uint32_t)) {
        both_ends(std::uint32_t{});
    } else {
        to[0] = text[0];
        to[text.size() / 2] = text[text.size() / 2];
        to[text.size() - 1] = text.back();
    }
}

// In a block of its own, so that the one being filled stays so.
inline std::string_view EventBatch::keep_beside(std::string_view text) {
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(text.size()));
    std::memcpy(blocks_.back().get(), text.data(), text.size());
    bytes_ += text.size();
    return {blocks_.back().get(), text.size()};
}

inline std::string_view EventBatch::keep(std::string_view text) {
    if (text.empty()) {
        return {};
    }
    if (text.size() > room_) {
        if (text.size() > kBlockBytes) {
            return keep_beside(text);
        }
        blocks_.push_back(std::make_unique_for_overwrite<char[]>(kBlockBytes));
        free_ = blocks_.back().get();
        room_ = kBlockBytes;
    }
    char* const place = free_;
    copy(place, text);
    free_ += text.size();
    room_ -= text.size();
    bytes_ += text.size();
    return {place, text.size()};
}

}  // namespace patron::store
