#pragma once
// patron.toml as a flat list of keys and values.
//
// Shapes     tables are sections; strings, integers and booleans are values. Everything else is
// refused. Bounds     1 MiB. Errors     StartError (Config, or NoInput for a file that was asked
// for and is not there). Threads    pure.

#include <string>
#include <vector>

namespace patron::server {

struct FileEntry {
    std::string key;
    std::string text;
    std::string place;  // "patron.toml:3"
};

std::vector<FileEntry> read_options_file(const std::string& path);

}  // namespace patron::server
