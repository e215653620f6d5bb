#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "server/store/store.hpp"

namespace signet::server {

// What the file is called inside a data directory.
inline constexpr std::string_view sqlite_file_name = "signet.db";

struct SqliteOptions {
  // How long a transaction waits for another process that holds the file before it is `unavailable`.
  std::chrono::milliseconds busy_timeout{5000};
  // Connections for reading, opened as they are needed.
  std::size_t readers = 4;
};

// A store in one SQLite file (WAL). What `write` answered survives a kill and a power cut; writes that arrive together
// share one commit. Several processes may open the same file. A missing file is made with mode 0600, its missing
// directories with 0700; an older schema is brought up to date. The error says in a sentence what is wrong: not a
// database, made by a newer version, not writable.
[[nodiscard]] std::expected<std::unique_ptr<Store>, std::string> open_sqlite(const std::filesystem::path& file,
                                                                             const SqliteOptions& options = {});

}  // namespace signet::server
