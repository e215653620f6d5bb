#pragma once

#include "cli/console.hpp"

namespace signet::cli {

// Reads the arguments and runs the command they name.
Exit run(int argc, const char* const* argv, Console& console);

}  // namespace signet::cli
