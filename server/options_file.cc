#include "server/options_file.h"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <sstream>

#include <toml++/toml.h>

#include "server/start_error.h"

namespace patron::server {
namespace {

constexpr std::streamoff kFileBytesMax = 1024 * 1024;

std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    if (!in) {
        throw StartError(ExitCode::NoInput, "cannot read " + path + ": " + std::strerror(errno));
    }
    const std::streamoff bytes = in.tellg();
    if (bytes < 0 || bytes > kFileBytesMax) {
        throw StartError(ExitCode::Config, path + " is no file of at most 1 MiB");
    }
    std::string text(static_cast<std::size_t>(bytes), '\0');
    in.seekg(0);
    in.read(text.data(), bytes);
    if (!in) {
        throw StartError(ExitCode::IoError, "reading " + path + " failed");
    }
    return text;
}

std::string place_of(const std::string& path, const toml::node& node) {
    return path + ":" + std::to_string(node.source().begin.line);
}

std::string text_of(const toml::node& node, const std::string& key, const std::string& place) {
    if (const auto text = node.value_exact<std::string>()) {
        return *text;
    }
    if (const auto number = node.value_exact<std::int64_t>()) {
        return std::to_string(*number);
    }
    if (const auto flag = node.value_exact<bool>()) {
        return *flag ? "true" : "false";
    }
    throw StartError(
        ExitCode::Config, place + ": " + key + " must be a string, a whole number, true or false"
    );
}

}  // namespace

std::vector<FileEntry> read_options_file(const std::string& path) {
    toml::table root;
    try {
        root = toml::parse(read_file(path), path);
    } catch (const toml::parse_error& error) {
        throw StartError(
            ExitCode::Config,
            path + ":" + std::to_string(error.source().begin.line) + ": " +
                std::string(error.description())
        );
    }
    std::vector<FileEntry> entries;
    for (const auto& [section, content] : root) {
        const toml::table* table = content.as_table();
        if (table == nullptr) {
            throw StartError(
                ExitCode::Config,
                place_of(path, content) + ": " + std::string(section.str()) +
                    " stands outside a section, as [server]"
            );
        }
        for (const auto& [name, value] : *table) {
            const std::string key = std::string(section.str()) + "." + std::string(name.str());
            const std::string place = place_of(path, value);
            entries.push_back({key, text_of(value, key, place), place});
        }
    }
    return entries;
}

}  // namespace patron::server
