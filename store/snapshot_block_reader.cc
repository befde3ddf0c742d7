#include <array>
#include <cmath>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "store/limits.h"
#include "store/snapshot_block.h"
#include "store/snapshot_columns.h"
#include "store/snapshot_parts.h"

namespace patron::store {
namespace {

namespace columns = snapshot_columns;
namespace part = snapshot_part;
using columns::Column;
using columns::SavedState;
using scoring::LedgerEntry;

std::unexpected<Fault> damaged(std::string what) {
    return fail(FaultCode::DataDamaged, std::move(what));
}
std::unexpected<Fault> damaged(Column column) {
    return damaged("column of " + std::string(columns::kNames[column]) + " is damaged");
}

template <class T>
T at(std::string_view bytes, std::size_t offset) {
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

// A block whose checksums agree; the checks of its content come after that.
class Rows {
  public:
    Result<void> open(std::string_view bytes, std::uint32_t partition);
    Result<void> check();
    void visit(const std::function<void(const SavedCustomer&)>& visit) const;

  private:
    Result<void> split(std::string_view bytes);
    bool ids_are_good() const;
    bool states_are_good() const;
    bool activities_are_good() const;
    bool sizes_are_good() const;
    bool entries_are_good() const;
    bool take_attributes();
    void align_entries();

    std::uint32_t size(std::size_t row) const {
        return at<std::uint32_t>(columns_[columns::kSizes], row * sizeof(std::uint32_t));
    }
    SavedState state(std::size_t row) const {
        return at<SavedState>(columns_[columns::kStates], row * sizeof(SavedState));
    }
    scoring::Activity activity(std::size_t row) const {
        const std::string_view column = columns_[columns::kActivities];
        const std::size_t offset = row * columns::kActivityBytes;
        return {at<double>(column, offset), at<scoring::Day>(column, offset + sizeof(double))};
    }

    std::size_t rows_ = 0;
    std::array<std::string_view, columns::kCount> columns_;
    std::span<const LedgerEntry> entries_;
    std::vector<LedgerEntry> copied_;
    std::vector<std::pair<std::uint32_t, CustomerAttributes>> attributes_;  // by row, ascending
};

Result<void> Rows::open(std::string_view bytes, std::uint32_t partition) {
    if (bytes.size() < columns::kBlockHeaderBytes ||
        !part::intact(bytes.substr(0, columns::kBlockHeaderBytes), columns::kBlockTag)) {
        return damaged("header of the block is damaged");
    }
    const std::uint64_t total = part::head_of(bytes).length;
    FixedReader header(bytes.substr(part::kHeadBytes));
    const auto of_partition = header.take<std::uint32_t>();
    rows_ = header.take<std::uint32_t>();
    const auto column_count = header.take<std::uint32_t>();
    if (total != bytes.size() || of_partition != partition || rows_ > kSnapshotBlockRowsMax ||
        column_count != columns::kCount) {
        return damaged("header of the block does not fit");
    }
    return split(bytes.substr(columns::kBlockHeaderBytes));
}

Result<void> Rows::split(std::string_view bytes) {
    for (std::size_t i = 0; i < columns::kCount; ++i) {
        const auto column = static_cast<Column>(i);
        if (bytes.size() < part::kHeadBytes) {
            return damaged(column);
        }
        const std::uint64_t length = part::head_of(bytes).length;
        if (length > bytes.size() - part::kHeadBytes) {
            return damaged(column);
        }
        const std::uint64_t whole = part::kHeadBytes + part::padded(length);
        if (whole > bytes.size() || !part::intact(bytes.substr(0, whole), columns::kTags[i])) {
            return damaged(column);
        }
        columns_[i] = bytes.substr(part::kHeadBytes, static_cast<std::size_t>(length));
        bytes.remove_prefix(static_cast<std::size_t>(whole));
    }
    return bytes.empty() ? Result<void>{} : damaged("bytes behind the last column");
}

bool Rows::ids_are_good() const {
    FixedReader ids(columns_[columns::kIds]);
    for (std::size_t row = 0; row < rows_; ++row) {
        const auto size = ids.take<std::uint8_t>();
        if (size == 0 || size > limits::kCustomerIdBytesMax) {
            return false;
        }
        ids.take_bytes(size);
    }
    return ids.good() && ids.left().empty();
}

bool Rows::states_are_good() const {
    if (columns_[columns::kStates].size() != rows_ * sizeof(SavedState)) {
        return false;
    }
    bool good = true;
    for (std::size_t row = 0; row < rows_; ++row) {
        const SavedState s = state(row);
        good &= s.tier_by_rules < limits::kTiersMax && s.tier < limits::kTiersMax &&
                s.band < scoring::kBands && s.stage < scoring::kStages &&
                s.follow_up <= static_cast<std::uint8_t>(scoring::FollowUpState::DoNotContact) &&
                s.zero == std::array<std::uint8_t, 3>{};
    }
    return good;
}

bool Rows::activities_are_good() const {
    if (columns_[columns::kActivities].size() != rows_ * columns::kActivityBytes) {
        return false;
    }
    bool good = true;
    for (std::size_t row = 0; row < rows_; ++row) {
        const double sum = activity(row).sum;
        good &= std::isfinite(sum) && sum >= 0;
    }
    return good;
}

bool Rows::sizes_are_good() const {
    if (columns_[columns::kSizes].size() != rows_ * sizeof(std::uint32_t)) {
        return false;
    }
    std::uint64_t sum = 0;
    bool good = true;
    for (std::size_t row = 0; row < rows_; ++row) {
        sum += size(row);
        good &= size(row) <= limits::kEntriesPerCustomerMax;
    }
    return good && sum * sizeof(LedgerEntry) == columns_[columns::kEntries].size();
}

void Rows::align_entries() {
    const std::string_view bytes = columns_[columns::kEntries];
    const std::size_t count = bytes.size() / sizeof(LedgerEntry);
    if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(LedgerEntry) == 0) {
        entries_ = {reinterpret_cast<const LedgerEntry*>(bytes.data()), count};
        return;
    }
    copied_.resize(count);
    std::memcpy(copied_.data(), bytes.data(), count * sizeof(LedgerEntry));
    entries_ = copied_;
}

bool Rows::entries_are_good() const {
    std::size_t first = 0;
    bool good = true;
    for (std::size_t row = 0; row < rows_; ++row) {
        const std::size_t end = first + size(row);
        for (std::size_t i = first; i < end; ++i) {
            good &= entries_[i].kind() <= scoring::EntryKind::ChurnConfirmed &&
                    entries_[i].flag() <= scoring::EntryFlag::Service &&
                    (i == first || entries_[i - 1] <= entries_[i]);
        }
        first = end;
    }
    return good;
}

bool Rows::take_attributes() {
    std::string_view left = columns_[columns::kAttributes];
    while (!left.empty()) {
        FixedReader reader(left);
        const auto row = reader.take<std::uint32_t>();
        left = reader.left();
        const bool ascending = attributes_.empty() || attributes_.back().first < row;
        if (!reader.good() || row >= rows_ || !ascending) {
            return false;
        }
        auto loaded = CustomerAttributes::load(left);
        if (!loaded) {
            return false;
        }
        attributes_.emplace_back(row, std::move(*loaded));
    }
    return true;
}

Result<void> Rows::check() {
    if (!ids_are_good()) {
        return damaged(columns::kIds);
    }
    if (!states_are_good()) {
        return damaged(columns::kStates);
    }
    if (!activities_are_good()) {
        return damaged(columns::kActivities);
    }
    if (!sizes_are_good()) {
        return damaged(columns::kSizes);
    }
    align_entries();
    if (!entries_are_good()) {
        return damaged(columns::kEntries);
    }
    if (!take_attributes()) {
        return damaged(columns::kAttributes);
    }
    return {};
}

void Rows::visit(const std::function<void(const SavedCustomer&)>& visit) const {
    FixedReader ids(columns_[columns::kIds]);
    std::size_t first = 0;
    auto next = attributes_.begin();
    for (std::size_t row = 0; row < rows_; ++row) {
        SavedCustomer customer;
        customer.id = ids.take_bytes(ids.take<std::uint8_t>());
        customer.log_state = columns::restored(state(row));
        customer.activity = activity(row);
        customer.ledger = entries_.subspan(first, size(row));
        first += size(row);
        if (next != attributes_.end() && next->first == row) {
            customer.attributes = &next->second;
            ++next;
        }
        visit(customer);
    }
}

}  // namespace

Result<void> read_snapshot_block(
    std::string_view bytes,
    std::uint32_t partition,
    const std::function<void(const SavedCustomer&)>& visit
) {
    Rows rows;
    if (auto opened = rows.open(bytes, partition); !opened) {
        return opened;
    }
    if (auto checked = rows.check(); !checked) {
        return checked;
    }
    rows.visit(visit);
    return {};
}

}  // namespace patron::store
