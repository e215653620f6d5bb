#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "tests/server/store/engines.hpp"
#include "tests/server/store/rows.hpp"

namespace signet::server::testing {
namespace {

// Another program with the file open.
class Neighbour {
 public:
  explicit Neighbour(const std::filesystem::path& file) {
    EXPECT_EQ(sqlite3_open(file.c_str(), &database_), SQLITE_OK);
  }
  Neighbour(const Neighbour&) = delete;
  Neighbour& operator=(const Neighbour&) = delete;
  ~Neighbour() { sqlite3_close(database_); }

  void execute(const char* sql) {
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(database_, sql, nullptr, nullptr, &message), SQLITE_OK) << message;
    sqlite3_free(message);
  }

  std::string plan_of(const std::string& sql) {
    std::string plan;
    auto collect = [](void* out, int, char** values, char**) {
      *static_cast<std::string*>(out) += std::string{values[3]} + "\n";
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(database_, ("EXPLAIN QUERY PLAN " + sql).c_str(), collect, &plan, nullptr), SQLITE_OK)
        << sql;
    return plan;
  }

 private:
  sqlite3* database_ = nullptr;
};

class Sqlite : public ::testing::Test {
 protected:
  TemporaryDirectory directory;
  std::filesystem::path file = directory.path() / "signet.db";

  static unsigned mode(const std::filesystem::path& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 0777;
  }
  static bool adds(Store& store, const std::string& username) {
    return store.write([&](Transaction& t) { (void)t.insert_account(account_named(username)); }).has_value();
  }
  std::string refusal() {
    auto store = open_sqlite(file);
    EXPECT_FALSE(store);
    return store ? "" : store.error();
  }
  // The store probes a failed database by itself; this waits for it, as long as it takes within the test's own time
  // limit.
  static void wait_until_healthy(const Store& store) {
    while (!store.healthy()) std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
};

TEST_F(Sqlite, nobody_else_may_read_what_it_makes) {
  file = directory.path() / "a" / "b" / "signet.db";
  auto store = open_sqlite(file);
  ASSERT_TRUE(store) << store.error();
  ASSERT_TRUE(adds(**store, "alice"));
  EXPECT_EQ(mode(directory.path() / "a"), 0700u);
  EXPECT_EQ(mode(directory.path() / "a" / "b"), 0700u);
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator{file.parent_path()}) {
    EXPECT_EQ(mode(entry.path()), 0600u) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 2);  // the database and its write-ahead log
}

TEST_F(Sqlite, files_and_a_directory_that_others_may_write_are_refused) {
  ASSERT_TRUE(open_sqlite(file));
  for (const std::string suffix : {"", "-wal", "-shm"}) {
    const auto path = file.string() + suffix;
    std::ofstream{path, std::ios::app};
    for (const mode_t wrong : {0620U, 0602U, 0666U}) {
      ASSERT_EQ(::chmod(path.c_str(), wrong), 0);
      EXPECT_NE(refusal().find(path + " can be written by others"), std::string::npos);
    }
    ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  }
  for (const mode_t wrong : {0770U, 0703U, 01777U}) {
    ASSERT_EQ(::chmod(directory.path().c_str(), wrong), 0);
    EXPECT_NE(refusal().find("can be written by others"), std::string::npos);
  }
  ASSERT_EQ(::chmod(directory.path().c_str(), 0755), 0);
  EXPECT_TRUE(open_sqlite(file));
}

TEST_F(Sqlite, a_link_in_place_of_a_file_is_refused_and_not_followed) {
  const auto elsewhere = directory.path() / "elsewhere";
  std::filesystem::create_symlink(elsewhere, file);
  EXPECT_NE(refusal().find("not a regular file"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(elsewhere));
  std::filesystem::remove(file);
  ASSERT_TRUE(open_sqlite(file));
  std::filesystem::create_symlink(elsewhere, file.string() + "-wal");
  EXPECT_NE(refusal().find("not a regular file"), std::string::npos);
}

TEST_F(Sqlite, what_belongs_to_another_user_is_refused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  ASSERT_TRUE(open_sqlite(file));
  constexpr uid_t somebody = 12345;
  ASSERT_EQ(::chown(file.c_str(), somebody, static_cast<gid_t>(-1)), 0);
  EXPECT_NE(refusal().find("belongs to another user"), std::string::npos);
  ASSERT_EQ(::chown(file.c_str(), 0, static_cast<gid_t>(-1)), 0);
  ASSERT_EQ(::chown(directory.path().c_str(), somebody, static_cast<gid_t>(-1)), 0);
  EXPECT_NE(refusal().find("belongs to another user"), std::string::npos);
}

TEST_F(Sqlite, a_file_from_a_newer_version_is_refused_and_not_touched) {
  ASSERT_TRUE(open_sqlite(file));
  Neighbour{file}.execute("PRAGMA user_version = 1000");
  EXPECT_NE(refusal().find("newer version"), std::string::npos);
  Neighbour{file}.execute("PRAGMA user_version = 1");
  EXPECT_TRUE(open_sqlite(file));
}

TEST_F(Sqlite, a_database_of_another_program_is_refused) {
  Neighbour{file}.execute("CREATE TABLE photographs (id INTEGER)");
  EXPECT_NE(refusal().find("another program"), std::string::npos);
}

TEST_F(Sqlite, a_file_that_is_no_database_is_refused_and_kept) {
  std::ofstream{file} << std::string(5000, 'x');
  EXPECT_NE(refusal().find("not a database"), std::string::npos);
  EXPECT_EQ(std::filesystem::file_size(file), 5000u);
}

TEST_F(Sqlite, a_place_where_no_file_can_be_is_refused_by_name) {
  std::ofstream{directory.path() / "plain"} << "x";
  file = directory.path() / "plain" / "signet.db";
  EXPECT_NE(refusal().find("plain"), std::string::npos);
  file = directory.path();
  EXPECT_NE(refusal().find(directory.path().string()), std::string::npos);
}

TEST_F(Sqlite, a_locked_database_is_unavailable_and_then_heals_by_itself) {
  auto store = open_sqlite(file, {.busy_timeout = std::chrono::milliseconds{50}});
  ASSERT_TRUE(store);
  Neighbour neighbour{file};
  neighbour.execute("BEGIN IMMEDIATE");
  auto written = (*store)->write([](Transaction& t) { (void)t.insert_account(account_named("alice")); });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().failure, StoreFailure::unavailable);
  EXPECT_FALSE((*store)->healthy());
  EXPECT_TRUE((*store)->read([](Transaction& t) { EXPECT_FALSE(t.account_by_username("alice")); }));
  neighbour.execute("ROLLBACK");
  wait_until_healthy(**store);
  EXPECT_TRUE(adds(**store, "alice"));
}

TEST_F(Sqlite, a_probe_leaves_the_schemas_version_alone) {
  auto store = open_sqlite(file, {.busy_timeout = std::chrono::milliseconds{50}});
  ASSERT_TRUE(store);
  Neighbour neighbour{file};
  neighbour.execute("BEGIN IMMEDIATE; PRAGMA user_version = 1000");
  EXPECT_FALSE(adds(**store, "alice"));
  neighbour.execute("COMMIT");
  wait_until_healthy(**store);
  store->reset();
  EXPECT_NE(refusal().find("schema 1000"), std::string::npos);
}

TEST_F(Sqlite, more_readers_than_connections_take_turns) {
  auto store = open_sqlite(file, {.readers = 2});
  ASSERT_TRUE(store);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 20; ++n) {
        EXPECT_TRUE((*store)->read([](Transaction& t) { EXPECT_TRUE(t.accounts("", 1).empty()); }));
      }
    });
  }
}

