#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <string>

#include "server/store/store.hpp"
#include "signet/secret.hpp"

namespace signet::server {

struct PostgresOptions {
  // Connections, opened as they are needed. All nodes together need fewer than the server's max_connections.
  std::size_t connections = 16;
  // How long one attempt to connect may take, for each address that the server's name has.
  std::chrono::seconds connect_timeout{2};
  std::chrono::milliseconds statement_timeout{2000};
  std::chrono::milliseconds lock_timeout{1500};
  // How long a whole read or write may take, with its repetitions and with the waiting for a free connection; a
  // statement that has begun may end after it.
  std::chrono::milliseconds patience{5000};
};

// A store in a PostgreSQL database, in its schema `signet`, for any number of nodes at once. `url` is libpq's form:
// postgresql://user:password@host:port/database?sslmode=verify-full; several hosts may be named, the primary is used.
// An older schema is brought up to date. The error says in a sentence what is wrong, and nothing of the URL's password.
//
// What `write` answered is durable. While the server cannot be reached, reads and writes fail at once, and a thread
// tries to connect until it can. When the connection breaks during the commit itself, nobody knows whether it was done:
// the answer is `unavailable`, and the next read tells.
[[nodiscard]] std::expected<std::unique_ptr<Store>, std::string> open_postgres(const Secret& url,
                                                                               const PostgresOptions& options = {});

}  // namespace signet::server
