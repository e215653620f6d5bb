#include "tests/server/store/postgres_cluster.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace signet::server::testing {

std::string PostgresServer::url(const std::string& database) const {
  return "postgresql://signet@/" + database + "?host=" + folder + "&port=" + port;
}

std::string PostgresServer::tcp_url(const std::string& database) const {
  return "postgresql://signet:" + password + "@127.0.0.1:" + port + "/" + database;
}

bool PostgresServer::installed() {
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

PostgresCluster::PostgresCluster(bool fsync) {
  int to[2], from[2];
  if (::pipe2(to, O_CLOEXEC) != 0 || ::pipe2(from, O_CLOEXEC) != 0) throw std::runtime_error{"pipe failed"};
  const char* script = SIGNET_POSTGRES_CLUSTER;
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(to[0], 0);
    ::dup2(from[1], 1);
    ::execl(script, script, fsync ? nullptr : "--no-fsync", nullptr);
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

PostgresCluster::~PostgresCluster() {
  ::close(commands_);  // the script cleans up when its input ends, also when this process dies
  ::fclose(answers_);
  ::waitpid(pid_, nullptr, 0);
}

void PostgresCluster::command(const std::string& text) {
  if (::write(commands_, (text + "\n").data(), text.size() + 1) < 0) throw std::runtime_error{"the cluster is gone"};
  if (auto said = answer(); said != "done") throw std::runtime_error{text + ": " + said};
}

std::string PostgresCluster::answer() {
  std::string line;
  for (int c; (c = ::fgetc(answers_)) != EOF && c != '\n';) line += static_cast<char>(c);
  return line;
}

const PostgresServer& PostgresServer::shared() {
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
      const char* script = SIGNET_POSTGRES_CLUSTER;
      pid_t pid = ::fork();
      if (pid == 0) {
        ::setsid();
        int nowhere = ::open("/dev/null", O_RDWR);
        for (int fd : {0, 1, 2}) ::dup2(nowhere, fd);
        ::execl(script, script, "--no-fsync", "--until", ctest.c_str(), "--ready", ready.c_str(), nullptr);
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

PostgresSession::PostgresSession(const std::string& url) : connection_{PQconnectdb(url.c_str()), PQfinish} {
  if (PQstatus(connection_.get()) != CONNECTION_OK) throw std::runtime_error{PQerrorMessage(connection_.get())};
  PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
}

std::string PostgresSession::execute(const std::string& sql) {
  std::unique_ptr<PGresult, void (*)(PGresult*)> result{PQexec(connection_.get(), sql.c_str()), PQclear};
  auto status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
    throw std::runtime_error{sql + ": " + PQerrorMessage(connection_.get())};
  return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

std::string PostgresSession::lines(const std::string& sql) {
  std::unique_ptr<PGresult, void (*)(PGresult*)> result{PQexec(connection_.get(), sql.c_str()), PQclear};
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK)
    throw std::runtime_error{sql + ": " + PQerrorMessage(connection_.get())};
  std::string text;
  for (int row = 0; row < PQntuples(result.get()); ++row) text += std::string{PQgetvalue(result.get(), row, 0)} + "\n";
  return text;
}

TemporaryPostgresDatabase::TemporaryPostgresDatabase(const PostgresServer& server) : server_{server} {
  static std::atomic<int> number = 0;
  name_ = "test_" + std::to_string(::getpid()) + "_" + std::to_string(++number);
  PostgresSession{server_.url("postgres")}.execute("CREATE DATABASE " + name_);
}

TemporaryPostgresDatabase::~TemporaryPostgresDatabase() {
  try {
    PostgresSession{server_.url("postgres")}.execute("DROP DATABASE " + name_ + " WITH (FORCE)");
  } catch (const std::exception&) {
    // The server is gone, and the database with it.
  }
}

}  // namespace signet::server::testing
