#pragma once
// PostgreSQL for tests: `postgres_cluster`, the script beside this file, makes a server and removes it.

#include <libpq-fe.h>
#include <stdio.h>
#include <sys/types.h>

#include <memory>
#include <string>

namespace signet::server::testing {

// Where a server answers.
struct PostgresServer {
  std::string folder;  // of its Unix socket, which asks for no password
  std::string port;
  std::string password;  // for TCP

  [[nodiscard]] std::string url(const std::string& database) const;
  [[nodiscard]] std::string tcp_url(const std::string& database) const;

  static bool installed();

  // One that keeps nothing through a power cut, for all tests of this process; under ctest, which starts a process for
  // each test, for all tests of the run.
  static const PostgresServer& shared();
};

// A server of one test's own, which can be killed.
class PostgresCluster {
 public:
  explicit PostgresCluster(bool fsync = true);
  PostgresCluster(const PostgresCluster&) = delete;
  PostgresCluster& operator=(const PostgresCluster&) = delete;
  ~PostgresCluster();

  [[nodiscard]] const PostgresServer& server() const { return server_; }

  void kill() { command("kill"); }  // SIGKILL to every process of the server
  void stop() { command("stop"); }
  void start() { command("start"); }
  void pause() { command("pause"); }  // SIGSTOP
  void resume() { command("resume"); }

 private:
  void command(const std::string& text);
  std::string answer();

  pid_t pid_ = 0;
  int commands_ = -1;
  FILE* answers_ = nullptr;
  PostgresServer server_;
};

// Plain SQL, as somebody else would send it.
class PostgresSession {
 public:
  explicit PostgresSession(const std::string& url);
  // The first column of the first row, or nothing.
  std::string execute(const std::string& sql);
  // The first column of every row, a line each.
  std::string lines(const std::string& sql);

 private:
  std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
};

// An empty database on a server, dropped at the end.
class TemporaryPostgresDatabase {
 public:
  explicit TemporaryPostgresDatabase(const PostgresServer& server);
  TemporaryPostgresDatabase(const TemporaryPostgresDatabase&) = delete;
  TemporaryPostgresDatabase& operator=(const TemporaryPostgresDatabase&) = delete;
  ~TemporaryPostgresDatabase();
  [[nodiscard]] std::string url() const { return server_.url(name_); }
  [[nodiscard]] std::string tcp_url() const { return server_.tcp_url(name_); }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  PostgresServer server_;
  std::string name_;
};

}  // namespace signet::server::testing