TEST_F(Sqlite, a_read_cannot_write) {
  auto store = open_sqlite(file);
  ASSERT_TRUE(store);
  EXPECT_FALSE((*store)->read([](Transaction& t) { (void)t.insert_account(account_named("alice")); }));
  EXPECT_TRUE((*store)->read([](Transaction& t) { EXPECT_FALSE(t.account_by_username("alice")); }));
}

TEST_F(Sqlite, a_write_inside_a_write_is_a_bug_that_is_told) {
  auto store = open_sqlite(file);
  ASSERT_TRUE(store);
  EXPECT_THROW((void)(*store)->write([&](Transaction&) { (void)(*store)->write([](Transaction&) {}); }),
               std::logic_error);
}

// However many accounts and sessions there are: no question is answered by looking at every row.
TEST_F(Sqlite, every_question_is_answered_from_an_index) {
  ASSERT_TRUE(open_sqlite(file));
  Neighbour neighbour{file};
  for (std::string sql :
       {"SELECT * FROM accounts WHERE id = ?", "SELECT * FROM accounts WHERE username = ?",
        "SELECT * FROM accounts WHERE username >= ? AND username < ? AND username <> ? ORDER BY username LIMIT ?",
        "SELECT * FROM sessions WHERE id = ?", "SELECT * FROM sessions WHERE account = ? ORDER BY created_at, id",
        "SELECT id FROM sessions WHERE min(idle_expires_at, expires_at) <= ? LIMIT ?",
        "SELECT * FROM revocations WHERE seq > ? ORDER BY seq LIMIT ?",
        "SELECT seq FROM revocations WHERE expires_at <= ? ORDER BY expires_at LIMIT ?",
        "SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ?"}) {
    auto plan = neighbour.plan_of(sql);
    EXPECT_EQ(plan.find("SCAN"), std::string::npos) << sql << "\n" << plan;
    EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << sql << "\n" << plan;
  }
}

}  // namespace
}  // namespace signet::server::testing
