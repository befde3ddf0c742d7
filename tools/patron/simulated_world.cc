#include "tools/patron/simulated_world.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include <fmt/format.h>

#include "server/wire/instant_text.h"
#include "server/wire/money_text.h"
#include "tools/patron/event_line.h"

namespace patron::tools {
namespace {

using scoring::Instant;
using scoring::Money;
using wire::ByteWriter;

constexpr int kMoneyDigits = 2;
constexpr std::array<std::string_view, kSimulatedKinds> kKindNames{
    "profile",
    "order",
    "refund",
    "visit",
    "ticket_opened",
    "ticket_first_response",
    "ticket_resolved",
    "complaint",
    "review",
    "survey",
    "survey",
    "referral",
    "follow_up",
    "training"
};
constexpr std::array<std::string_view, 3> kChannels{"web", "app", "phone"};
constexpr std::array<std::string_view, 5> kRegions{"north", "south", "east", "west", "abroad"};
constexpr std::array<std::string_view, 3> kDimensions{"service", "product", "overall"};

class RecordWriter {
  public:
    explicit RecordWriter(std::uint64_t seed) : seed_(seed) {}

    std::string_view write(const SimulatedRecord& record) {
        out_.clear();
        customer_ = simulated_customer_id(record.customer);
        EventLine line(out_);
        line.text("id", id_of(record.customer, record.number));
        line.text("type", simulated_kind_name(record.kind));
        line.text("customer", customer_);
        instant_.clear();
        instant_.append('"');
        wire::append_instant(instant_, Instant{record.at_ms});
        instant_.append('"');
        line.raw("at", instant_.view());
        write_body(line, record);
        line.finish();
        return out_.view();
    }
    std::string_view customer() const { return customer_; }

  private:
    std::string id_of(std::uint32_t customer, std::uint32_t number) const {
        return fmt::format("{}.{}.{}", seed_, customer, number);
    }

    std::string_view money(std::uint32_t minor) {
        money_.clear();
        wire::append_money(money_, Money{minor}, kMoneyDigits);
        return money_.view();
    }

    void write_body(EventLine& line, const SimulatedRecord& record) {
        const auto order = [&] {
            return id_of(record.customer, record.order);
        };
        switch (record.kind) {
            case SimulatedKind::Profile:
                line.integer("influence", record.grade).text("region", kRegions[record.variant]);
                return;
            case SimulatedKind::Order:
                line.text("order_id", id_of(record.customer, record.number))
                    .raw("amount", money(record.amount))
                    .text("kind", record.variant == 0 ? "product" : "service");
                return;
            case SimulatedKind::Refund:
                line.text("order_id", order());
                if (record.amount > 0) {
                    line.raw("amount", money(record.amount));
                }
                return;
            case SimulatedKind::Visit:
                line.text("channel", kChannels[record.variant]);
                return;
            case SimulatedKind::TicketOpened:
                line.text("ticket_id", id_of(record.customer, record.number))
                    .integer("severity", record.grade);
                return;
            case SimulatedKind::TicketFirstResponse:
            case SimulatedKind::TicketResolved:
                line.text("ticket_id", order());
                return;
            case SimulatedKind::Complaint:
                line.integer("severity", record.grade);
                return;
            case SimulatedKind::Review:
                line.integer("rating", record.grade)
                    .raw("public", record.variant == 0 ? "true" : "false");
                return;
            case SimulatedKind::SurveyNps:
                line.text("kind", "nps").integer("score", record.grade);
                return;
            case SimulatedKind::SurveyCsat:
                line.text("kind", "csat")
                    .integer("score", record.grade)
                    .text("dimension", kDimensions[record.variant]);
                return;
            case SimulatedKind::Referral:
                line.text("referred", "R" + order())
                    .raw("converted", record.variant == 0 ? "true" : "false");
                return;
            case SimulatedKind::FollowUp:
                line.text("channel", kChannels[record.variant]).text("outcome", "reached");
                return;
            case SimulatedKind::Training:
                line.text("topic", "onboarding")
                    .raw("completed", record.variant == 0 ? "true" : "false");
                return;
        }
    }

