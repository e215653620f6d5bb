#pragma once
// File descriptors: every connection takes one, and what the process keeps open for itself needs some as well.

#include <cstddef>

#include "server/app/config.hpp"

namespace signet::server::app {

inline constexpr std::size_t monitor_connections = 128;

// For the second listener, the database, the log and connections that are only being turned away.
[[nodiscard]] std::size_t reserved_descriptors(const Config& config) noexcept;

// How many connections of `wanted` fit into a limit of `available`. At least half of the limit is theirs.
[[nodiscard]] std::size_t connections_that_fit(std::size_t wanted, std::size_t reserved,
                                               std::size_t available) noexcept;

// Raises the soft limit (often 1024) to `wanted`, or as far as the hard one goes; never lowers it. The limit now.
[[nodiscard]] std::size_t raise_descriptor_limit(std::size_t wanted) noexcept;

}  // namespace signet::server::app
