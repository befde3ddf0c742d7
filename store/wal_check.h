#pragma once
// Looks at an SQLite write-ahead log before SQLite does, which takes any bad frame for the log's end.
//
// Shapes     a WAL is a header of 32 bytes and frames: 24 bytes of header and one page each. A frame's
//            checksum runs over all frames before it; the last frame of a transaction says it is that.
//            Frames are counted from 1, as SQLite does.
// Range      WalWhole: every transaction that was begun in this round of the log is there, or there is
//            no log. WalTornTail: behind the last whole transaction lies one that never was finished (a
//            crash, a refused append, or damage within the very last one, which looks the same); SQLite
//            will pass over it. WalDamaged: transactions that were on the disk would be dropped.
// Errors     those of reading.
// Blocking   reads the file once, in pieces; what lies behind the last whole transaction twice.
// Threads    pure.
// Source     sqlite.org/fileformat2.html section 4; wal.c, walDecodeFrame and walIndexRecover.
//
// How a torn tail and damage are told apart. With synchronous=FULL the frames of a transaction are
// synced before the next transaction writes, so only the last one's can be missing, in any pattern.
// A bad frame is damage, then, when a transaction ended at it or behind it and another one followed:
// a frame that ends a transaction, and behind it a frame whose checksum goes on from it. Following it
// by checksum matters: the salts alone do not show order, because a refused append leaves frames of
// this round behind, which the next transaction overwrites in part. The end mark of a bad frame counts
// only where the frame is otherwise seen to be the new one: its header lies in one sector and carries
// this round's salts. So what stays a torn tail although it was damage: damage in the last transaction,
// and damage that spoils the end of the last but one together with the proof that another followed.
// Where transactions are not synced one by one (`synced_each` false), any of the last ones may be
// missing, and whatever follows a bad frame proves nothing: a torn tail. Old frames that a torn tail
// leaves in the file could be taken for proof in a later life with syncs: empty the log
// (wal_checkpoint(TRUNCATE)) after any verdict but WalWhole.

#include <cstdint>
#include <string>
#include <variant>

#include "store/file_system.h"
#include "store/result.h"

namespace patron::store {

struct WalWhole {
    std::uint64_t frames = 0;
    std::uint64_t commits = 0;
};

struct WalTornTail {
    std::uint64_t frames = 0;  // that stay
    std::uint64_t commits = 0;
    std::uint64_t offset = 0;          // where the last whole transaction ends
    std::uint64_t bytes = 0;           // that are dropped
    std::uint64_t frames_dropped = 0;  // the last may be a part of one
};

struct WalDamaged {
    std::uint64_t offset = 0;
    std::uint64_t frame = 0;  // 0: the header of the log
    std::string reason;
};

using WalVerdict = std::variant<WalWhole, WalTornTail, WalDamaged>;

Result<WalVerdict> check_wal(const InputFile& wal, bool synced_each);

// A file that is not there is whole.
Result<WalVerdict> check_wal(
    FileSystem& files, const std::string& directory, const std::string& name, bool synced_each
);

}  // namespace patron::store
