#pragma once
// One request to a running Patron, for commands that ask it to do something and wait.
//
// Shapes     POST with a JSON body or none; the answer's JSON object.
// Errors     StartError: Usage (address), Unavailable (nobody there, busy, stopping, no room),
//            CannotCreate (409), Protocol (anything else), with what the server said.
// Blocking   for at most kCallPatience at each step of the exchange.
// Threads    any.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

namespace patron::tools {

inline constexpr const char* kDefaultServer = "http://127.0.0.1:8080";
inline constexpr std::chrono::seconds kCallPatience{3600};

boost::json::object call_server(
    const std::string& url, std::string_view target, std::string_view body = {}
);

// Members of an answer that must be there: Protocol if not.
std::string text_member(const boost::json::object& object, std::string_view name);
std::uint64_t count_member(const boost::json::object& object, std::string_view name);

}  // namespace patron::tools
