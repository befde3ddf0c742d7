#pragma once
// One request to any HTTP server and its answer, before and after a load.
//
// Bounds     answers of at most 8 MiB; ten seconds.
// Errors     the reason why no answer came.
// Blocking   both.
// Threads    any.

#include <expected>
#include <string>
#include <string_view>

#include "tools/patron/http_client.h"

namespace patron::tools {

std::expected<HttpAnswer, std::string> get_once(const ServerUrl& url, std::string_view path);

// What the server says of itself (GET /version), as JSON; empty if it says no JSON object.
std::string server_version(const ServerUrl& url);

}  // namespace patron::tools
