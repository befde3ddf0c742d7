#include "server/endpoints/openapi.h"

#include <string>

namespace patron::endpoints {
namespace {

constexpr std::string_view kHead = R"json({
  "openapi": "3.1.0",
  "info": {
    "title": "Patron",
    "version": "1",
    "summary": "Customer tiers and churn risk, true at the instant of reading.",
    "license": {"name": "See LICENSE"}
  },
  "paths": )json";

}  // namespace

std::string_view openapi_document() {
    static const std::string kDocument =
        std::string(kHead) + std::string(openapi_paths()) +
        ",\n  \"components\": " + std::string(openapi_components()) + "\n}\n";
    return kDocument;
}

}  // namespace patron::endpoints
