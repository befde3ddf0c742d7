#include "tools/load/request_maker.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include <fmt/format.h>

#include "scoring/check.h"

namespace patron::tools {
namespace {

constexpr std::string_view kIdPlace = "C0000000";
constexpr std::size_t kIdDigits = 7;
constexpr std::string_view kSerialPlace = "000000000001";
constexpr std::string_view kAtPlace = "0000000000002";
constexpr std::string_view kAmountPlace = "103.00";
constexpr std::uint32_t kAmountMin = 100;  // three digits: a JSON number has no leading zeros
constexpr std::uint32_t kAmounts = 400;

void put_digits(char* to, std::size_t width, std::uint64_t value) {
    while (width-- > 0) {
        to[width] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
}

void put_id(char* id, std::uint32_t customer) {
    put_digits(id + 1, kIdDigits, customer);
}

std::int64_t unix_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::string head_of(const RequestContext& context, std::string_view method, std::string_view path) {
    return fmt::format(
        "{} {}{} HTTP/1.1\r\nHost: {}\r\n", method, context.prefix, path, context.host
    );
}

std::string post_of(
    const RequestContext& context,
    std::string_view path,
    std::string_view type,
    std::string_view body
) {
    return fmt::format(
        "{}Content-Type: {}\r\nContent-Length: {}\r\n\r\n{}",
        head_of(context, "POST", path),
        type,
        body.size(),
        body
    );
}

CustomerPicker picker_of(const RequestContext& context, std::uint64_t stream) {
    constexpr std::uint64_t kStreamsPerPart = 16;
    return {
        context.customers, context.zipf, context.seed, (context.part + 1) * kStreamsPerPart + stream
    };
}

class FixedReads : public RequestMaker {
  public:
    FixedReads(const RequestContext& context, std::string_view path)
        : text_(head_of(context, "GET", path) + "\r\n") {}

    void append(std::string& out, std::int64_t) override { out += text_; }
    std::int64_t units_of(std::string_view) const override { return 1; }

  private:
    std::string text_;
};

class ScoreReads : public RequestMaker {
  public:
    explicit ScoreReads(const RequestContext& context)
        : text_(head_of(context, "GET", path_of(context)) + "\r\n")
        , id_at_(text_.find(kIdPlace))
        , picker_(picker_of(context, 1)) {}

    void append(std::string& out, std::int64_t) override {
        const std::size_t at = out.size();
        out += text_;
        put_id(out.data() + at + id_at_, picker_.pick());
    }
    std::int64_t units_of(std::string_view) const override { return 1; }

  private:
    static std::string path_of(const RequestContext& context) {
        const std::string path = "/v1/customers/C0000000/score";
        return context.fields.empty() ? path : path + "?fields=" + context.fields;
    }

    std::string text_;
    std::size_t id_at_;
    CustomerPicker picker_;
};

class ScoreBatches : public RequestMaker {
  public:
    ScoreBatches(const RequestContext& context, std::uint32_t ids)
        : ids_(ids), picker_(picker_of(context, 2)) {
        std::string body = R"({"ids":[)";
        for (std::uint32_t i = 0; i < ids; ++i) {
            body += fmt::format(R"({}"{}")", i == 0 ? "" : ",", kIdPlace);
        }
        text_ = post_of(context, "/v1/scores", "application/json", body + "]}");
        first_at_ = text_.find(kIdPlace, text_.size() - body.size() - 2);
    }

    void append(std::string& out, std::int64_t) override {
        constexpr std::size_t kStep = kIdPlace.size() + 3;  // two quotes and a comma
        const std::size_t begin = out.size();
        out += text_;
        char* id = out.data() + begin + first_at_;
        for (std::uint32_t i = 0; i < ids_; ++i, id += kStep) {
            put_id(id, picker_.pick());
        }
    }
    std::int64_t units_of(std::string_view) const override { return ids_; }

  private:
    std::uint32_t ids_;
    std::string text_;
    std::size_t first_at_ = 0;
    CustomerPicker picker_;
};

// One kind of event as text with places.
class EventPiece {
  public:
    explicit EventPiece(std::string text) : text_(std::move(text)) {
        find(kIdPlace, ids_);
        find(kSerialPlace, serials_);
        find(kAtPlace, ats_);
        find(kAmountPlace, amounts_);
    }
    std::string_view text() const { return text_; }

    void write(
        char* to,
        std::uint32_t customer,
        std::uint64_t serial,
        std::int64_t at_ms,
        std::uint32_t amount
    ) const {
        for (const std::size_t at : ids_) {
            put_id(to + at, customer);
        }
        for (const std::size_t at : serials_) {
            put_digits(to + at, kSerialPlace.size(), serial);
        }
        for (const std::size_t at : ats_) {
            put_digits(to + at, kAtPlace.size(), static_cast<std::uint64_t>(at_ms));
        }
        for (const std::size_t at : amounts_) {
            put_digits(to + at, 3, amount);
        }
    }

  private:
    void find(std::string_view place, std::vector<std::size_t>& found) const {
        for (std::size_t at = text_.find(place); at != std::string::npos;
             at = text_.find(place, at + place.size())) {
            found.push_back(at);
        }
    }

    std::string text_;
    std::vector<std::size_t> ids_;
    std::vector<std::size_t> serials_;
    std::vector<std::size_t> ats_;
    std::vector<std::size_t> amounts_;
};

// Letters for the run's and the part's digits, lest they look like a place for others.
std::string run_name(const RequestContext& context) {
    std::string name = fmt::format("{}.{}", context.run_ms, context.part);
    for (char& c : name) {
        c = c == '.' ? '-' : static_cast<char>('a' + (c - '0'));
    }
    return std::string(context.name) + "-" + name;
}

std::string order_text(const RequestContext& context) {
    return fmt::format(
        R"({{"id":"{0}-{1}","type":"order","customer":"{2}","at":{3},)"
        R"("order_id":"{0}-{1}","amount":{4}}})"
        "\n",
        run_name(context),
        kSerialPlace,
        kIdPlace,
        kAtPlace,
        kAmountPlace
    );
}

std::string visit_text(const RequestContext& context) {
    return fmt::format(
        R"({{"id":"{}-{}","type":"visit","customer":"{}","at":{},"channel":"web"}})"
        "\n",
        run_name(context),
        kSerialPlace,
        kIdPlace,
        kAtPlace
    );
}

std::string override_text(const RequestContext& context, std::string_view mode) {
    return fmt::format(
        R"({{"id":"{}-{}","type":"override","customer":"{}","at":{},{},)"
        R"("by":"patron load","reason":"load"}})"
        "\n",
        run_name(context),
        kSerialPlace,
        kIdPlace,
        kAtPlace,
        mode
    );
}

constexpr std::string_view kPin = R"("mode":"pin","tier":"gold")";
constexpr std::string_view kLift = R"("mode":"clear")";
constexpr std::string_view kEventsPath = "/v1/events";
constexpr std::string_view kNdjson = "application/x-ndjson";

// How many events the answer says were taken, all of them new.
std::int64_t accepted_in(std::string_view body, std::uint32_t expected) {
    constexpr std::string_view kAccepted = R"({"accepted":)";
    constexpr std::string_view kNoDuplicates = R"(,"duplicates":0,)";
    std::int64_t accepted = -1;
    if (!body.starts_with(kAccepted)) {
        return -1;
    }
    const char* end = body.data() + body.size();
    const auto parsed = std::from_chars(body.data() + kAccepted.size(), end, accepted);
    const std::string_view rest(parsed.ptr, static_cast<std::size_t>(end - parsed.ptr));
    return parsed.ec == std::errc() && accepted == expected && rest.starts_with(kNoDuplicates)
               ? accepted
               : -1;
}

class EventPosts : public RequestMaker {
  public:
    EventPosts(const RequestContext& context, std::uint32_t events)
        : events_(events)
        , pieces_{EventPiece(order_text(context)), EventPiece(visit_text(context))}
        , picker_(picker_of(context, 3))
        , amounts_(context.seed, context.part) {
        std::string body;
        for (std::uint32_t i = 0; i < events; ++i) {
            body += pieces_[i % 2].text();
        }
        text_ = post_of(context, kEventsPath, kNdjson, body);
        body_at_ = text_.size() - body.size();
    }

    void append(std::string& out, std::int64_t) override {
        const std::size_t begin = out.size();
        out += text_;
        char* at = out.data() + begin + body_at_;
        const std::int64_t now_ms = unix_ms();
        for (std::uint32_t i = 0; i < events_; ++i) {
            const EventPiece& piece = pieces_[i % 2];
            piece.write(
                at, picker_.pick(), serial_++, now_ms, kAmountMin + amounts_.below(kAmounts)
            );
            at += piece.text().size();
        }
    }
    std::int64_t units_of(std::string_view body) const override {
        return accepted_in(body, events_);
    }

  private:
    std::uint32_t events_;
    EventPiece pieces_[2];
    CustomerPicker picker_;
    SeededRandom amounts_;
    std::string text_;
    std::size_t body_at_ = 0;
    std::uint64_t serial_ = 0;
};

class OverridePosts : public RequestMaker {
  public:
    OverridePosts(const RequestContext& context, std::uint32_t events, ChangeDues& dues)
        : events_(events)
        , pin_(override_text(context, kPin))
        , lift_(override_text(context, kLift))
        , dues_(dues)
        , stride_(scattering_stride(dues.customers()))
        , head_(head_of(context, "POST", kEventsPath)) {}

    void append(std::string& out, std::int64_t due_ns) override {
        body_.clear();
        const std::int64_t now_ms = unix_ms();
        for (std::uint32_t i = 0; i < events_; ++i) {
            add_change(now_ms, due_ns);
        }
        out += head_;
        fmt::format_to(
            std::back_inserter(out),
            "Content-Type: {}\r\nContent-Length: {}\r\n\r\n",
            kNdjson,
            body_.size()
        );
        out += body_;
    }
    std::int64_t units_of(std::string_view body) const override {
        return accepted_in(body, events_);
    }

  private:
    void add_change(std::int64_t now_ms, std::int64_t due_ns) {
        const EventPiece& piece = lifting_ ? lift_ : pin_;
        const auto customer = static_cast<std::uint32_t>(place_ * stride_ % dues_.customers());
        const std::size_t at = body_.size();
        body_ += piece.text();
        piece.write(body_.data() + at, customer, serial_++, now_ms, 0);
        dues_.of(customer, !lifting_) = due_ns;
        if (++place_ == dues_.customers()) {
            place_ = 0;
            lifting_ = !lifting_;
        }
    }

    std::uint32_t events_;
    EventPiece pin_;
    EventPiece lift_;
    ChangeDues& dues_;
    std::uint64_t stride_;
    std::string head_;
    std::string body_;
    std::uint64_t place_ = 0;
    std::uint64_t serial_ = 0;
    bool lifting_ = false;
};

}  // namespace

std::unique_ptr<RequestMaker> make_fixed_reads(
    const RequestContext& context, std::string_view path
) {
    return std::make_unique<FixedReads>(context, path);
}

std::unique_ptr<RequestMaker> make_score_reads(const RequestContext& context) {
    return std::make_unique<ScoreReads>(context);
}

std::unique_ptr<RequestMaker> make_score_batches(const RequestContext& context, std::uint32_t ids) {
    return std::make_unique<ScoreBatches>(context, ids);
}

std::unique_ptr<RequestMaker> make_event_posts(
    const RequestContext& context, std::uint32_t events
) {
    return std::make_unique<EventPosts>(context, events);
}

std::unique_ptr<RequestMaker> make_override_posts(
    const RequestContext& context, std::uint32_t events, ChangeDues& dues
) {
    return std::make_unique<OverridePosts>(context, events, dues);
}

std::vector<std::string> override_lifts(const RequestContext& context, std::uint32_t events) {
    const EventPiece lift(override_text(context, kLift));
    const std::int64_t now_ms = unix_ms();
    std::vector<std::string> bodies;
    for (std::uint32_t customer = 0; customer < context.customers; ++customer) {
        if (customer % events == 0) {
            bodies.emplace_back();
        }
        std::string& body = bodies.back();
        const std::size_t at = body.size();
        body += lift.text();
        lift.write(body.data() + at, customer, customer, now_ms, 0);
    }
    return bodies;
}

}  // namespace patron::tools
