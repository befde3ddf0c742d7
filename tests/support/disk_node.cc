#include "tests/support/disk_node.h"

#include <algorithm>
#include <array>
#include <utility>

namespace patron::store {
namespace {

void put(std::string& content, std::uint64_t offset, std::string_view bytes) {
    content.resize(std::max<std::size_t>(content.size(), offset + bytes.size()), '\0');
    content.replace(offset, bytes.size(), bytes);
}

void carry_out(std::string& content, const PendingChange& change) {
    if (change.truncate) {
        content.resize(change.offset, '\0');
    } else {
        put(content, change.offset, change.bytes);
    }
}

void carry_out(Entries& entries, const PendingEntry& change) {
    if (change.node) {
        entries[change.name] = change.node;
    } else {
        entries.erase(change.name);
    }
    if (!change.from.empty()) {
        entries.erase(change.from);
    }
}

// How a disk treats one file: mostly kept, mostly lost, by whole writes or by sectors.
class Fate {
  public:
    explicit Fate(std::mt19937_64& random)
        : random_(random)
        , kept_(kChances[random() % kChances.size()])
        , by_sector_(random() % 2 == 0) {}

    void play(std::string& content, const PendingChange& change) {
        if (change.truncate || !by_sector_) {
            if (kept_(random_)) {
                carry_out(content, change);
            } else {
                lose(content, change);
            }
            return;
        }
        for (std::uint64_t done = 0; done < change.bytes.size();) {
            const std::uint64_t at = change.offset + done;
            const std::uint64_t to_border = kDiskSectorBytes - at % kDiskSectorBytes;
            const auto piece = std::string_view(change.bytes).substr(done, to_border);
            if (kept_(random_)) {
                put(content, at, piece);
            }
            done += piece.size();
        }
    }

  private:
    static constexpr std::array kChances{0.0, 0.2, 0.5, 0.8, 1.0};

    // The file's new length may be on the disk without the bytes.
    void lose(std::string& content, const PendingChange& change) {
        const std::uint64_t end = change.offset + change.bytes.size();
        if (!change.truncate && end > content.size() && random_() % 4 == 0) {
            content.resize(end, '\0');
        }
    }

    std::mt19937_64& random_;
    std::bernoulli_distribution kept_;
    bool by_sector_;
};

std::string content_after(const DiskNode& file, std::mt19937_64& random) {
    std::string content = file.durable;
    Fate fate(random);
    for (const PendingChange& change : file.pending) {
        fate.play(content, change);
    }
    return content;
}

}  // namespace

void DiskNode::write(std::uint64_t offset, std::string bytes) {
    put(now, offset, bytes);
    pending.push_back({.offset = offset, .bytes = std::move(bytes)});
}

void DiskNode::truncate(std::uint64_t size) {
    now.resize(size, '\0');
    pending.push_back({.offset = size, .bytes = {}, .truncate = true});
}

void DiskNode::sync() {
    // Not simply `now`: what a failed sync forgot is in it.
    for (const PendingChange& change : pending) {
        carry_out(durable, change);
    }
    pending.clear();
}

void DiskNode::fail_sync(std::mt19937_64& random) {
    durable = content_after(*this, random);
    pending.clear();
}

void DiskNode::enter(PendingEntry entry) {
    carry_out(entries, entry);
    pending_entries.push_back(std::move(entry));
}

void DiskNode::sync_entries() {
    durable_entries = entries;
    pending_entries.clear();
}

std::shared_ptr<DiskNode> as_seen(const DiskNode& node) {
    auto out = std::make_shared<DiskNode>();
    out->directory = node.directory;
    out->now = node.now;
    out->durable = node.now;
    for (const auto& [name, child] : node.entries) {
        out->entries[name] = as_seen(*child);
    }
    out->durable_entries = out->entries;
    return out;
}

std::shared_ptr<DiskNode> after_power_cut(const DiskNode& node, std::mt19937_64& random) {
    auto after = std::make_shared<DiskNode>();
    after->directory = node.directory;
    if (!node.directory) {
        after->durable = content_after(node, random);
        after->now = after->durable;
        return after;
    }
    Entries names = node.durable_entries;
    const std::uint64_t kept = random() % (node.pending_entries.size() + 1);
    for (std::uint64_t i = 0; i < kept; ++i) {
        carry_out(names, node.pending_entries[i]);
    }
    for (const auto& [name, child] : names) {
        after->durable_entries[name] = after_power_cut(*child, random);
    }
    after->entries = after->durable_entries;
    return after;
}

}  // namespace patron::store
