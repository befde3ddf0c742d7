#include "store/backup_manifest.h"

#include <charconv>

#include "store/partition_map.h"

namespace patron::store {
namespace {

std::string body_of(const BackupManifest& m) {
    return "patron-backup 1\nidentity " + m.identity + "\nseq " + std::to_string(m.seq) +
           "\nmade_at " + std::to_string(m.made_at.ms) + "\nsnapshot " + m.snapshot + "\n";
}

// The value of the line `key value` at the front of `text`, which loses that line.
std::string_view take(std::string_view& text, std::string_view key) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos || !text.starts_with(key)) {
        return {};
    }
    const std::string_view value = text.substr(key.size(), end - key.size());
    text.remove_prefix(end + 1);
    return value;
}

template <class T>
bool read_number(std::string_view text, T& out) {
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, out);
    return parsed.ec == std::errc() && parsed.ptr == end;
}

}  // namespace

std::string manifest_text(const BackupManifest& manifest) {
    const std::string body = body_of(manifest);
    return body + "crc " + std::to_string(crc32c(body)) + "\n";
}

Result<BackupManifest> parse_manifest(std::string_view text) {
    BackupManifest out;
    std::string_view rest = text;
    take(rest, "patron-backup ");
    out.identity = take(rest, "identity ");
    const bool numbers = read_number(take(rest, "seq "), out.seq) &&
                         read_number(take(rest, "made_at "), out.made_at.ms);
    out.snapshot = take(rest, "snapshot ");
    // Written again it must be the same bytes: that checks every line and the checksum at once.
    if (!numbers || manifest_text(out) != text) {
        return fail(FaultCode::DataDamaged, "MANIFEST is not what a backup writes, or was changed");
    }
    return out;
}

}  // namespace patron::store
