#include "tools/patron/folder_report.h"

#include <ostream>

#include "server/wire/json_string.h"

namespace patron::tools {
namespace {

using store::FolderReport;
using store::SeqRange;
using wire::json_string;

std::string runs_text(const FolderReport& report) {
    std::string text;
    for (const SeqRange& run : report.runs) {
        text += (text.empty() ? "" : ", ") + std::to_string(run.first) + " to " +
                std::to_string(run.last);
    }
    return text.empty() ? "none" : text;
}

template <class List, class Print>
void print_list(std::ostream& out, const char* name, const List& list, Print print) {
    out << ",\"" << name << "\":[";
    const char* comma = "";
    for (const auto& item : list) {
        out << comma;
        print(item);
        comma = ",";
    }
    out << ']';
}

void print_finding(std::ostream& out, const store::Finding& finding) {
    out << "{\"file\":" << json_string(finding.file);
    if (finding.seq) {
        out << ",\"seq\":" << *finding.seq;
    }
    if (finding.offset) {
        out << ",\"offset\":" << *finding.offset;
    }
    out << ",\"what\":" << json_string(finding.what)
        << ",\"next\":" << json_string(finding.next_step) << '}';
}

}  // namespace

std::string finding_text(const store::Finding& finding) {
    std::string text = finding.file;
    if (finding.seq) {
        text += ": seq " + std::to_string(*finding.seq);
    }
    if (finding.offset) {
        text += ": byte " + std::to_string(*finding.offset);
    }
    return text + ": " + finding.what + "; next: " + finding.next_step;
}

void print_report(std::ostream& out, const std::string& folder, const FolderReport& report) {
    for (const store::Finding& finding : report.findings) {
        out << folder << '/' << finding_text(finding) << '\n';
    }
    for (const std::string& notice : report.notices) {
        out << folder << '/' << notice << '\n';
    }
    const store::FolderCounts& c = report.counts;
    out << folder << ": " << c.batches << " batches, " << c.events << " events ("
        << runs_text(report) << "), " << c.removed << " removed, " << c.snapshots << " snapshots, "
        << c.policies << " policies, " << c.audit << " audit rows; " << report.findings.size()
        << " findings\n";
}

void print_report_json(std::ostream& out, const std::string& folder, const FolderReport& report) {
    const store::FolderCounts& c = report.counts;
    out << "{\"folder\":" << json_string(folder)
        << ",\"sound\":" << (report.findings.empty() ? "true" : "false");
    print_list(out, "findings", report.findings, [&](const auto& f) { print_finding(out, f); });
    print_list(out, "notices", report.notices, [&](const auto& n) { out << json_string(n); });
    print_list(out, "runs", report.runs, [&](const SeqRange& run) {
        out << "{\"first\":" << run.first << ",\"last\":" << run.last << '}';
    });
    print_list(out, "snapshots", report.snapshots, [&](const store::SnapshotInfo& s) {
        out << "{\"name\":" << json_string(s.name) << ",\"from_seq\":" << s.from_seq
            << ",\"to_seq\":" << s.to_seq << ",\"rows\":" << s.rows << '}';
    });
    out << ",\"reached\":" << report.reached << ",\"counts\":{\"batches\":" << c.batches
        << ",\"events\":" << c.events << ",\"removed\":" << c.removed
        << ",\"record_bytes\":" << c.bytes << ",\"policies\":" << c.policies
        << ",\"answers\":" << c.answers << ",\"erasures\":" << c.erasures
        << ",\"audit\":" << c.audit << ",\"snapshots\":" << c.snapshots << "}}\n";
}

}  // namespace patron::tools
