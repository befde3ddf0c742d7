#pragma once
// Holds an answer against an OpenAPI 3.1 document: status, media type, and the body's schema.
//
// Shapes     the part of JSON Schema that the document uses: type (one or a list), enum, required,
//            properties, patternProperties, additionalProperties, items, $ref, allOf, oneOf, anyOf,
//            minimum, maximum, minLength, maxLength, maxItems, pattern, format date-time. Any other
//            keyword in a schema is an error of the document. check_value serves any document with
//            such schemas.
// Errors     sentences, each with the place in the body; none: the answer keeps what the document
//            says.
// Threads    const members from any thread.

#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "tests/support/http_answer.h"

namespace patron::testing {

class OpenApiCheck {
  public:
    // Stops the process for a document that is not JSON.
    explicit OpenApiCheck(std::string_view document);

    // `path` as sent, without its query.
    std::vector<std::string> check(
        std::string_view method, std::string_view path, const HttpAnswer& answer
    ) const;

    // A value against a schema of the document, for the checker's own tests.
    std::vector<std::string> check_value(
        const boost::json::value& value, const boost::json::value& schema
    ) const;

    const boost::json::value& document() const { return document_; }

  private:
    const boost::json::object* find_path(std::string_view path) const;
    const boost::json::value& resolve(const boost::json::value& reference) const;

    boost::json::value document_;
};

}  // namespace patron::testing
