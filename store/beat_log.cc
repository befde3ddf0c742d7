#include "store/beat_log.h"

namespace patron::store {
namespace {

const char* name_of(OverrideMode mode) {
    switch (mode) {
        case OverrideMode::Clear:
            return "clear";
        case OverrideMode::Pin:
            return "pin";
        case OverrideMode::Floor:
            return "floor";
        case OverrideMode::Ceiling:
            return "ceiling";
    }
    return "";
}

}  // namespace

void BeatLog::add(const Event& event, std::uint64_t customer_hash) {
    events_.push_back(&event);
    const std::uint64_t seq = first_seq_ + events_.size() - 1;
    if (std::holds_alternative<Erase>(event.body)) {
        erasures_.push_back({std::string(event.customer), customer_hash, seq, accepted_at_});
    } else if (const auto* by = std::get_if<std::unique_ptr<Override>>(&event.body)) {
        std::string detail = name_of((*by)->mode);
        for (const std::string_view part : {(*by)->tier, (*by)->reason}) {
            detail += part.empty() ? "" : " " + std::string(part);
        }
        audit_.push_back(
            {accepted_at_,
             seq,
             "override",
             std::string(event.customer),
             std::string((*by)->by),
             std::move(detail)}
        );
    }
}

}  // namespace patron::store
