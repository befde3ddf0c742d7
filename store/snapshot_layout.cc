#include "store/snapshot_layout.h"

#include "store/check.h"

namespace patron::store::snapshot_layout {
namespace {

namespace part = snapshot_part;

constexpr std::string_view kMagic = "PATRSNAP";

std::unexpected<Fault> damaged(std::string what) {
    return fail(FaultCode::DataDamaged, std::move(what));
}

std::unexpected<Fault> later_format(std::uint32_t format) {
    return damaged(
        "written in format " + std::to_string(format) + "; this version reads up to " +
        std::to_string(kSnapshotFormat)
    );
}

void put_all(std::string& out, const std::vector<std::uint64_t>& numbers) {
    out.append(
        reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(std::uint64_t)
    );
}

std::vector<std::uint64_t> take_all(FixedReader& in, std::uint64_t count) {
    // Compared before it is multiplied: a count no file holds must not wrap around.
    if (count > in.left().size() / sizeof(std::uint64_t)) {
        in.refuse();
        return {};
    }
    std::vector<std::uint64_t> numbers(static_cast<std::size_t>(count));
    for (std::uint64_t& number : numbers) {
        number = in.take<std::uint64_t>();
    }
    return numbers;
}

struct Closed {
    std::uint64_t rows = 0;  // of the blocks so far
    bool closed = false;
};

}  // namespace

std::string header_bytes(const SnapshotAbout& about) {
    std::string out;
    part::PartWriter header(out, kHeaderTag);
    put(out, kSnapshotFormat);
    put(out, about.partitions);
    put(out, about.hash_seed);
    put(out, about.made_at.ms);
    put(out, about.policy);
    put_text(out, about.folder);
    header.end_whole();
    return out;
}

Result<SnapshotAbout> read_header(std::string_view bytes) {
    if (!part::intact(bytes, kHeaderTag) || part::head_of(bytes).length != bytes.size()) {
        return damaged("header is damaged");
    }
    FixedReader in(bytes.substr(part::kHeadBytes));
    const auto format = in.take<std::uint32_t>();
    if (format == 0 || format > kSnapshotFormat) {
        return later_format(format);
    }
    SnapshotAbout about;
    about.partitions = in.take<std::uint32_t>();
    about.hash_seed = in.take<std::uint64_t>();
    about.made_at.ms = in.take<std::int64_t>();
    about.policy = in.take<std::uint32_t>();
    about.folder = in.take_text();
    return in.good() ? Result<SnapshotAbout>(std::move(about)) : damaged("header does not fit");
}

std::string closing_bytes(const PartitionSaved& saved) {
    std::string out;
    part::PartWriter closing(out, kClosingTag);
    put(out, saved.partition);
    put(out, std::uint32_t{0});
    put(out, saved.applied_seq);
    put(out, saved.rows);
    put(out, saved.entries);
    put(out, saved.facts_hash);
    put(out, saved.states_hash);
    put(out, static_cast<std::uint64_t>(saved.event_ids.size()));
    put(out, static_cast<std::uint64_t>(saved.erased.size()));
    put_all(out, saved.event_ids);
    put_all(out, saved.erased);
    closing.end_whole();
    PATRON_CHECK(out.size() <= kPartBytesMax);
    return out;
}

Result<PartitionSaved> read_closing(std::string_view bytes) {
    if (!part::intact(bytes, kClosingTag) || part::head_of(bytes).length != bytes.size()) {
        return damaged("closing record is damaged");
    }
    FixedReader in(bytes.substr(part::kHeadBytes));
    PartitionSaved saved;
    saved.partition = in.take<std::uint32_t>();
    in.take<std::uint32_t>();
    saved.applied_seq = in.take<std::uint64_t>();
    saved.rows = in.take<std::uint64_t>();
    saved.entries = in.take<std::uint64_t>();
    saved.facts_hash = in.take<std::uint64_t>();
    saved.states_hash = in.take<std::uint64_t>();
    const auto event_ids = in.take<std::uint64_t>();
    const auto erased = in.take<std::uint64_t>();
    saved.event_ids = take_all(in, event_ids);
    saved.erased = take_all(in, erased);
    if (!in.good() || !in.left().empty()) {
        return damaged("closing record does not fit");
    }
    return saved;
}

std::string index_bytes(const std::vector<Place>& places) {
    std::string out;
    part::PartWriter index(out, kIndexTag);
    out.append(reinterpret_cast<const char*>(places.data()), places.size() * sizeof(Place));
    index.end_whole();
    PATRON_CHECK(out.size() <= kPartBytesMax);
    return out;
}

Result<std::vector<Place>> read_index(std::string_view bytes, const Footer& footer) {
    if (!part::intact(bytes, kIndexTag) || part::head_of(bytes).length != bytes.size()) {
        return damaged("index is damaged");
    }
    bytes.remove_prefix(part::kHeadBytes);
    std::vector<Place> places(footer.places);
    if (places.empty() || bytes.size() != places.size() * sizeof(Place)) {
        return damaged("index does not fit");
    }
    std::memcpy(places.data(), bytes.data(), bytes.size());
    return places;
}

std::string footer_bytes(const Footer& footer) {
    std::string out;
    part::PartWriter end(out, kFooterTag);
    put(out, kSnapshotFormat);
    put(out, footer.places);
    put(out, footer.index_offset);
    put(out, footer.index_length);
    out.append(kMagic);
    end.end_whole();
    PATRON_CHECK(out.size() == kFooterBytes);
    return out;
}

Result<Footer> read_footer(std::string_view bytes, std::uint64_t file_bytes) {
    if (!bytes.ends_with(kMagic) || !part::intact(bytes, kFooterTag)) {
        return damaged("the end is missing or damaged");
    }
    FixedReader in(bytes.substr(part::kHeadBytes));
    const auto format = in.take<std::uint32_t>();
    if (format == 0 || format > kSnapshotFormat) {
        return later_format(format);
    }
    Footer footer;
    footer.places = in.take<std::uint32_t>();
    footer.index_offset = in.take<std::uint64_t>();
    footer.index_length = in.take<std::uint64_t>();
    const std::uint64_t before = file_bytes - kFooterBytes;
    if (footer.index_length > before || footer.index_offset != before - footer.index_length ||
        footer.index_length != part::kHeadBytes + footer.places * sizeof(Place) ||
        footer.index_length > kPartBytesMax) {
        return damaged("the end names an index that does not fit");
    }
    return footer;
}

Result<void> check_places(
    const std::vector<Place>& places, std::uint32_t partitions, std::uint64_t index_offset
) {
    if (partitions == 0 || partitions > places.size()) {
        return damaged("index does not close every partition");
    }
    std::vector<Closed> seen(partitions);
    std::uint64_t at = places.front().offset;
    std::uint64_t closed = 0;
    for (const Place& place : places) {
        const bool known = place.is_closing() || place.tag == snapshot_columns::kBlockTag;
        if (!known || place.partition >= partitions || place.offset != at ||
            place.length > kPartBytesMax || place.length > index_offset - at) {
            return damaged("index names a part that does not fit");
        }
        at += place.length;
        Closed& of = seen[place.partition];
        if (of.closed || (place.is_closing() && place.rows != of.rows)) {
            return damaged(
                "index does not add up for partition " + std::to_string(place.partition)
            );
        }
        of.closed = place.is_closing();
        of.rows += place.rows;
        closed += of.closed ? 1 : 0;
    }
    if (closed != partitions || at != index_offset) {
        return damaged("index does not cover the file");
    }
    return {};
}

}  // namespace patron::store::snapshot_layout
