// A disk that fails on demand: preloaded into the server under test, it stands before the C library.
//
// Shapes     PATRON_FAULT is a list of rules parted by ';', each `[sticky-]ACTION:CALL[@FILES]:N[:ERRNO]`.
//            ACTION kill: SIGKILL just before the N-th call; kill-after: just after it; torn: its first
//            sectors are written, if it spans several, then SIGKILL; short: half of them, and the call says so; error: the
//            call fails with ERRNO (EIO unless named), nothing done; full: fails with ENOSPC once N bytes are
//            written. sticky-: the N-th and every later call. CALL is write, pwrite, fsync, fdatasync,
//            rename, unlink, ftruncate, or put (the first two), sync (the next two). FILES is a glob on
//            the path below PATRON_FAULT_DIR; a rename counts by its new name.
// Order      each rule counts its own calls from 1, in the order in which they come.
// Range      only files below PATRON_FAULT_DIR; only while the file PATRON_FAULT_WHILE exists, if named.
// Errors     a rule that cannot be read ends the process with 99: a test must not pass without faults.
// Threads    any.

#include <array>
#include <atomic>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <dlfcn.h>
#include <errno.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

namespace {

enum Call : unsigned {
    kWrite = 1,
    kPwrite = 2,
    kFsync = 4,
    kFdatasync = 8,
    kRename = 16,
    kUnlink = 32,
    kFtruncate = 64,
};

enum class Action : std::uint8_t { Kill, KillAfter, Torn, Short, Error, Full };

struct Rule {
    Action action = Action::Kill;
    bool sticky = false;
    unsigned calls = 0;
    std::string files = "*";
    std::uint64_t from = 0;
    int error = EIO;
    std::atomic<std::uint64_t> seen = 0;  // calls; bytes if Full
};

template <class T, std::size_t N>
std::optional<T> find(
    const std::array<std::pair<std::string_view, T>, N>& names, std::string_view name
) {
    for (const auto& [known, value] : names) {
        if (known == name) {
            return value;
        }
    }
    return std::nullopt;
}

constexpr std::array<std::pair<std::string_view, Action>, 6> kActions{{
    {"kill", Action::Kill},
    {"kill-after", Action::KillAfter},
    {"torn", Action::Torn},
    {"short", Action::Short},
    {"error", Action::Error},
    {"full", Action::Full},
}};

constexpr std::array<std::pair<std::string_view, unsigned>, 9> kCalls{{
    {"write", kWrite},
    {"pwrite", kPwrite},
    {"put", kWrite | kPwrite},
    {"fsync", kFsync},
    {"fdatasync", kFdatasync},
    {"sync", kFsync | kFdatasync},
    {"rename", kRename},
    {"unlink", kUnlink},
    {"ftruncate", kFtruncate},
}};

constexpr std::array<std::pair<std::string_view, int>, 4> kErrors{
    {{"EIO", EIO}, {"ENOSPC", ENOSPC}, {"EDQUOT", EDQUOT}, {"EROFS", EROFS}}
};

[[noreturn]] void refuse(std::string_view what) {
    fprintf(
        stderr, "PATRON_FAULT: cannot read '%.*s'\n", static_cast<int>(what.size()), what.data()
    );
    _exit(99);
}

std::vector<std::string_view> split(std::string_view text, char by) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t end = text.find(by);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(end + 1);
    }
}

void read_rule(std::string_view text, Rule& rule) {
    const auto parts = split(text, ':');
    if (parts.size() < 3 || parts.size() > 4) {
        refuse(text);
    }
    std::string_view name = parts[0];
    rule.sticky = name.starts_with("sticky-");
    name.remove_prefix(rule.sticky ? strlen("sticky-") : 0);
    const auto called = split(parts[1], '@');
    const auto action = find(kActions, name);
    const auto calls = find(kCalls, called[0]);
    const auto error = parts.size() == 4 ? find(kErrors, parts[3]) : EIO;
    const char* const end = parts[2].data() + parts[2].size();
    const auto number = std::from_chars(parts[2].data(), end, rule.from);
    if (!action || !calls || !error || called.size() > 2 || number.ptr != end || rule.from == 0) {
        refuse(text);
    }
    rule.action = *action;
    rule.calls = *calls;
    rule.error = *error;
    if (called.size() == 2) {
        rule.files = called[1];
    }
}

struct Plan {
    std::list<Rule> rules;
    std::string directory;
    std::string only_while;

    Plan() {
        const auto variable = [](const char* name) {
            const char* const value = getenv(name);
            return std::string(value == nullptr ? "" : value);
        };
        directory = variable("PATRON_FAULT_DIR");
        only_while = variable("PATRON_FAULT_WHILE");
        const std::string text = variable("PATRON_FAULT");
        for (const std::string_view rule : split(text, ';')) {
            if (!rule.empty()) {
                read_rule(rule, rules.emplace_back());
            }
        }
    }
};

Plan& plan() {
    static auto* const the_plan = new Plan();  // never destroyed: the last write comes after main
    return *the_plan;
}

// The next function of that name behind this library.
template <class Function>
Function next(const char* name) {
    void* const found = dlsym(RTLD_NEXT, name);
    if (found == nullptr) {
        refuse(name);
    }
    return reinterpret_cast<Function>(found);
}

