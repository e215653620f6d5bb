#pragma once

#include "cli/console.hpp"
#include "signet/json.hpp"

namespace signet::cli {

// The members of an object, one a line, aligned; NumericDates of registered claims also as a person reads them.
void show_members(Console& console, json::View object, Time now);

}  // namespace signet::cli
