#pragma once
// Golden CSV files: a header line and rows of text, numbers parsed on request.
//
// Errors     a missing file gives an empty optional; a cell that is no number fails the test.

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace patron::scoring {

class GoldenTable {
  public:
    static std::optional<GoldenTable> load(const std::filesystem::path& file) {
        std::ifstream in(file);
        if (!in) {
            return std::nullopt;
        }
        GoldenTable table;
        std::string line;
        std::getline(in, line);
        const std::vector<std::string> names = split(line);
        for (std::size_t i = 0; i < names.size(); ++i) {
            table.columns_[names[i]] = i;
        }
        while (std::getline(in, line)) {
            table.rows_.push_back(split(line));
        }
        return table;
    }

    std::size_t rows() const { return rows_.size(); }
    bool has(const std::string& column) const { return columns_.contains(column); }
    const std::string& text(std::size_t row, const std::string& column) const {
        return rows_.at(row).at(columns_.at(column));
    }
    double number(std::size_t row, const std::string& column) const {
        return parsed<double>(text(row, column));
    }
    std::int64_t integer(std::size_t row, const std::string& column) const {
        return parsed<std::int64_t>(text(row, column));
    }

  private:
    static std::vector<std::string> split(std::string line) {
        if (!line.empty() && line.back() == '\r') {
            line.pop_back();
        }
        std::vector<std::string> cells;
        std::stringstream stream(line);
        for (std::string cell; std::getline(stream, cell, ',');) {
            cells.push_back(cell);
        }
        return cells;
    }

    template <typename Number>
    static Number parsed(const std::string& text) {
        Number value{};
        const char* end = text.data() + text.size();
        const auto result = std::from_chars(text.data(), end, value);
        EXPECT_TRUE(result.ec == std::errc{} && result.ptr == end) << "no number: " << text;
        return value;
    }

    std::map<std::string, std::size_t> columns_;
    std::vector<std::vector<std::string>> rows_;
};

// Files kept in the tree.
inline std::filesystem::path golden_file(const std::string& name) {
    return std::filesystem::path(PATRON_SOURCE_DIR) / "tests" / "golden" / name;
}

// Larger files: below PATRON_SHARED, or below the folder `shared` beside the checkout.
inline std::filesystem::path shared_golden_file(const std::string& name) {
    const char* shared = std::getenv("PATRON_SHARED");
    const std::filesystem::path root =
        shared != nullptr && *shared != '\0'
            ? std::filesystem::path(shared)
            : std::filesystem::path(PATRON_SOURCE_DIR) / ".." / "shared";
    return root / "golden" / name;
}

}  // namespace patron::scoring
