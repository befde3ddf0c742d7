#pragma once
// Reads one parameter of a query after the other until one is refused.
//
// Errors     the first refusal is `fault`; what is read after it is of no use.
// Threads    values.

#include <utility>

#include "server/wire/query_string.h"
#include "store/result.h"

namespace patron::endpoints {

class QueryReader {
  public:
    explicit QueryReader(const wire::QueryString& query) : query_(query) {}
    store::Fault& fault() { return fault_; }

  protected:
    // False for a refusal, which is kept.
    template <class T>
    bool take(store::Result<T> result, T& out) {
        if (!result) {
            fault_ = std::move(result.error());
            return false;
        }
        out = std::move(*result);
        return true;
    }

    const wire::QueryString& query_;
    store::Fault fault_;
};

}  // namespace patron::endpoints
