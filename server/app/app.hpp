#pragma once
// The login server as a process: what `signet serve` runs.

#include "server/app/config.hpp"

namespace signet::server::app {

// Serves until SIGTERM or SIGINT; returns the process's exit status: 0 after a drain, 1 when it cannot start (one line
// on standard error says why), 2 for a flag that is wrong. Prints one line on standard output when it is ready.
[[nodiscard]] int serve(const Flags& flags);

// `signet serve --check-config`: reads the configuration as `serve` would and opens nothing. 0 and a line on standard
// output when it is good; else every problem on standard error, and 1 or 2 as above.
[[nodiscard]] int check_config(const Flags& flags);

}  // namespace signet::server::app
