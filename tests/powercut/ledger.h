#pragma once
// What was sent to a data folder on a simulated disk, what was acknowledged, and what a reopened
// folder gives back.
//
// Shapes     an event is its encoded record; event i of `sent` has the sequence number i + 1.
// Errors     `reopen` returns the fault of the first step that has one.
// Threads    one at a time.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/data_folder.h"
#include "tests/support/random_events.h"
#include "tests/support/simulated_disk.h"

namespace patron::store {

inline constexpr const char* kFolder = "/srv/patron";

// With the directory in which the folder will be made.
std::unique_ptr<SimulatedDisk> disk_with_place_for_folder();
FolderOptions folder_options(Durability durability = Durability::Fsync);

struct Reopened {
    std::vector<std::string> events;
    std::vector<std::string> notices;
};
// Every event of the log, checked and decoded as recovery does it.
Result<Reopened> reopen(SimulatedDisk& disk, Durability durability = Durability::Fsync);

// A folder that is being written to.
class Ledger {
  public:
    Ledger(SimulatedDisk& disk, std::uint64_t seed, Durability durability = Durability::Fsync);

    // Whether the folder opened; a second time after it was closed.
    Result<void> open();
    void close() { log_.reset(); }
    EventLog& log() { return *log_; }
    // A batch of `events` random events. Acknowledged or, after a refusal, forgotten: its number is
    // given to the next.
    Result<void> append(std::size_t events);
    Result<void> append() { return append(static_cast<std::size_t>(maker_.whole(1, 20))); }

    // These events are in the folder already.
    void continue_from(std::vector<std::string> events);

    // The batch that was refused last may not come back.
    void forget_refused();

    std::size_t acknowledged() const { return acknowledged_; }
    // With those under way, or whose batch failed last.
    const std::vector<std::string>& sent() const { return sent_; }
    EventMaker& dice() { return maker_; }
    // "" if these are a first part of what was sent, and all that was acknowledged is in it.
    std::string complaint(const Reopened& reopened) const {
        return complaint(reopened, acknowledged_);
    }
    std::string complaint(const Reopened& reopened, std::size_t at_least) const;

  private:
    SimulatedDisk& disk_;
    EventMaker maker_;
    Durability durability_;
    std::unique_ptr<DataFolder> folder_;
    std::unique_ptr<EventLog> log_;
    std::vector<std::string> sent_;
    std::vector<std::size_t> batch_ends_{0};
    std::size_t acknowledged_ = 0;
};

}  // namespace patron::store
