#include "store/partition_map.h"
#include "store/snapshot_file.h"
#include "store/state_hash.h"

namespace patron::store {
namespace {

Result<void> verify_partition(
    const SnapshotReader& reader, const std::string& path, std::uint32_t partition
) {
    std::uint64_t facts = 0;
    std::uint64_t states = 0;
    std::uint64_t strangers = 0;
    const auto saved = reader.read_partition(partition, [&](const SavedCustomer& c) {
        const std::uint64_t said = c.attributes != nullptr ? c.attributes->hash() : 0;
        facts += facts_hash(c.id, c.ledger, said);
        states += state_hash(c.id, c.log_state, c.activity);
        const std::uint64_t hash = customer_hash(c.id, reader.about().hash_seed);
        strangers += partition_of(hash, reader.about().partitions) == partition ? 0 : 1;
    });
    if (!saved) {
        return std::unexpected(saved.error());
    }
    const auto wrong = [&](const char* what) {
        return fail(
            FaultCode::DataDamaged, path + ": partition " + std::to_string(partition) + ": " + what
        );
    };
    if (strangers > 0) {
        return wrong("customers of another partition");
    }
    if (facts != saved->facts_hash) {
        return wrong("hash of the facts does not agree");
    }
    if (states != saved->states_hash) {
        return wrong("hash of the states does not agree");
    }
    return {};
}

}  // namespace

Result<SnapshotInfo> verify_snapshot(FileSystem& files, const std::string& path) {
    const auto reader = SnapshotReader::open(files, path);
    if (!reader) {
        return std::unexpected(reader.error());
    }
    for (std::uint32_t partition = 0; partition < (*reader)->about().partitions; ++partition) {
        if (auto verified = verify_partition(**reader, path, partition); !verified) {
            return std::unexpected(std::move(verified.error()));
        }
    }
    return (*reader)->info();
}

}  // namespace patron::store
