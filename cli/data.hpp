#pragma once
// The data of a login server, its directory or its PostgreSQL database, opened beside the server that may be running on
// it.

#include <cstdint>
#include <expected>
#include <filesystem>
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

// The server's own configuration, as far as it says where the data is and how it is to be treated.
[[nodiscard]] std::expected<server::app::Config, Trouble> data_config(const DataLocation& location);
// The file of a server that has its data in SQLite, if it is there.
[[nodiscard]] std::expected<std::filesystem::path, Trouble> sqlite_file(const server::app::Config& config);

enum class Missing : std::uint8_t { make, refuse };

// With the server's own configuration, so that passwords are held to the same rules. A database that is not there is
// made or refused.
[[nodiscard]] std::expected<Data, Trouble> open_data(const DataLocation& location, Missing missing);

}  // namespace signet::cli
