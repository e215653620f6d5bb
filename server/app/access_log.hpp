#pragma once

#include "server/http/server.hpp"

namespace signet::server::app {

// A line of the log for a request that was answered.
void log_answered(const http::Answered& answered);

}  // namespace signet::server::app
