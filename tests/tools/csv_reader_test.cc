#include "tools/patron/csv_reader.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <unistd.h>
#include <zlib.h>

#include <gtest/gtest.h>

#include "server/start_error.h"

namespace patron::tools {
namespace {

// Hands out `piece` bytes a call.
class TextSource final : public ByteSource {
  public:
    TextSource(std::string text, std::size_t piece) : text_(std::move(text)), piece_(piece) {}

    std::size_t read(std::span<char> into) override {
        const std::size_t n = std::min({piece_, into.size(), text_.size() - at_});
        std::copy_n(text_.data() + at_, n, into.data());
        at_ += n;
        return n;
    }
    std::uint64_t bytes_taken() const override { return at_; }
    std::optional<std::uint64_t> bytes_total() const override { return text_.size(); }

  private:
    std::string text_;
    std::size_t piece_;
    std::size_t at_ = 0;
};

struct Read {
    std::uint64_t line;
    std::vector<std::string> fields;
    std::string flaw;
    bool operator==(const Read&) const = default;
};

std::vector<Read> read_all(
    const std::string& text, CsvFormat format = {}, std::size_t piece = 1 << 20
) {
    TextSource source(text, piece);
    CsvReader reader(source, format);
    std::vector<Read> rows;
    CsvRow row;
    while (reader.next(row)) {
        rows.push_back({row.line, {row.fields.begin(), row.fields.end()}, std::string(row.flaw)});
    }
    return rows;
}

using Fields = std::vector<std::string>;

TEST(CsvReader, ReadsQuotesLineEndsAndEmptyFieldsAsRfc4180) {
    const std::string text = "a,\"b,\"\"c\"\"\",\r\n\n\"two\nlines\",,x\nlast,1,";
    const std::vector<Read> expected{
        {1, {"a", "b,\"c\"", ""}, ""}, {3, {"two\nlines", "", "x"}, ""}, {5, {"last", "1", ""}, ""}
    };
    EXPECT_EQ(read_all(text), expected);
}

TEST(CsvReader, GivesTheSameRowsHoweverTheBytesAreSplit) {
    const std::string text =
        "\xEF\xBB\xBFid,name\r\n1,\"a \"\"quoted\"\"\r\nname\"\r\n2,plain "
        "\"inside\"\n3,\"after\"x\n\n4,"
        "\"\"\n5,\"never closed\n6,next";
    const std::vector<Read> whole = read_all(text);
    ASSERT_EQ(whole.size(), 7U);
    EXPECT_EQ(whole[0].fields, (Fields{"id", "name"})) << "the byte order mark is dropped";
    EXPECT_EQ(whole[1].fields, (Fields{"1", "a \"quoted\"\r\nname"}));
    EXPECT_EQ(whole[2].fields, (Fields{"2", "plain \"inside\""}));
    EXPECT_FALSE(whole[3].flaw.empty());
    EXPECT_FALSE(whole[5].flaw.empty());
    EXPECT_EQ(whole[6].fields, (Fields{"6", "next"}));
    EXPECT_EQ(whole[6].line, 9U);
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        EXPECT_EQ(read_all(text, {}, piece), whole) << "pieces of " << piece;
    }
}

TEST(CsvReader, TakesRunsOfBlanksAsOneDelimiter) {
    const auto rows = read_all(" 00004 0001 19970101  2   29.33\r\n", {' ', Split::AtSpaces});
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].fields, (Fields{"00004", "0001", "19970101", "2", "29.33"}));
}

TEST(CsvReader, TakesOtherDelimiters) {
    EXPECT_EQ(read_all("a;\"b;c\"", {';', Split::AtDelimiter})[0].fields, (Fields{"a", "b;c"}));
    EXPECT_EQ(read_all("a\tb,c", {'\t', Split::AtDelimiter})[0].fields, (Fields{"a", "b,c"}));
    EXPECT_EQ(
        read_all("{\"a\": \"b,c\"}", {',', Split::Nowhere})[0].fields, (Fields{"{\"a\": \"b,c\"}"})
    );
}

TEST(CsvReader, RefusesARowThatIsTooLongAndGoesOnBehindIt) {
    const std::string wide(CsvReader::kRowBytesMax + 100, 'x');
    const std::string open = "a,\"" + std::string(100, 'y');
    std::string filler;
    while (filler.size() < CsvReader::kRowBytesMax) {
        filler += "1,2\n";
    }
    auto rows = read_all("1,2\n" + wide + "\n3,4\n");
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_FALSE(rows[1].flaw.empty());
    EXPECT_EQ(rows[2], (Read{3, {"3", "4"}, ""}));
    rows = read_all(open + "\n" + filler);
    EXPECT_FALSE(rows[0].flaw.empty()) << "the quote that is never closed costs its own line";
    EXPECT_EQ(rows.size(), 1 + filler.size() / 4);
}

TEST(CsvReader, BoundsTheNumberOfFields) {
    const auto rows = read_all(std::string(CsvReader::kFieldsMax + 1, ',') + "\n1\n");
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_FALSE(rows[0].flaw.empty());
    EXPECT_TRUE(rows[1].flaw.empty());
}

class PackedFile : public testing::Test {
  protected:
    void SetUp() override {
        path_ = std::filesystem::temp_directory_path() /
                ("patron_csv_reader_test." + std::to_string(::getpid()) + ".gz");
    }
    void TearDown() override { std::filesystem::remove(path_); }

    void pack(const std::string& text, const char* mode) {
        gzFile file = gzopen(path_.c_str(), mode);
        ASSERT_NE(file, nullptr);
        gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
        gzclose(file);
    }
    std::string unpack() {
        const auto source = open_source(path_);
        std::string out;
        std::vector<char> piece(777);
        while (const std::size_t n = source->read(piece)) {
            out.append(piece.data(), n);
        }
        return out;
    }

    std::filesystem::path path_;
};

TEST_F(PackedFile, IsReadThroughAllItsMembers) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) {
        text += std::to_string(i * 7919) + "\n";
    }
    pack(text, "wb");
    pack("and more\n", "ab");
    EXPECT_EQ(unpack(), text + "and more\n");
}

TEST_F(PackedFile, ThatEndsEarlyIsAnError) {
    pack(std::string(100'000, 'x') + "y", "wb");
    std::filesystem::resize_file(path_, std::filesystem::file_size(path_) - 5);
    EXPECT_THROW(unpack(), server::StartError);
}

TEST(OpenSource, SaysThatAFileIsMissing) {
    try {
        open_source("/nonexistent/file.csv");
        FAIL();
    } catch (const server::StartError& error) {
        EXPECT_EQ(error.code(), server::ExitCode::NoInput);
    }
}

}  // namespace
}  // namespace patron::tools
