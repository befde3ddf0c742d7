#pragma once
// What a check of a data folder or a backup found, for people and for programs.
//
// Threads    pure.

#include <iosfwd>
#include <string>

#include "store/folder_check.h"

namespace patron::tools {

void print_report(std::ostream& out, const std::string& folder, const store::FolderReport& report);
void print_report_json(
    std::ostream& out, const std::string& folder, const store::FolderReport& report
);

// "patron.db: seq 7: what; next: …"
std::string finding_text(const store::Finding& finding);

}  // namespace patron::tools