// The path below the directory of interest, empty for other files.
std::string below(const Plan& the_plan, std::string_view path) {
    const std::string& directory = the_plan.directory;
    if (directory.empty() || !path.starts_with(directory)) {
        return {};
    }
    path.remove_prefix(directory.size());
    if (path.empty()) {
        return ".";
    }
    return path[0] == '/' ? std::string(path.substr(1)) : std::string();
}

std::string path_of(int fd) {
    std::array<char, 4096> path{};
    const std::string link = "/proc/self/fd/" + std::to_string(fd);
    const ssize_t bytes = readlink(link.c_str(), path.data(), path.size());
    return bytes > 0 ? std::string(path.data(), static_cast<std::size_t>(bytes)) : std::string();
}

[[noreturn]] void die() {
    for (;;) {
        syscall(SYS_kill, getpid(), SIGKILL);
    }
}

struct Verdict {
    std::optional<Action> action;
    int error = 0;
};

// What happens to this call; counts it.
Verdict judge(Call call, const std::string& path, std::size_t bytes) {
    Plan& the_plan = plan();
    const std::string file = the_plan.rules.empty() ? std::string() : below(the_plan, path);
    Verdict verdict;
    if (file.empty() ||
        (!the_plan.only_while.empty() && access(the_plan.only_while.c_str(), F_OK) != 0)) {
        return verdict;
    }
    for (Rule& rule : the_plan.rules) {
        if ((rule.calls & call) == 0 || fnmatch(rule.files.c_str(), file.c_str(), 0) != 0) {
            continue;
        }
        const bool full = rule.action == Action::Full;
        const std::uint64_t step = full ? bytes : 1;
        const std::uint64_t seen = rule.seen.fetch_add(step) + step;
        const bool hit =
            full ? seen > rule.from : (rule.sticky ? seen >= rule.from : seen == rule.from);
        if (hit && !verdict.action) {
            verdict = {rule.action, full ? ENOSPC : rule.error};
        }
    }
    return verdict;
}

// What a disk does at once, whatever happens to it.
constexpr std::size_t kSectorBytes = 512;

// How much of a write at `offset` stands in the sectors that its first half reaches; 0 within one sector.
std::size_t first_sectors(std::size_t offset, std::size_t bytes) {
    const std::size_t middle = (offset + bytes / 2) / kSectorBytes * kSectorBytes;
    const std::size_t border = middle > offset ? middle : middle + kSectorBytes;
    return border < offset + bytes ? border - offset : 0;
}

template <class Do>
auto with_fault(const Verdict& verdict, std::size_t offset, std::size_t bytes, const Do& act)
    -> decltype(act(bytes)) {
    if (!verdict.action) {
        return act(bytes);
    }
    switch (*verdict.action) {
        case Action::Kill:
            die();
        case Action::KillAfter:
            act(bytes);
            die();
        case Action::Torn:
            if (const std::size_t part = first_sectors(offset, bytes); part > 0) {
                act(part);
            }
            die();
        case Action::Short:
            return act(bytes > 1 ? bytes / 2 : bytes);
        case Action::Error:
        case Action::Full:
            break;
    }
    errno = verdict.error;
    return -1;
}

template <class Do>
auto on_file(Call call, int fd, off64_t offset, std::size_t bytes, const Do& act)
    -> decltype(act(bytes)) {
    const int error_before = errno;
    const Verdict verdict = plan().rules.empty() ? Verdict{} : judge(call, path_of(fd), bytes);
    errno = error_before;
    return with_fault(verdict, static_cast<std::size_t>(offset), bytes, act);
}

template <class Do>
int on_path(Call call, const char* path, const Do& act) {
    const int error_before = errno;
    const Verdict verdict = judge(call, path, 0);
    errno = error_before;
    return with_fault(verdict, 0, 0, act);
}

}  // namespace

extern "C" {

ssize_t write(int fd, const void* bytes, size_t count) {
    static const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
    const off64_t at = plan().rules.empty() ? 0 : lseek64(fd, 0, SEEK_CUR);
    return on_file(kWrite, fd, at < 0 ? 0 : at, count, [&](size_t n) {
        return real(fd, bytes, n);
    });
}

ssize_t pwrite64(int fd, const void* bytes, size_t count, off64_t offset) {
    static const auto real = next<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
    return on_file(kPwrite, fd, offset, count, [&](size_t n) {
        return real(fd, bytes, n, offset);
    });
}

ssize_t pwrite(int fd, const void* bytes, size_t count, off_t offset) {
    return pwrite64(fd, bytes, count, offset);
}

int fsync(int fd) {
    static const auto real = next<int (*)(int)>("fsync");
    return on_file(kFsync, fd, 0, 0, [&](size_t) { return real(fd); });
}

int fdatasync(int fd) {
    static const auto real = next<int (*)(int)>("fdatasync");
    return on_file(kFdatasync, fd, 0, 0, [&](size_t) { return real(fd); });
}

int ftruncate64(int fd, off64_t size) noexcept {
    static const auto real = next<int (*)(int, off64_t)>("ftruncate64");
    return on_file(kFtruncate, fd, 0, 0, [&](size_t) { return real(fd, size); });
}

int ftruncate(int fd, off_t size) noexcept {
    return ftruncate64(fd, size);
}

int rename(const char* from, const char* to) noexcept {
    static const auto real = next<int (*)(const char*, const char*)>("rename");
    return on_path(kRename, to, [&](size_t) { return real(from, to); });
}

int unlink(const char* path) noexcept {
    static const auto real = next<int (*)(const char*)>("unlink");
    return on_path(kUnlink, path, [&](size_t) { return real(path); });
}

}  // extern "C"