    std::uint64_t seed_;
    ByteWriter out_;
    ByteWriter instant_;
    ByteWriter money_;
    std::string customer_;
};

void count(
    const std::vector<SimulatedRecord>& life, const CustomerTruth& customer, WorldTruth& truth
) {
    truth.alive += customer.alive ? 1 : 0;
    truth.with_repeat += customer.orders > 1 ? 1 : 0;
    truth.events += life.size();
    for (const SimulatedRecord& record : life) {
        ++truth.by_kind[static_cast<std::size_t>(record.kind)];
        truth.gross_minor += record.kind == SimulatedKind::Order ? record.amount : 0;
    }
}

WorldTruth count_world(const WorldOptions& options) {
    WorldTruth truth;
    std::vector<SimulatedRecord> life;
    for (std::uint32_t customer = 0; customer < options.customers; ++customer) {
        life.clear();
        const CustomerTruth about = simulate_customer(options, customer, life);
        count(life, about, truth);
    }
    return truth;
}

// Appends what happens in [from, to).
void collect(
    const WorldOptions& options,
    std::int64_t from,
    std::int64_t to,
    std::vector<SimulatedRecord>& out
) {
    std::vector<SimulatedRecord> life;
    for (std::uint32_t customer = 0; customer < options.customers; ++customer) {
        life.clear();
        simulate_customer(options, customer, life);
        std::ranges::copy_if(life, std::back_inserter(out), [&](const SimulatedRecord& record) {
            return record.at_ms >= from && record.at_ms < to;
        });
    }
}

}  // namespace

std::string simulated_customer_id(std::uint32_t customer) {
    return fmt::format("C{:07}", customer);
}

std::string_view simulated_kind_name(SimulatedKind kind) {
    return kKindNames[static_cast<std::size_t>(kind)];
}

WorldTruth simulate_world(
    const WorldOptions& options, const WriteEvent& write, std::uint64_t records_at_once
) {
    const WorldTruth truth = count_world(options);
    // Customers arrive evenly and stay, so the last slices are the fullest: half of
    // `records_at_once` on average keeps them below it.
    const std::uint64_t slices = truth.events / std::max<std::uint64_t>(records_at_once / 2, 1) + 1;
    const std::int64_t from = options.from().ms;
    const std::int64_t span = options.until.ms + 1 - from;
    std::vector<SimulatedRecord> records;
    RecordWriter writer(options.seed);
    for (std::uint64_t slice = 0; slice < slices; ++slice) {
        const auto cut = [&](std::uint64_t i) {
            return from + span * static_cast<std::int64_t>(i) / static_cast<std::int64_t>(slices);
        };
        records.clear();
        collect(options, cut(slice), cut(slice + 1), records);
        std::ranges::sort(records, [](const SimulatedRecord& a, const SimulatedRecord& b) {
            return std::tie(a.at_ms, a.customer, a.number) <
                   std::tie(b.at_ms, b.customer, b.number);
        });
        for (const SimulatedRecord& record : records) {
            const std::string_view line = writer.write(record);
            write(writer.customer(), line);
        }
    }
    return truth;
}

std::string truth_text(const WorldOptions& options, const WorldTruth& truth) {
    ByteWriter from;
    ByteWriter until;
    ByteWriter gross;
    wire::append_instant(from, options.from());
    wire::append_instant(until, options.until);
    wire::append_money(gross, Money{truth.gross_minor}, kMoneyDigits);
    std::string kinds;
    for (std::size_t i = 0; i < kSimulatedKinds; ++i) {
        const auto kind = static_cast<SimulatedKind>(i);
        const std::string_view tail = kind == SimulatedKind::SurveyNps    ? "_nps"
                                      : kind == SimulatedKind::SurveyCsat ? "_csat"
                                                                          : "";
        kinds += fmt::format(
            "{}\"{}{}\":{}", i == 0 ? "" : ",", simulated_kind_name(kind), tail, truth.by_kind[i]
        );
    }
    return fmt::format(
        "{{\"seed\":{},\"customers\":{},\"from\":\"{}\",\"until\":\"{}\","
        "\"parameters\":{{\"r\":{},\"alpha_weeks\":{},\"a\":{},\"b\":{}}},"
        "\"alive\":{},\"with_repeat\":{},\"gross\":{},\"events\":{},\"by_type\":{{{}}}}}",
        options.seed,
        options.customers,
        from.view(),
        until.view(),
        options.r,
        options.alpha_weeks,
        options.a,
        options.b,
        truth.alive,
        truth.with_repeat,
        gross.view(),
        truth.events,
        kinds
    );
}

}  // namespace patron::tools
