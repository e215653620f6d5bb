#pragma once
// The second listener: whether the process lives, whether it is ready, and how it does. All from memory.

#include <functional>
#include <string>
#include <vector>

#include "server/http/router.hpp"

namespace signet::server::app {

struct MonitorView {
  std::function<std::vector<std::string>()> not_ready;  // the reasons; empty when it is ready
  std::function<std::string()> metrics;                 // Prometheus text
};

[[nodiscard]] http::Router monitor_router(MonitorView view);

}  // namespace signet::server::app
