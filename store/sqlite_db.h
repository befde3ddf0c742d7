#pragma once
// The one door to SQLite: a connection and its statements, with faults for codes.
//
// Order      one connection a file (two can damage a WAL in this version of SQLite).
// Errors     DiskFull: no room; DataDamaged: the file is not what SQLite wrote; DataFolder: somebody
//            else has it open; DiskFailed: everything else. The detail is SQLite's own sentence.
// Owns       a statement must end before its connection.
// Threads    one at a time.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "store/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace patron::store {

class SqliteStatement {
  public:
    SqliteStatement() = default;

    // Binds the values to ?1, ?2, … and starts anew. Texts and blobs must live until the last `step`.
    template <class... Values>
    SqliteStatement& with(const Values&... values) {
        restart();
        int place = 0;
        (bind(++place, values), ...);
        return *this;
    }
    // True: there is a row; false: done.
    Result<bool> step();
    // Steps to the end, whatever rows come, and lets go of the locks.
    Result<void> run();
    void restart();

    std::int64_t number(int column) const;
    std::uint64_t count(int column) const { return static_cast<std::uint64_t>(number(column)); }
    std::string_view bytes(int column) const;  // until the next step
    bool null(int column) const;

  private:
    friend class SqliteDb;
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    void bind(int place, std::int64_t value);
    void bind(int place, std::uint64_t value) { bind(place, static_cast<std::int64_t>(value)); }
    void bind(int place, std::uint32_t value) { bind(place, std::int64_t{value}); }
    void bind(int place, std::string_view bytes);
    void bind(int place, const std::string& bytes) { bind(place, std::string_view(bytes)); }

    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

enum class SqliteOpen : std::uint8_t {
    Write,      // made if it is not there
    Existing,   // as Write, but it must be there
    Immutable,  // the main file alone, as it is: no lock, no WAL
};

class SqliteDb {
  public:
    static Result<SqliteDb> open(const std::string& path, SqliteOpen how, const char* vfs);

    // One or more statements without values; rows are passed over.
    Result<void> run(const std::string& sql);
    Result<SqliteStatement> prepare(std::string_view sql);
    // The first column of the first row; nothing without one.
    Result<std::optional<std::int64_t>> number(const std::string& sql);

    struct Checkpoint {
        int frames = 0;
        int done = 0;
    };
    // Carries the WAL into the file; `truncate` empties the WAL as well.
    Result<Checkpoint> checkpoint(bool truncate);
    // Frames in the WAL as of the last commit.
    int wal_frames() const { return *wal_frames_; }
    // Findings of SQLite's own check of the file's structure; "ok" without any.
    Result<std::string> integrity(bool quick);

    // A copy into another file, pages at a time, while this connection goes on writing.
    class Copy {
      public:
        explicit Copy(void* backup) : backup_(backup) {}
        Copy(Copy&& other) noexcept : backup_(std::exchange(other.backup_, nullptr)) {}
        Copy& operator=(Copy&&) = delete;
        ~Copy();
        Result<bool> step(int pages);  // true: done

      private:
        void* backup_;
    };
    Result<Copy> copy_to(SqliteDb& target);

    sqlite3* handle() const { return db_.get(); }

  private:
    struct Close {
        void operator()(sqlite3* db) const;
    };
    std::unique_ptr<sqlite3, Close> db_;
    std::unique_ptr<int> wal_frames_;
};

}  // namespace patron::store
