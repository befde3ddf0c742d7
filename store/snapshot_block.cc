#include "store/snapshot_block.h"

#include <array>

#include "store/check.h"
#include "store/limits.h"
#include "store/snapshot_columns.h"
#include "store/snapshot_parts.h"

namespace patron::store {

namespace columns = snapshot_columns;
namespace part = snapshot_part;

void SnapshotBlock::add(const SavedCustomer& customer) {
    PATRON_CHECK(!full());
    PATRON_CHECK(!customer.id.empty() && customer.id.size() <= limits::kCustomerIdBytesMax);
    PATRON_CHECK(customer.ledger.size() <= limits::kEntriesPerCustomerMax);
    if (rows_ == 0) {
        states_.reserve(kSnapshotBlockRowsMax * sizeof(columns::SavedState));
        activities_.reserve(kSnapshotBlockRowsMax * columns::kActivityBytes);
        sizes_.reserve(kSnapshotBlockRowsMax * sizeof(std::uint32_t));
    }
    put(ids_, static_cast<std::uint8_t>(customer.id.size()));
    ids_.append(customer.id);
    const columns::SavedState state = columns::saved(customer.log_state);
    states_.append(reinterpret_cast<const char*>(&state), sizeof state);
    put(activities_, customer.activity.sum);
    put(activities_, customer.activity.ref);
    put(sizes_, static_cast<std::uint32_t>(customer.ledger.size()));
    entries_.append(
        reinterpret_cast<const char*>(customer.ledger.data()), customer.ledger.size_bytes()
    );
    if (customer.attributes != nullptr) {
        put(attributes_, rows_);
        customer.attributes->save(attributes_);
    }
    ++rows_;
}

void SnapshotBlock::append_to(std::string& out) const {
    const std::array<const std::string*, columns::kCount> contents{
        &ids_, &states_, &activities_, &sizes_, &entries_, &attributes_
    };
    std::uint64_t total = columns::kBlockHeaderBytes;
    for (const std::string* content : contents) {
        total += part::kHeadBytes + part::padded(content->size());
    }
    out.reserve(out.size() + total);
    part::PartWriter header(out, columns::kBlockTag);
    put(out, partition_);
    put(out, rows_);
    put(out, static_cast<std::uint32_t>(columns::kCount));
    header.end(total);
    for (std::size_t i = 0; i < contents.size(); ++i) {
        part::PartWriter column(out, columns::kTags[i]);
        out.append(*contents[i]);
        column.end(contents[i]->size());
    }
}

std::string SnapshotBlock::bytes() const {
    std::string out;
    append_to(out);
    return out;
}

}  // namespace patron::store
