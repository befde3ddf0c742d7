// Attributes as bytes of a snapshot (SNAPSHOT_FORMAT.md): one encoding for each content, none left over.

#include <cmath>

#include "store/attributes.h"
#include "store/fixed_bytes.h"

namespace patron::store {
namespace {

void put_value(std::string& out, Instant value) {
    put(out, value.ms);
}
void put_value(std::string& out, double value) {
    put(out, value);
}
void put_value(std::string& out, bool value) {
    put(out, static_cast<std::uint8_t>(value));
}
void put_value(std::string& out, const std::string& value) {
    put_text(out, value);
}
void put_value(std::string& out, const std::vector<std::string>& value) {
    put(out, static_cast<std::uint32_t>(value.size()));
    for (const std::string& text : value) {
        put_text(out, text);
    }
}
// `by.at` is the instant at which it was said.
void put_value(std::string& out, const OverrideValue& value) {
    put(out, static_cast<std::uint8_t>(value.by.kind));
    put(out, value.by.tier);
    put(out, value.by.until.ms);
    put_text(out, value.tier);
    put_text(out, value.reason);
    put_text(out, value.author);
}

void take_value(FixedReader& in, Said, Instant& value) {
    value.ms = in.take<std::int64_t>();
}
void take_value(FixedReader& in, Said, double& value) {
    value = in.take<double>();
    if (!std::isfinite(value)) {
        in.refuse();
    }
}
void take_value(FixedReader& in, Said, bool& value) {
    const auto byte = in.take<std::uint8_t>();
    value = byte == 1;
    if (byte > 1) {
        in.refuse();
    }
}
void take_value(FixedReader& in, Said, std::string& value) {
    value = in.take_text();
}
void take_value(FixedReader& in, Said, std::vector<std::string>& value) {
    for (auto left = in.take<std::uint32_t>(); left > 0 && in.good(); --left) {
        value.emplace_back(in.take_text());
    }
}
void take_value(FixedReader& in, Said said, OverrideValue& value) {
    const auto kind = in.take<std::uint8_t>();
    if (kind > static_cast<std::uint8_t>(scoring::OverrideKind::Ceiling)) {
        in.refuse();
    }
    value.by.kind = static_cast<scoring::OverrideKind>(kind);
    value.by.tier = in.take<std::uint8_t>();
    value.by.at = said.at;
    value.by.until.ms = in.take<std::int64_t>();
    value.tier = in.take_text();
    value.reason = in.take_text();
    value.author = in.take_text();
}

struct Saver {
    std::string& out;
    std::size_t mask_at = out.size();
    std::uint16_t mask = 0;
    std::uint16_t bit = 1;

    template <class T>
    void operator()(const LastValue<T>& last) {
        if (last.known()) {
            mask |= bit;
            put(out, last.said().at.ms);
            put(out, last.said().event);
            put_value(out, last.value());
        }
        bit = static_cast<std::uint16_t>(bit << 1);
    }
};

struct Loader {
    FixedReader in;
    std::uint16_t mask = in.take<std::uint16_t>();  // shifted out as the fields come

    template <class T>
    void operator()(LastValue<T>& last) {
        if ((mask & 1) != 0) {
            Said said;
            said.at.ms = in.take<std::int64_t>();
            said.event = in.take<std::uint64_t>();
            T value{};
            take_value(in, said, value);
            last.replace(value, said);
        }
        mask = static_cast<std::uint16_t>(mask >> 1);
    }
};

}  // namespace

template <class Self, class Visit>
void CustomerAttributes::each_field(Self& self, Visit& visit) {
    visit(self.customer_since_);
    visit(self.influence_);
    visit(self.strategic_);
    visit(self.expert_score_);
    visit(self.do_not_contact_);
    visit(self.preferred_channel_);
    visit(self.region_);
    visit(self.industry_);
    visit(self.owner_);
    visit(self.birthday_);
    visit(self.tags_);
    visit(self.override_);
}

void CustomerAttributes::save(std::string& out) const {
    Saver saver{out};
    put(out, saver.mask);
    each_field(*this, saver);
    std::memcpy(out.data() + saver.mask_at, &saver.mask, sizeof saver.mask);
}

Result<CustomerAttributes> CustomerAttributes::load(std::string_view& bytes) {
    CustomerAttributes loaded;
    Loader loader{FixedReader(bytes)};
    each_field(loaded, loader);
    if (!loader.in.good() || loader.mask != 0) {
        return fail(FaultCode::DataDamaged, "attributes that no writer wrote");
    }
    loaded.refresh_facts();
    bytes = loader.in.left();
    return loaded;
}

}  // namespace patron::store
