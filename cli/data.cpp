#include "cli/data.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "cli/input.hpp"
#include "server/store/postgres/postgres_store.hpp"
#include "server/store/sqlite/sqlite_store.hpp"

namespace signet::cli {
namespace {

std::optional<std::string> given(const std::string& flag) { return flag.empty() ? std::nullopt : std::optional{flag}; }

}  // namespace

std::expected<server::app::Config, Trouble> data_config(const DataLocation& location) {
  if (auto sound = check_path("--data", location.data); !sound) return std::unexpected(sound.error());
  if (auto sound = check_path("--config", location.config); !sound) return std::unexpected(sound.error());
  server::app::Flags flags;
  flags.data = given(location.data);
  flags.config = given(location.config);
  auto config = server::app::load_data_config(flags);
  if (!config) {
    std::string all;
    for (const std::string& problem : config.error().problems) all += (all.empty() ? "" : "; ") + problem;
    return std::unexpected(Trouble{all});
  }
  return std::move(*config);
}

std::expected<std::filesystem::path, Trouble> sqlite_file(const server::app::Config& config) {
  std::filesystem::path database = config.data / server::sqlite_file_name;
  std::error_code unreadable;
  if (std::filesystem::exists(database, unreadable)) return database;
  return std::unexpected(
      Trouble{fmt::format("{}: {}: say with --data or --config where the server keeps its data, or, when that is "
                          "PostgreSQL, set SIGNET_DATABASE_URL",
                          database.string(), unreadable ? unreadable.message() : "not there")});
}

std::expected<Data, Trouble> open_data(const DataLocation& location, Missing missing) {
  auto config = data_config(location);
  if (!config) return std::unexpected(std::move(config.error()));
  if (config->database_url) {
    auto store = server::open_postgres(*config->database_url, {.connections = 2});
    if (!store) return std::unexpected(Trouble{store.error()});
    return Data{.config = std::move(*config), .store = std::move(*store)};
  }
  if (auto there = sqlite_file(*config); !there && missing == Missing::refuse)
    return std::unexpected(std::move(there.error()));
  auto store = server::open_sqlite(config->data / server::sqlite_file_name);
  if (!store) return std::unexpected(Trouble{store.error()});
  return Data{.config = std::move(*config), .store = std::move(*store)};
}

}  // namespace signet::cli
