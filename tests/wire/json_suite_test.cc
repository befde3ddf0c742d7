// The JSON test suite as event requests: what must be refused, what must not, and what we chose
// where the standard leaves it open (tests/golden/json_choices.txt).

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/wire/event_decoder.h"

namespace patron::wire {
namespace {

namespace fs = std::filesystem;
using store::FaultCode;

fs::path suite_folder() {
    const char* shared = std::getenv("PATRON_SHARED");
    const fs::path root =
        shared != nullptr ? fs::path(shared) : fs::path(PATRON_SOURCE_DIR) / "../shared";
    return root / "data" / "json";
}

struct SuiteFile {
    std::string name;
    std::string text;
};

std::vector<SuiteFile> files_with_prefix(const std::string& prefix) {
    std::vector<SuiteFile> files;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(suite_folder(), none)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with(prefix)) {
            std::ifstream in(entry.path(), std::ios::binary);
            files.push_back({name, {std::istreambuf_iterator<char>(in), {}}});
        }
    }
    std::ranges::sort(files, {}, &SuiteFile::name);
    return files;
}

class JsonSuite : public testing::Test {
  protected:
    void SetUp() override {
        if (files_with_prefix("n_").empty()) {
            GTEST_SKIP() << "no JSON suite in " << suite_folder() << "; set PATRON_SHARED";
        }
    }

    // "syntax", "utf8", "content" (JSON, but not the event asked for) or "accepted".
    std::string outcome(const std::string& body, BodyForm form = BodyForm::Json) {
        static const scoring::CurrencyTable currencies;
        const auto decoded = decoder_.decode(body, form, {currencies, scoring::Instant{0}, {}});
        if (decoded) {
            return "accepted";
        }
        switch (decoded.error().code) {
            case FaultCode::BadJson:
                return "syntax";
            case FaultCode::BadUtf8:
                return "utf8";
            default:
                return "content";
        }
    }

    // The outcomes as a document, as an item of an array and as the value of a field.
    std::vector<std::string> outcomes(const std::string& text) {
        const std::string start = R"({"type":"visit","customer":"C1",)";
        return {
            outcome(text),
            outcome("[" + start + R"("at":0},)" + text + "]"),
            outcome(start + R"("no_such_field":)" + text + "}"),
            outcome(start + R"("channel":)" + text + R"(,"at":0})"),
            outcome(R"({"type":"profile","customer":"C1","tags":)" + text + "}"),
            outcome(R"({"type":"profile","customer":"C1","tags":["a",)" + text + "]}"),
        };
    }

  private:
    EventDecoder decoder_;
};

TEST_F(JsonSuite, EveryBadTextIsRefusedAsSyntaxWhereverItStands) {
    for (const SuiteFile& file : files_with_prefix("n_")) {
        for (const std::string& found : outcomes(file.text)) {
            EXPECT_TRUE(found == "syntax" || found == "utf8") << file.name << ": " << found;
        }
        if (file.text.find('\n') == std::string::npos && file.name != "n_single_space.json" &&
            file.name != "n_structure_no_data.json") {
            const std::string found = outcome(file.text, BodyForm::Ndjson);
            EXPECT_TRUE(found == "syntax" || found == "utf8")
                << file.name << " as a line: " << found;
        }
    }
}

TEST_F(JsonSuite, NoGoodTextIsRefusedAsSyntax) {
    for (const SuiteFile& file : files_with_prefix("y_")) {
        for (const std::string& found : outcomes(file.text)) {
            EXPECT_TRUE(found == "content" || found == "accepted") << file.name << ": " << found;
        }
    }
}

std::map<std::string, std::string> choices() {
    std::map<std::string, std::string> by_name;
    std::ifstream in(fs::path(PATRON_SOURCE_DIR) / "tests/golden/json_choices.txt");
    for (std::string line; std::getline(in, line);) {
        std::istringstream words(line);
        std::string name;
        std::string outcome;
        if (words >> name >> outcome && !name.starts_with('#')) {
            by_name[name] = outcome;
        }
    }
    return by_name;
}

TEST_F(JsonSuite, WhatTheStandardLeavesOpenStaysAsChosen) {
    const auto chosen = choices();
    const auto files = files_with_prefix("i_");
    EXPECT_EQ(chosen.size(), files.size());
    for (const SuiteFile& file : files) {
        const auto line = chosen.find(file.name);
        const std::string found = outcomes(file.text)[2];
        if (line == chosen.end()) {
            ADD_FAILURE() << "not chosen yet: " << file.name << " " << found;
            continue;
        }
        EXPECT_EQ(found, line->second) << file.name;
        EXPECT_EQ(outcome(file.text), line->second) << file.name << " as a document";
    }
}

}  // namespace
}  // namespace patron::wire
