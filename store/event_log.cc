#include "store/event_log.h"

#include <array>
#include <bit>
#include <cstdio>
#include <cstring>

#include "store/partition_map.h"

namespace patron::store {
namespace {

static_assert(std::endian::native == std::endian::little);

// What stands beside the body, so that a row under another number, or with another instant, is found
// as well.
std::array<char, 28> head_of(const StoredBatch& batch) {
    std::array<char, 28> head{};
    char* at = head.data();
    const auto put = [&](auto value) {
        std::memcpy(at, &value, sizeof value);
        at += sizeof value;
    };
    put(batch.first_seq);
    put(batch.events);
    put(batch.accepted_at.ms);
    put(batch.policy_revision);
    put(batch.format);
    return head;
}

}  // namespace

std::uint32_t checksum(const StoredBatch& batch) {
    const auto head = head_of(batch);
    return crc32c(batch.bytes, crc32c({head.data(), head.size()}));
}

Result<void> check(const StoredBatch& batch) {
    const std::uint32_t found = checksum(batch);
    if (found == batch.crc) {
        return {};
    }
    char sums[64];
    std::snprintf(sums, sizeof sums, "the checksum is %08x, not %08x as written", found, batch.crc);
    return fail(
        FaultCode::DataDamaged, "the batch of seq " + std::to_string(batch.first_seq) + ": " + sums
    );
}

Result<std::unique_ptr<LogCursor>> EventLog::read_from(std::uint64_t /*seq*/) {
    return fail_without_folder();
}

std::unexpected<Fault> EventLog::fail_without_folder() {
    return fail(
        FaultCode::NoDataFolder, "nothing is kept: the server was started without a data folder"
    );
}

}  // namespace patron::store
