#pragma once

#include <string>

#include "signet/clock.hpp"

namespace signet::server {

// RFC 3339, in UTC, to the millisecond: "2026-01-31T23:59:59.000Z". Takes no memory but what `out` needs.
void append_rfc3339(std::string& out, Time at);

}  // namespace signet::server
