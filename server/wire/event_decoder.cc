#include "server/wire/event_decoder.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "server/wire/event_builder.h"
#include "server/wire/json_flaw.h"
#include "store/limits.h"

namespace patron::wire {
namespace {

namespace limits = store::limits;
using store::Fault;
using store::FaultCode;

// Rather room for too many: growing moves all that were read.
constexpr std::size_t kSmallEventBytes = 64;

// simdjson refused what the second look finds well formed: ask for nothing more, but never let it
// in.
Fault unexplained_flaw() {
    return {FaultCode::BadJson, "the text is not valid JSON", {}, store::kNoIndex};
}

Fault not_an_object(BodyForm form) {
    const char* detail = form == BodyForm::Ndjson ? "a line must hold one JSON object"
                                                  : "an event must be a JSON object";
    return {FaultCode::WrongType, detail, {}, store::kNoIndex};
}

// One call of decode: where it stands and what it has found.
class Decoding {
  public:
    Decoding(EventReader& reader, LineReader& lines, RawEvent& raw, const DecodeContext& context)
        : reader_(reader), lines_(lines), raw_(raw), context_(context) {}

    store::Result<DecodedEvents> json(std::string_view body);
    store::Result<DecodedEvents> ndjson(std::string_view body);

  private:
    void reserve(std::size_t body_bytes);
    std::optional<Fault> take(ReadStatus status, BodyForm form);
    ReadStatus read_line(std::string_view line);
    std::optional<Fault> line_fault(std::string_view line);
    std::optional<Fault> too_many() const;
    bool keep_on(Fault& fault);

    EventReader& reader_;
    LineReader& lines_;
    RawEvent& raw_;
    const DecodeContext& context_;
    DecodedEvents out_;
    Fault fault_;  // what the item under way will be refused with
    std::uint32_t item_ = 0;
};

void Decoding::reserve(std::size_t body_bytes) {
    const std::size_t events =
        std::min(body_bytes / kSmallEventBytes + 1, limits::kEventsPerRequestMax);
    out_.batch.events.reserve(events);
    out_.index.reserve(events);
}

std::optional<Fault> Decoding::too_many() const {
    if (item_ < limits::kEventsPerRequestMax) {
        return std::nullopt;
    }
    const std::string bound = std::to_string(limits::kEventsPerRequestMax);
    return Fault{FaultCode::TooManyItems, "more than " + bound + " events", {}, item_};
}

// What was read, as an event in the batch or as the fault of its content.
std::optional<Fault> Decoding::take(ReadStatus status, BodyForm form) {
    if (status == ReadStatus::Event) {
        if (build_event(raw_, context_, out_.batch, fault_)) {
            out_.index.push_back(item_);
            return std::nullopt;
        }
    } else {
        fault_ = status == ReadStatus::Broken ? unexplained_flaw() : not_an_object(form);
    }
    fault_.index = item_;
    return std::exchange(fault_, Fault());
}

// True: the fault is counted and listed, and the next item's turn has come; false: it is untouched.
bool Decoding::keep_on(Fault& fault) {
    if (context_.on_error == OnError::Reject) {
        return false;
    }
    ++out_.rejected_count;
    if (out_.rejected.size() < limits::kRejectedListedMax) {
        out_.rejected.push_back(std::move(fault));
    }
    return true;
}

store::Result<DecodedEvents> Decoding::json(std::string_view body) {
    bool looked_twice = false;
    reserve(body.size());
    reader_.open(body, TextShape::ObjectOrArray);
    for (;; ++item_) {
        const ReadStatus status = reader_.next(raw_);
        if (status == ReadStatus::End) {
            return std::move(out_);
        }
        auto fault = too_many();
        if (!fault) {
            fault = take(status, BodyForm::Json);
        }
        if (!fault) {
            continue;
        }
        // The reader stops checking where content is strange; syntax has the first word.
        if (!std::exchange(looked_twice, true)) {
            if (auto flaw = find_json_flaw(body)) {
                return std::unexpected(*std::move(flaw));
            }
        }
        const bool ends_all =
            status == ReadStatus::Broken || fault->code == FaultCode::TooManyItems;
        if (ends_all || !keep_on(*fault)) {
            return std::unexpected(*std::move(fault));
        }
    }
}

ReadStatus Decoding::read_line(std::string_view line) {
    if (lines_.read(raw_)) {
        return ReadStatus::Event;
    }
    reader_.open(line, TextShape::Object);
    return reader_.next(raw_);
}

std::optional<Fault> Decoding::line_fault(std::string_view line) {
    auto fault = take(read_line(line), BodyForm::Ndjson);
    if (fault) {
        if (auto flaw = find_json_flaw(line)) {
            flaw->index = item_;
            flaw->detail += " of its line";
            return flaw;
        }
    }
    return fault;
}

store::Result<DecodedEvents> Decoding::ndjson(std::string_view body) {
    reserve(body.size());
    lines_.open(body);
    for (std::string_view line; lines_.next(line);) {
        if (auto fault = too_many()) {
            return std::unexpected(*std::move(fault));
        }
        auto fault = line_fault(line);
        if (fault && !keep_on(*fault)) {
            return std::unexpected(*std::move(fault));
        }
        ++item_;
    }
    return std::move(out_);
}

}  // namespace

store::Result<DecodedEvents> EventDecoder::decode(
    std::string_view body, BodyForm form, const DecodeContext& context
) {
    if (body.size() > limits::kBodyBytesMax) {
        const std::string bound = std::to_string(limits::kBodyBytesMax);
        return store::fail(FaultCode::BodyTooLarge, "the body has more than " + bound + " bytes");
    }
    Decoding decoding(reader_, lines_, raw_, context);
    return form == BodyForm::Json ? decoding.json(body) : decoding.ndjson(body);
}

}  // namespace patron::wire
