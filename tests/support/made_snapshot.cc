#include "tests/support/made_snapshot.h"

#include <thread>
#include <utility>

#include "store/partition_map.h"
#include "store/state_hash.h"

namespace patron::store {

PartitionSaved closing_of(std::uint32_t partition, const std::vector<OwnedCustomer>& customers) {
    PartitionSaved saved;
    saved.partition = partition;
    saved.rows = customers.size();
    for (const OwnedCustomer& c : customers) {
        saved.entries += c.ledger.size();
        saved.facts_hash += facts_hash(c.id, c.ledger, c.attributes ? c.attributes->hash() : 0);
        saved.states_hash += state_hash(c.id, c.log_state, c.activity);
    }
    return saved;
}

MadeSnapshot make_snapshot(std::uint64_t seed, std::uint32_t partitions, std::size_t customers) {
    SavedMaker maker(seed);
    MadeSnapshot made;
    made.about = {
        "folder-" + maker.text(20), maker.below(~0ull), partitions, 3, {1'710'475'200'000}
    };
    made.partitions.resize(partitions);
    for (std::size_t i = 0; i < customers; ++i) {
        OwnedCustomer customer = maker.customer();
        made.partitions[crc32c(customer.id) % partitions].customers.push_back(std::move(customer));
    }
    for (std::uint32_t p = 0; p < partitions; ++p) {
        MadePartition& partition = made.partitions[p];
        partition.saved = closing_of(p, partition.customers);
        partition.saved.applied_seq = 1000 + maker.below(100);
        for (std::size_t ids = maker.below(40); ids > 0; --ids) {
            partition.saved.event_ids.push_back(maker.below(~0ull));
        }
        for (std::size_t ids = maker.below(3); ids > 0; --ids) {
            partition.saved.erased.push_back(maker.below(~0ull));
        }
    }
    return made;
}

Result<SnapshotInfo> finish(SnapshotWriter& writer) {
    writer.finish();
    while (true) {
        if (const auto outcome = writer.outcome()) {
            return *outcome;
        }
        std::this_thread::yield();
    }
}

void add_when_there_is_room(SnapshotWriter& writer, SnapshotBlock block) {
    while (!writer.has_room()) {
        std::this_thread::yield();
    }
    writer.add(std::move(block));
}

Result<SnapshotInfo> write_snapshot(
    FileSystem& files,
    const std::string& directory,
    std::uint64_t seq,
    const MadeSnapshot& made,
    std::size_t rows
) {
    auto begun = SnapshotWriter::begin(files, directory, seq, made.about);
    if (!begun) {
        return std::unexpected(begun.error());
    }
    std::vector<std::size_t> next(made.partitions.size());
    for (std::size_t open = made.partitions.size(); open > 0;) {
        for (std::uint32_t p = 0; p < made.partitions.size(); ++p) {
            const MadePartition& partition = made.partitions[p];
            if (next[p] > partition.customers.size()) {
                continue;
            }
            SnapshotBlock block(p);
            while (next[p] < partition.customers.size() && block.rows() < rows && !block.full()) {
                block.add(partition.customers[next[p]++].view());
            }
            add_when_there_is_room(**begun, std::move(block));
            if (next[p] == partition.customers.size()) {
                (*begun)->close_partition(partition.saved);
                ++next[p];
                --open;
            }
        }
    }
    return finish(**begun);
}

Result<MadeSnapshot> read_snapshot(FileSystem& files, const std::string& path) {
    const auto reader = SnapshotReader::open(files, path);
    if (!reader) {
        return std::unexpected(reader.error());
    }
    MadeSnapshot read;
    read.about = (*reader)->about();
    read.partitions.resize(read.about.partitions);
    for (std::uint32_t p = 0; p < read.about.partitions; ++p) {
        MadePartition& partition = read.partitions[p];
        auto saved = (*reader)->read_partition(p, [&](const SavedCustomer& customer) {
            partition.customers.push_back(OwnedCustomer::copy(customer));
        });
        if (!saved) {
            return std::unexpected(saved.error());
        }
        partition.saved = std::move(*saved);
    }
    return read;
}

bool equal(const PartitionSaved& a, const PartitionSaved& b) {
    return a.partition == b.partition && a.applied_seq == b.applied_seq && a.rows == b.rows &&
           a.entries == b.entries && a.facts_hash == b.facts_hash &&
           a.states_hash == b.states_hash && a.event_ids == b.event_ids && a.erased == b.erased;
}

bool equal(const MadeSnapshot& a, const MadeSnapshot& b) {
    if (a.about.folder != b.about.folder || a.about.hash_seed != b.about.hash_seed ||
        a.about.partitions != b.about.partitions || a.about.policy != b.about.policy ||
        a.about.made_at != b.about.made_at || a.partitions.size() != b.partitions.size()) {
        return false;
    }
    for (std::size_t p = 0; p < a.partitions.size(); ++p) {
        if (a.partitions[p].customers != b.partitions[p].customers ||
            !equal(a.partitions[p].saved, b.partitions[p].saved)) {
            return false;
        }
    }
    return true;
}

}  // namespace patron::store
