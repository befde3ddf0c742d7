#include "server/endpoints/keeping.h"

#include "server/endpoints/job.h"
#include "server/endpoints/media_type.h"
#include "server/wire/backup_name.h"
#include "server/wire/instant_text.h"
#include "server/wire/json_string.h"
#include "server/wire/problem.h"
#include "server/wire/query_string.h"

namespace patron::endpoints {
namespace {

using store::BackupInfo;
using store::Result;
using store::SnapshotInfo;
using wire::ByteWriter;

void append_snapshot(ByteWriter& out, const SnapshotInfo& snapshot) {
    out.append(R"({"name":)");
    wire::append_json_string(out, snapshot.name);
    out.append(R"(,"from_seq":)");
    out.append_uint(snapshot.from_seq);
    out.append(R"(,"seq":)");
    out.append_uint(snapshot.to_seq);
    out.append(R"(,"customers":)");
    out.append_uint(snapshot.rows);
    out.append(R"(,"bytes":)");
    out.append_uint(snapshot.bytes);
    out.append(R"(,"made_at":")");
    wire::append_instant(out, snapshot.made_at);
    out.append("\"}");
}

void append_backup(ByteWriter& out, const BackupInfo& backup) {
    out.append(R"({"directory":)");
    wire::append_json_string(out, backup.directory);
    out.append(R"(,"seq":)");
    out.append_uint(backup.seq);
    out.append(R"(,"bytes":)");
    out.append_uint(backup.bytes);
    out.append(R"(,"snapshot":)");
    append_snapshot(out, backup.snapshot);
    out.append('}');
}

class SnapshotJob final : public Job {
  public:
    using Job::Job;

    void start() override {
        unless_refused(core_.store.snapshot([job = self<SnapshotJob>()](Result<SnapshotInfo> made) {
            job->on_made(made);
        }));
    }

  private:
    void on_made(const Result<SnapshotInfo>& made) {
        if (!made) {
            fail(made.error());
            return;
        }
        answer_json([&](ByteWriter& out) { append_snapshot(out, *made); });
    }
};

class BackupJob final : public Job {
  public:
    BackupJob(Core& core, const Request& request, Deferral& deferral, std::string directory)
        : Job(core, request, deferral), directory_(std::move(directory)) {}

    void start() override {
        unless_refused(core_.store.backup(
            directory_, [job = self<BackupJob>()](Result<BackupInfo> made) { job->on_made(made); }
        ));
    }

  private:
    void on_made(const Result<BackupInfo>& made) {
        if (!made) {
            fail(made.error());
            return;
        }
        answer_json([&](ByteWriter& out) { append_backup(out, *made); });
    }

    const std::string directory_;
};

std::optional<store::Fault> query_fault(const Request& request) {
    const auto query = wire::QueryString::parse(request.query, {});
    return query ? std::nullopt : std::optional(query.error());
}

// Named as was asked for, else after the time.
Result<std::string> backup_directory(const Core& core, const Request& request) {
    if (core.options.backups_folder.empty()) {
        return store::fail(
            store::FaultCode::NoDataFolder, "events are kept in memory only; serve with --data DIR"
        );
    }
    if (!request.body.empty() && media_type(request.content_type) != MediaType::Json) {
        return std::unexpected(unsupported_media_type("application/json"));
    }
    auto name = wire::decode_backup_name(request.body);
    if (name && name->empty()) {
        name = wire::backup_name_at(core.store.clock().now());
    }
    if (name) {
        *name = core.options.backups_folder + "/" + *name;
    }
    return name;
}

}  // namespace

Handled post_snapshots(Core& core, const Request& request, ByteWriter& out, Deferral& deferral) {
    auto fault = query_fault(request);
    if (!fault && !request.body.empty()) {
        fault = {store::FaultCode::BadRequest, "a snapshot is asked for without a body", {}};
    }
    if (fault) {
        wire::write_problem(out, request.reply, *fault);
        return Handled::Now;
    }
    return start_job(core, std::make_shared<SnapshotJob>(core, request, deferral));
}

Handled post_backups(Core& core, const Request& request, ByteWriter& out, Deferral& deferral) {
    Result<std::string> directory = backup_directory(core, request);
    if (const auto fault = query_fault(request)) {
        directory = std::unexpected(*fault);
    }
    if (!directory) {
        wire::write_problem(out, request.reply, directory.error());
        return Handled::Now;
    }
    return start_job(
        core, std::make_shared<BackupJob>(core, request, deferral, std::move(*directory))
    );
}

}  // namespace patron::endpoints
