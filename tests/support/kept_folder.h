#pragma once
// A data folder with a known history, and ways to damage it.
//
// Shapes     `kBatches` batches of three events each, events 1 to 3 * kBatches; customers "c0" to "c6", an
//            erasure and an override among the events.
// Threads    one.

#include <cstdint>
#include <string>
#include <vector>

#include "store/folder_check.h"
#include "tests/support/test_store.h"

namespace patron::store {

class KeptFolder {
  public:
    static constexpr std::uint64_t kBatches = 12;
    static constexpr std::uint64_t kEvents = 3 * kBatches;

    // Events 1 to `events` in memory alone: what a store that holds just those says of itself.
    static StoreHashes hashes_of(std::uint64_t events);

    // Ended cleanly: a snapshot as of the last event, all of the log.
    void make();
    // As a crash leaves it: a WAL, and a snapshot as of `snapshot_at` if that is not 0.
    void make_crashed(std::uint64_t snapshot_at = 0);
    void make_as(const KeptFolder& other);

    const std::string& path() const { return path_; }
    std::string file(const std::string& name) const { return path_ + "/" + name; }
    std::vector<std::string> snapshots() const;
    void remove_snapshots() const;
    TestStoreOptions options() const;

    void sql(const std::string& statement) const;
    // The same, left in a whole WAL.
    void sql_in_wal(const std::string& statement) const;
    static std::string read(const std::string& file);
    static void write(const std::string& file, const std::string& bytes);
    // One bit of one byte.
    static void flip(const std::string& file, std::size_t at);
    // Every file's path and bytes, but for LOCK.
    static std::vector<std::pair<std::string, std::string>> contents(const std::string& directory);

    FolderReport check() const;

  private:
    static EventBatch batch_at(std::uint64_t number);
    static void fill(TestStore& store, std::uint64_t from, std::uint64_t to);

    TemporaryDirectory root_;
    std::string path_ = root_.path() + "/data";
};

}  // namespace patron::store
