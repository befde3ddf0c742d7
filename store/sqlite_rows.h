#pragma once
// The checksums of rows, over their fields: SQLite keeps none.
//
// Threads    pure.

#include <cstdint>
#include <string>
#include <string_view>

#include "store/event_log.h"
#include "store/partition_map.h"

namespace patron::store {

class RowChecksum {
  public:
    RowChecksum& add(std::int64_t number) {
        bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);
        return *this;
    }
    RowChecksum& add(std::uint64_t number) { return add(static_cast<std::int64_t>(number)); }
    RowChecksum& add(std::string_view text) {
        add(static_cast<std::int64_t>(text.size()));
        bytes_ += text;
        return *this;
    }
    std::uint32_t value() const { return crc32c(bytes_); }

  private:
    std::string bytes_;
};

inline std::string_view bytes_of(const Fingerprint& fingerprint) {
    return {reinterpret_cast<const char*>(fingerprint.data()), sizeof fingerprint};
}

inline std::uint32_t crc_of(const KeptAnswer& a) {
    return RowChecksum().add(a.key).add(bytes_of(a.fingerprint)).add(a.at.ms).add(a.answer).value();
}

inline std::uint32_t crc_of(const Erasure& e) {
    return RowChecksum().add(e.seq).add(e.customer).add(e.customer_hash).add(e.at.ms).value();
}

inline std::uint32_t crc_of(const AuditEntry& e) {
    return RowChecksum()
        .add(e.at.ms)
        .add(e.seq)
        .add(e.kind)
        .add(e.subject)
        .add(e.by)
        .add(e.detail)
        .value();
}

}  // namespace patron::store
