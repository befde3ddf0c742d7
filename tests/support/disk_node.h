#pragma once
// A file or directory of the simulated disk: what programs see, what is durable, what is under way.
//
// Order      `pending` and `pending_entries` in the order in which they were asked for.
// Threads    none of its own; the disk guards it.

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace patron::store {

struct DiskNode;
using Entries = std::map<std::string, std::shared_ptr<DiskNode>>;

struct PendingChange {
    std::uint64_t offset = 0;
    std::string bytes;
    bool truncate = false;  // to `offset` bytes, instead of a write
};

struct PendingEntry {
    std::string name;                // comes, or goes where there is no node
    std::shared_ptr<DiskNode> node;  // nullptr: removed
    std::string from;                // a rename: this name goes with it; empty: none
};

struct DiskNode {
    bool directory = false;

    // Of a file.
    std::string now;
    std::string durable;
    std::vector<PendingChange> pending;
    void write(std::uint64_t offset, std::string bytes);
    void truncate(std::uint64_t size);
    void sync();
    // Some of what was pending gets to the disk, nobody ever hears of the rest again, though programs
    // go on to read it: what Linux does.
    void fail_sync(std::mt19937_64& random);

    // Of a directory.
    Entries entries;
    Entries durable_entries;
    std::vector<PendingEntry> pending_entries;
    void enter(PendingEntry entry);
    void sync_entries();

    // SQLite's locks.
    int shared_locks = 0;
    bool reserved = false;
    bool exclusive = false;
};

// What is there once the power is back: in a file any of the pending changes, whole or by sectors of
// kDiskSectorBytes; of a directory's the first ones.
inline constexpr std::uint64_t kDiskSectorBytes = 512;
std::shared_ptr<DiskNode> as_seen(const DiskNode& node);  // all that was asked for, durable
std::shared_ptr<DiskNode> after_power_cut(const DiskNode& node, std::mt19937_64& random);

}  // namespace patron::store
