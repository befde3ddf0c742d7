#pragma once
// Rows of delimited text, one after the other, out of a stream.
//
// Shapes     RFC 4180: fields in double quotes may hold delimiters, line ends and doubled quotes;
// lines
//            end with LF or CRLF. Split::Spaces takes runs of blanks as one delimiter,
//            Split::Nowhere the line as one field, both without quotes. Empty lines are passed
//            over; a byte order mark at the start is dropped.
// Bounds     kRowBytesMax for a row, kFieldsMax for its fields.
// Errors     a row with a `flaw` has no fields; reading goes on at the next line, so one quote that
// is
//            never closed costs one line and not the file.
// Owns       the views of a row live until the next call.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/patron/byte_source.h"

namespace patron::tools {

enum class Split { AtDelimiter, AtSpaces, Nowhere };

struct CsvFormat {
    char delimiter = ',';
    Split split = Split::AtDelimiter;
};

struct CsvRow {
    std::uint64_t line = 0;  // of the file, from 1; where the row begins
    std::string_view raw;    // without the line end
    std::vector<std::string_view> fields;
    std::string_view flaw;  // empty: none
};

class CsvReader {
  public:
    static constexpr std::size_t kRowBytesMax = 1024 * 1024;
    static constexpr std::size_t kFieldsMax = 4096;

    CsvReader(ByteSource& source, CsvFormat format) : source_(source), format_(format) {}

    // False at the end.
    bool next(CsvRow& row);

  private:
    enum class At : std::uint8_t { FieldStart, Plain, Quoted, QuoteInQuoted };

    struct Found {
        std::size_t end = 0;  // of the row, its line end included
        std::string_view flaw;
    };

    bool fill();
    Found find_row();
    Found give_up(std::string_view why);
    bool scan_to_row_end(std::size_t& at, At& state) const;
    void split(CsvRow& row);
    void split_at_spaces(CsvRow& row) const;
    void split_quoted(CsvRow& row);
    bool take_quoted(std::string_view raw, std::size_t& at, CsvRow& row);

    ByteSource& source_;
    CsvFormat format_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool ended_ = false;
    bool started_ = false;
    std::uint64_t line_ = 1;
    std::string unquoted_;
};

}  // namespace patron::tools
