#pragma once
// The data of a login server, its directory or its PostgreSQL database, opened beside the server that may be running on
// it.

#include <expected>
#include <memory>
#include <string>

#include "cli/console.hpp"
#include "server/app/config.hpp"
#include "server/store/store.hpp"

namespace signet::cli {

struct DataLocation {
  std::string data;    // empty: as `serve` finds it
  std::string config;  // empty: as `serve` finds it
};

struct Data {
  server::app::Config config;
  std::unique_ptr<server::Store> store;
};

enum class Missing : std::uint8_t { make, refuse };

// With the server's own configuration, so that passwords are held to the same rules. A database that is not there is
// made or refused.
[[nodiscard]] std::expected<Data, Trouble> open_data(const DataLocation& location, Missing missing);

}  // namespace signet::cli
