#include "tools/patron/event_dump.h"

#include <charconv>

#include "server/wire/event_encoder.h"
#include "server/wire/instant_text.h"

namespace patron::tools {

store::Result<scoring::CurrencyTable> currency_of(const store::FolderMeta& meta) {
    const auto text = meta.find("currency");
    const auto digits = meta.find("currency_digits");
    scoring::CurrencyTable out;
    if (text != meta.end() && digits != meta.end()) {
        const auto code = scoring::parse_currency_code(text->second);
        const char* end = digits->second.data() + digits->second.size();
        const auto parsed = std::from_chars(digits->second.data(), end, out.digits);
        if (code && parsed.ec == std::errc() && parsed.ptr == end) {
            out.base = *code;
            return out;
        }
    }
    return store::fail(store::FaultCode::DataDamaged, "the folder does not say its currency");
}

namespace {

class BatchLines {
  public:
    BatchLines(
        wire::ByteWriter& out,
        const store::WalkedBatch& batch,
        const DumpRange& range,
        const scoring::CurrencyTable& currency
    )
        : out_(out), batch_(batch), range_(range), currency_(currency) {}

    void write() {
        const auto& removed = batch_.events.removed;
        std::size_t event = 0;
        std::size_t gone = 0;
        for (std::uint32_t position = 0; position < batch_.stored.events; ++position) {
            const bool is_gone = gone < removed.size() && removed[gone].position == position;
            const std::uint64_t seq = batch_.stored.first_seq + position;
            if (seq >= range_.from && seq <= range_.to) {
                begin(seq);
                if (is_gone) {
                    out_.append(
                        removed[gone].erasure ? "\"removed\":true,\"erasure\":true}\n"
                                              : "\"removed\":true}\n"
                    );
                } else {
                    out_.append("\"event\":");
                    wire::write_event(out_, batch_.events.batch.events[event], currency_);
                    out_.truncate(out_.size() - 1);  // its line feed
                    out_.append("}\n");
                }
            }
            gone += is_gone ? 1 : 0;
            event += is_gone ? 0 : 1;
        }
    }

  private:
    void begin(std::uint64_t seq) {
        out_.append("{\"seq\":");
        out_.append_uint(seq);
        out_.append(",\"accepted_at\":\"");
        wire::append_instant(out_, batch_.stored.accepted_at);
        out_.append("\",");
    }

    wire::ByteWriter& out_;
    const store::WalkedBatch& batch_;
    const DumpRange& range_;
    const scoring::CurrencyTable& currency_;
};

}  // namespace

void write_batch(
    wire::ByteWriter& out,
    const store::WalkedBatch& batch,
    const DumpRange& range,
    const scoring::CurrencyTable& currency
) {
    BatchLines(out, batch, range, currency).write();
}

void write_events(
    wire::ByteWriter& out, const store::WalkedBatch& batch, const scoring::CurrencyTable& currency
) {
    for (const store::Event& event : batch.events.batch.events) {
        wire::write_event(out, event, currency);
    }
}

}  // namespace patron::tools
