#pragma once
// The engines that the store's tests run over, each test on an empty database of its own.

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "server/store/postgres/postgres_store.hpp"
#include "server/store/sqlite/sqlite_store.hpp"
#include "server/store/store.hpp"
#include "tests/server/store/postgres_cluster.hpp"
#include "tests/server/store/temporary_directory.hpp"

namespace signet::server::testing {

// An empty database; every `open` is what another process would get.
class Database {
 public:
  virtual ~Database() = default;
  [[nodiscard]] virtual std::unique_ptr<Store> open() = 0;
};

class SqliteDatabase final : public Database {
 public:
  std::unique_ptr<Store> open() override {
    auto store = open_sqlite(directory_.path() / "signet.db");
    if (!store) throw std::runtime_error{store.error()};
    return std::move(*store);
  }

 private:
  TemporaryDirectory directory_;
};

class PostgresDatabase final : public Database {
 public:
  std::unique_ptr<Store> open() override {
    auto store = open_postgres(Secret::from_text(database_.url()));
    if (!store) throw std::runtime_error{store.error()};
    return std::move(*store);
  }

 private:
  TemporaryPostgresDatabase database_{PostgresServer::shared()};
};

struct Engine {
  const char* name;
  std::unique_ptr<Database> (*make)();
};

// PostgreSQL only where it is installed; `Postgres.is_installed` is the test that says so.
inline std::vector<Engine> engines() {
  std::vector<Engine> found{{"sqlite", [] { return std::unique_ptr<Database>{new SqliteDatabase}; }}};
  if (PostgresServer::installed())
    found.push_back({"postgres", [] { return std::unique_ptr<Database>{new PostgresDatabase}; }});
  return found;
}

inline std::string engine_name(const ::testing::TestParamInfo<Engine>& info) { return info.param.name; }
inline void PrintTo(const Engine& engine, std::ostream* out) { *out << engine.name; }

class OverEveryEngine : public ::testing::TestWithParam<Engine> {
 protected:
  std::unique_ptr<Database> database = GetParam().make();
  std::unique_ptr<Store> store = database->open();
};

#define SIGNET_OVER_EVERY_ENGINE(suite) \
  INSTANTIATE_TEST_SUITE_P(Over, suite, ::testing::ValuesIn(engines()), engine_name)

}  // namespace signet::server::testing
