#pragma once
// The policy that a server starts with.
//
// Shapes     an empty path is the built-in policy.
// Bounds     1 MiB.
// Errors     StartError (NoInput, Config) with file, line and column of the first mistake.

#include <string>

#include "scoring/policy.h"

namespace patron::server {

scoring::Policy load_policy(const std::string& path, const scoring::FactSchema& schema);

}  // namespace patron::server
