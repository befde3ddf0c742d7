// A partition into a snapshot and out of it.

#include <algorithm>

#include "scoring/check.h"
#include "store/partition.h"
#include "store/state_hash.h"

namespace patron::store {

Partition::Save::Save() = default;

void Partition::begin_save(std::uint32_t number) {
    Save& save = save_.emplace();
    save.saved.partition = number;
    save.end = static_cast<Row>(columns_.rows());
    save.early.assign(columns_.rows(), false);
    save.saved.event_ids = dedupe_.ids();
    save.saved.erased.assign(erased_.begin(), erased_.end());
    std::ranges::sort(save.saved.erased);
}

void Partition::save_row(SnapshotBlock& block, Row row) {
    const CustomerId id = columns_.record(row).writer_id();
    if (id.empty()) {
        return;
    }
    const std::string_view text = id_of(id);
    const CustomerAttributes* known = known_attributes(row);
    const scoring::Ledger entries = ledger(row);
    block.add({text, columns_.log_state(row), columns_.activity(row), entries, known});
    PartitionSaved& saved = save_->saved;
    saved.rows += 1;
    saved.entries += entries.size();
    saved.facts_hash += facts_hash(text, entries, known != nullptr ? known->hash() : 0);
    saved.states_hash += state_hash(text, columns_.log_state(row), columns_.activity(row));
}

bool Partition::save_rows(SnapshotBlock& block, std::size_t limit) {
    Save& save = *save_;
    for (std::size_t n = 0; n < limit && save.next < save.end && !block.full(); ++n) {
        if (!save.early[save.next]) {
            save_row(block, save.next);
        }
        ++save.next;
    }
    return save.next < save.end;
}

// What a change is about to overwrite belongs to the save still.
void Partition::save_early(Row row) {
    Save& save = *save_;
    if (save.early_blocks.empty() || save.early_blocks.back().full()) {
        save.early_blocks.emplace_back(save.saved.partition);
    }
    save_row(save.early_blocks.back(), row);
    save.early[row] = true;
}

std::vector<SnapshotBlock> Partition::take_early_blocks() {
    return std::exchange(save_->early_blocks, {});
}

PartitionSaved Partition::end_save() {
    PATRON_CHECK(save_->next == save_->end && save_->early_blocks.empty());
    PartitionSaved saved = std::move(save_->saved);
    save_.reset();
    return saved;
}

void Partition::load(const SavedCustomer& customer) {
    const std::uint64_t hash = customer_hash(customer.id, bounds_.hash_seed);
    const Row row = create(hash, customer.id, customer.log_state.settled_at);
    columns_.said(row) = {};
    not_recalled_ += live_ ? 1 : 0;
    columns_.log_state(row) = customer.log_state;
    columns_.activity(row) = customer.activity;
    columns_.ledger(row) = ledgers_.add(customer.ledger);
    ledger_size_max_ =
        std::max(ledger_size_max_, static_cast<std::uint32_t>(customer.ledger.size()));
    if (customer.attributes != nullptr) {
        attributes(row) = *customer.attributes;
    }
    // No standing: `valid_until` lies long ago, so that the first reader or an idle beat makes one.
    RecordBody body = columns_.record(row).read();
    body.standing.state = customer.log_state;
    publish(row, body);
}

void Partition::load_closing(const PartitionSaved& saved) {
    dedupe_.assign(saved.event_ids);
    erased_.insert(saved.erased.begin(), saved.erased.end());
}

}  // namespace patron::store
