#include "tools/patron/csv_import.h"

namespace patron::tools {
namespace {

class CsvImport {
  public:
    CsvImport(std::uint32_t file, const CsvRules& rules, ImportSink& sink, ImportTally& tally)
        : file_(file)
        , rules_(rules)
        , sink_(sink)
        , tally_(tally)
        , mapper_(rules.rows)
        , merger_(rules.open_orders_max)
        , merges_(rules.rows.map.find(ColumnKind::OrderId) != nullptr || rules.rows.map.empty()) {}

    bool take_header(const CsvRow& row) { return mapper_.take_header(row); }

    void take(const CsvRow& row) {
        ++tally_.rows;
        RowEvent event;
        auto done = mapper_.map(row, event);
        if (done && rules_.until && event.at > *rules_.until) {
            ++tally_.rows_later;
            return;
        }
        if (done) {
            done =
                event.type == "order" ? take_order(event, row.line) : take_other(event, row.line);
        }
        if (!done) {
            sink_.refuse({file_, row.line}, done.error(), row.raw);
        }
    }

    void flush() {
        for (const MergedOrder& order : merger_.take_all()) {
            if (const auto sent = send(order); !sent) {
                sink_.refuse(
                    {file_, order.first_line}, sent.error(), order.customer + "," + order.order_id
                );
            }
        }
    }

  private:
    std::expected<void, Refusal> take_order(const RowEvent& event, std::uint64_t line) {
        if (!merges_ || event.order_id.empty()) {
            return send(order_of(event, line));
        }
        if (merger_.full()) {
            ++tally_.orders_cut;
            flush();
        }
        return merger_.add(event, line);
    }

    std::expected<void, Refusal> take_other(const RowEvent& event, std::uint64_t line) {
        line_.clear();
        if (auto written = write_row(line_, event, line, rules_.orders); !written) {
            return written;
        }
        sink_.event(event.customer, line_.view(), {file_, line});
        return {};
    }

    std::expected<void, Refusal> send(const MergedOrder& order) {
        line_.clear();
        if (auto written = write_order(line_, order, rules_.orders); !written) {
            return written;
        }
        sink_.event(order.customer, line_.view(), {file_, order.first_line});
        return {};
    }

    std::uint32_t file_;
    const CsvRules& rules_;
    ImportSink& sink_;
    ImportTally& tally_;
    RowMapper mapper_;
    OrderMerger merger_;
    bool merges_;
    wire::ByteWriter line_;
};

}  // namespace

void import_csv(
    ByteSource& source,
    std::uint32_t file,
    const CsvRules& rules,
    ImportSink& sink,
    ImportTally& tally,
    const AfterRow& after_row
) {
    CsvReader reader(source, rules.format);
    CsvImport import(file, rules, sink, tally);
    CsvRow row;
    bool first = true;
    while (reader.next(row)) {
        const bool header = first && import.take_header(row);
        first = false;
        if (!header) {
            import.take(row);
            after_row();
        }
    }
    import.flush();
}

}  // namespace patron::tools
