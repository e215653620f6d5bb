#pragma once
// PostgreSQL for tests: `postgres_cluster`, the script beside this file, makes a server and removes it.

#include <fcntl.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace signet::server::testing {

// Where a server answers.
struct PostgresServer {
  std::string folder;  // of its Unix socket, which asks for no password
  std::string port;
  std::string password;  // for TCP

  [[nodiscard]] std::string url(const std::string& database) const {
    return "postgresql://signet@/" + database + "?host=" + folder + "&port=" + port;
  }
  [[nodiscard]] std::string tcp_url(const std::string& database) const {
    return "postgresql://signet:" + password + "@127.0.0.1:" + port + "/" + database;
  }

  static bool installed() {
    std::error_code none;
    for (const auto& version : std::filesystem::directory_iterator{"/usr/lib/postgresql", none}) {
      if (::access((version.path() / "bin/initdb").c_str(), X_OK) == 0) return true;
    }
    std::istringstream path{::getenv("PATH") ? ::getenv("PATH") : ""};
    for (std::string folder; std::getline(path, folder, ':');) {
      if (::access((folder + "/initdb").c_str(), X_OK) == 0) return true;
    }
    return false;
  }

  // One that keeps nothing through a power cut, for all tests of this process; under ctest, which starts a process for
  // each test, for all tests of the run.
  static const PostgresServer& shared();
};

inline std::string postgres_cluster_script() {
  return (std::filesystem::path{__FILE__}.parent_path() / "postgres_cluster").string();
}

// A server of one test's own, which can be killed.
class PostgresCluster {
 public:
  explicit PostgresCluster(bool fsync = true) {
    int to[2], from[2];
    if (::pipe2(to, O_CLOEXEC) != 0 || ::pipe2(from, O_CLOEXEC) != 0) throw std::runtime_error{"pipe failed"};
    auto script = postgres_cluster_script();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(to[0], 0);
      ::dup2(from[1], 1);
      ::execl(script.c_str(), script.c_str(), fsync ? nullptr : "--no-fsync", nullptr);
      ::_exit(127);
    }
    ::close(to[0]);
    ::close(from[1]);
    commands_ = to[1];
    answers_ = ::fdopen(from[0], "r");
    std::istringstream line{answer()};
    std::string ready;
    if (!(line >> ready >> server_.folder >> server_.port >> server_.password) || ready != "ready")
      throw std::runtime_error{"PostgreSQL did not start: " + line.str()};
  }
  PostgresCluster(const PostgresCluster&) = delete;
  PostgresCluster& operator=(const PostgresCluster&) = delete;
  ~PostgresCluster() {
    ::close(commands_);  // the script cleans up when its input ends, also when this process dies
    ::fclose(answers_);
    ::waitpid(pid_, nullptr, 0);
  }

  [[nodiscard]] const PostgresServer& server() const { return server_; }

  void kill() { command("kill"); }  // SIGKILL to every process of the server
  void stop() { command("stop"); }
  void start() { command("start"); }
  void pause() { command("pause"); }  // SIGSTOP
  void resume() { command("resume"); }

 private:
  void command(const std::string& text) {
    if (::write(commands_, (text + "\n").data(), text.size() + 1) < 0) throw std::runtime_error{"the cluster is gone"};
    if (auto said = answer(); said != "done") throw std::runtime_error{text + ": " + said};
  }
  std::string answer() {
    std::string line;
    for (int c; (c = ::fgetc(answers_)) != EOF && c != '\n';) line += static_cast<char>(c);
    return line;
  }

  pid_t pid_ = 0;
  int commands_ = -1;
  FILE* answers_ = nullptr;
  PostgresServer server_;
};

inline const PostgresServer& PostgresServer::shared() {
  static const std::unique_ptr<PostgresCluster> own = [] {
    std::string parent;
    std::getline(std::ifstream{"/proc/" + std::to_string(::getppid()) + "/comm"}, parent);
    return parent == "ctest" ? nullptr : std::make_unique<PostgresCluster>(false);
  }();
  if (own) return own->server();
  static const PostgresServer common = [] {
    auto ctest = std::to_string(::getppid());
    auto ready = (std::filesystem::temp_directory_path() / ("signet-pg-ctest-" + ctest)).string();
    int lock = ::open((ready + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0 || ::flock(lock, LOCK_EX) != 0) throw std::runtime_error{"cannot lock " + ready};
    if (!std::filesystem::exists(ready)) {
      auto script = postgres_cluster_script();
      pid_t pid = ::fork();
      if (pid == 0) {
        ::setsid();
        int nowhere = ::open("/dev/null", O_RDWR);
        for (int fd : {0, 1, 2}) ::dup2(nowhere, fd);
        ::execl(script.c_str(), script.c_str(), "--no-fsync", "--until", ctest.c_str(), "--ready", ready.c_str(),
                nullptr);
        ::_exit(127);
      }
      while (!std::filesystem::exists(ready) && ::waitpid(pid, nullptr, WNOHANG) == 0)
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    ::close(lock);
    PostgresServer found;
    std::string word;
    if (!(std::ifstream{ready} >> word >> found.folder >> found.port >> found.password))
      throw std::runtime_error{"PostgreSQL did not start"};
    return found;
  }();
  return common;
}

// Plain SQL, as somebody else would send it.
class PostgresSession {
 public:
  explicit PostgresSession(const std::string& url) : connection_{PQconnectdb(url.c_str()), PQfinish} {
    if (PQstatus(connection_.get()) != CONNECTION_OK) throw std::runtime_error{PQerrorMessage(connection_.get())};
    PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
  }
  // The first column of the first row, or nothing.
  std::string execute(const std::string& sql) {
    std::unique_ptr<PGresult, void (*)(PGresult*)> result{PQexec(connection_.get(), sql.c_str()), PQclear};
    auto status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
      throw std::runtime_error{sql + ": " + PQerrorMessage(connection_.get())};
    return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
  }
  // The first column of every row, a line each.
  std::string lines(const std::string& sql) {
    std::unique_ptr<PGresult, void (*)(PGresult*)> result{PQexec(connection_.get(), sql.c_str()), PQclear};
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK)
      throw std::runtime_error{sql + ": " + PQerrorMessage(connection_.get())};
    std::string text;
    for (int row = 0; row < PQntuples(result.get()); ++row)
      text += std::string{PQgetvalue(result.get(), row, 0)} + "\n";
    return text;
  }

 private:
  std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
};

// An empty database on a server, dropped at the end.
class TemporaryPostgresDatabase {
 public:
  explicit TemporaryPostgresDatabase(const PostgresServer& server) : server_{server} {
    static std::atomic<int> number = 0;
    name_ = "test_" + std::to_string(::getpid()) + "_" + std::to_string(++number);
    PostgresSession{server_.url("postgres")}.execute("CREATE DATABASE " + name_);
  }
  TemporaryPostgresDatabase(const TemporaryPostgresDatabase&) = delete;
  TemporaryPostgresDatabase& operator=(const TemporaryPostgresDatabase&) = delete;
  ~TemporaryPostgresDatabase() {
    try {
      PostgresSession{server_.url("postgres")}.execute("DROP DATABASE " + name_ + " WITH (FORCE)");
    } catch (const std::exception&) {
      // The server is gone, and the database with it.
    }
  }
  [[nodiscard]] std::string url() const { return server_.url(name_); }
  [[nodiscard]] std::string tcp_url() const { return server_.tcp_url(name_); }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  PostgresServer server_;
  std::string name_;
};

}  // namespace signet::server::testing
