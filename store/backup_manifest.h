#pragma once
// What a backup says of itself: the file MANIFEST, lines of "key value", the last one a checksum.
//
// Shapes     patron-backup 1, identity, seq, made_at (Unix ms), snapshot, crc (CRC32C of what is above).
// Errors     DataDamaged for anything but what `manifest_text` writes.
// Threads    pure.

#include <cstdint>
#include <string>
#include <string_view>

#include "scoring/units.h"
#include "store/result.h"

namespace patron::store {

inline constexpr const char* kManifestName = "MANIFEST";

struct BackupManifest {
    std::string identity;   // of the data folder
    std::uint64_t seq = 0;  // of the last event in it
    scoring::Instant made_at;
    std::string snapshot;  // name of the file in snapshots/
};

std::string manifest_text(const BackupManifest& manifest);
Result<BackupManifest> parse_manifest(std::string_view text);

}  // namespace patron::store
