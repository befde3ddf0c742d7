#include "tests/powercut/ledger.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <gtest/gtest.h>

#include "store/event_codec.h"
#include "tests/support/test_store.h"

namespace patron::store {
namespace {

std::string encoded(const Event& event) {
    const Event* one = &event;
    std::string bytes;
    encode_events({&one, 1}, bytes);
    return bytes;
}

Result<void> take(const StoredBatch& stored, std::vector<std::string>& events) {
    if (auto good = check(stored); !good) {
        return good;
    }
    if (stored.first_seq != events.size() + 1) {
        return fail(FaultCode::BadRequest, "a gap that the log did not see");
    }
    auto decoded = decode_events(stored.format, stored.bytes, stored.events);
    if (!decoded) {
        return std::unexpected(decoded.error());
    }
    if (decoded->batch.events.size() != stored.events) {
        return fail(FaultCode::BadRequest, "events are missing from a batch");
    }
    for (const Event& event : decoded->batch.events) {
        events.push_back(encoded(event));
    }
    return {};
}

}  // namespace

std::unique_ptr<SimulatedDisk> disk_with_place_for_folder() {
    auto disk = std::make_unique<SimulatedDisk>();
    EXPECT_TRUE(disk->make_directory("/srv"));
    EXPECT_TRUE(disk->sync_directory("/"));
    return disk;
}

FolderOptions folder_options(Durability durability) {
    FolderOptions options;
    options.policy_name = "test@1";
    options.policy_document = "a policy";
    options.partitions = 4;
    options.durability = durability;
    options.sync_interval_ms = 0;  // due whenever `tick` is called
    options.now = kTestNow;
    return options;
}

Result<Reopened> reopen(SimulatedDisk& disk, Durability durability) {
    auto folder = DataFolder::open(disk, kFolder, folder_options(durability));
    if (!folder) {
        return std::unexpected(folder.error());
    }
    Reopened out{.events = {}, .notices = (*folder)->notices()};
    const auto log = (*folder)->take_log();
    auto cursor = log->read_from(1);
    if (!cursor) {
        return std::unexpected(cursor.error());
    }
    for (StoredBatch stored;;) {
        const auto more = (*cursor)->next(stored);
        if (!more) {
            return std::unexpected(more.error());
        }
        if (!*more) {
            return out;
        }
        if (const auto taken = take(stored, out.events); !taken) {
            return std::unexpected(taken.error());
        }
    }
}

Ledger::Ledger(SimulatedDisk& disk, std::uint64_t seed, Durability durability)
    : disk_(disk), maker_(seed, {.customers = 20}), durability_(durability) {}

Result<void> Ledger::open() {
    log_.reset();
    folder_.reset();
    auto folder = DataFolder::open(disk_, kFolder, folder_options(durability_));
    if (!folder) {
        return std::unexpected(folder.error());
    }
    folder_ = std::move(*folder);
    log_ = folder_->take_log();
    return {};
}

Result<void> Ledger::append(std::size_t events) {
    EventBatch batch;
    maker_.add(batch, events, kTestNow);
    std::vector<const Event*> pointers;
    std::vector<std::string> records;
    for (const Event& event : batch.events) {
        pointers.push_back(&event);
        records.push_back(encoded(event));
    }
    LogBatch log_batch;
    log_batch.first_seq = acknowledged_ + 1;
    log_batch.accepted_at = kTestNow;
    log_batch.policy_revision = 1;
    log_batch.events = pointers;
    const auto before = std::make_pair(sent_, batch_ends_);
    forget_refused();
    sent_.insert(sent_.end(), records.begin(), records.end());
    batch_ends_.push_back(sent_.size());
    auto appended = log_->append(log_batch);
    if (appended) {
        acknowledged_ = sent_.size();
    } else if (appended.error().code == FaultCode::WritesStopped) {
        std::tie(sent_, batch_ends_) = before;  // it was not even tried
    }
    return appended;
}

void Ledger::forget_refused() {
    sent_.resize(acknowledged_);
    while (batch_ends_.back() > acknowledged_) {
        batch_ends_.pop_back();
    }
}

void Ledger::continue_from(std::vector<std::string> events) {
    sent_ = std::move(events);
    acknowledged_ = sent_.size();
    batch_ends_ = {acknowledged_};
}

std::string Ledger::complaint(const Reopened& reopened, std::size_t at_least) const {
    const auto& events = reopened.events;
    const std::string counts = std::to_string(events.size()) + " events came back, " +
                               std::to_string(at_least) + " were acknowledged, " +
                               std::to_string(sent_.size()) + " were sent";
    if (events.size() < at_least) {
        return "lost: " + counts;
    }
    if (events.size() > sent_.size() ||
        !std::ranges::equal(events, std::span(sent_).first(events.size()))) {
        return "invented: " + counts;
    }
    return std::ranges::binary_search(batch_ends_, events.size()) ? "" : "half a batch: " + counts;
}

}  // namespace patron::store
