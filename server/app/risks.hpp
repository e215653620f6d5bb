#pragma once

#include <string_view>
#include <vector>

#include "server/app/config.hpp"

namespace signet::server::app {

// What is allowed in a configuration and probably not meant, in words for the log at start.
[[nodiscard]] std::vector<std::string_view> risks(const Config& config);

}  // namespace signet::server::app
