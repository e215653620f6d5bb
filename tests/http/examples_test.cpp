// The example services as whole programs: started with a key set in a file, asked over HTTP.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "signet/signet.hpp"

extern char** environ;

namespace signet {
namespace {

constexpr const char* issuer = "https://auth.example";

// A program that says "listening on http://127.0.0.1:PORT" and runs until it is told to stop.
class Service {
 public:
  Service(const std::string& program, const std::string& key_set) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error{"pipe2"};
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    std::string arguments[] = {program, key_set, issuer, "0"};
    char* argv[] = {arguments[0].data(), arguments[1].data(), arguments[2].data(), arguments[3].data(), nullptr};
    const int failed = ::posix_spawn(&process_, program.c_str(), &actions, nullptr, argv, environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    if (failed != 0) throw std::runtime_error{"cannot start " + program};
    std::FILE* said = ::fdopen(ends[0], "r");
    if (std::fscanf(said, "listening on http://127.0.0.1:%d", &port_) != 1) port_ = 0;
    std::fclose(said);
  }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  ~Service() {
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
  }

  [[nodiscard]] httplib::Client client() const { return httplib::Client{"127.0.0.1", port_}; }
  [[nodiscard]] int port() const noexcept { return port_; }

 private:
  pid_t process_ = -1;
  int port_ = 0;
};

class ExampleService : public testing::TestWithParam<const char*> {
 protected:
  ExampleService() {
    std::string folder = testing::TempDir() + "/signet-example-XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr) throw std::runtime_error{"mkdtemp"};
    folder_ = folder;
    std::ofstream{folder_ / "jwks.json"} << KeySet::of({key_.verifying_key()}).value().to_json();
  }
  ~ExampleService() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string key_set() const { return folder_ / "jwks.json"; }

  [[nodiscard]] httplib::Headers bearer(std::string_view scope, std::string_view audience = "api") const {
    const auto claims = Claims{}
                            .issuer(issuer)
                            .audience(audience)
                            .subject("user-42")
                            .expires_in(std::chrono::minutes{5})
                            .set("scope", scope);
    return {{"Authorization", "Bearer " + Signer{key_}.type("at+jwt").sign(claims).value()}};
  }

  SigningKey key_ = SigningKey::generate(Algorithm::ES256).value().with_key_id("example");
  std::filesystem::path folder_;
};

TEST_P(ExampleService, is_guarded_by_the_key_set_it_was_given) {
  const Service service{GetParam(), key_set()};
  ASSERT_NE(service.port(), 0) << "it did not say where it listens";

  // One connection after the other: the Beast example serves one at a time.
  EXPECT_EQ(service.client().Get("/hello")->status, 401);
  const auto hello = service.client().Get("/hello", bearer("read"));
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->status, 200);
  EXPECT_EQ(hello->body, "hello user-42\n");
  EXPECT_EQ(service.client().Get("/hello", bearer("read", "another"))->status, 401);
  EXPECT_EQ(service.client().Delete("/everything", bearer("read"))->status, 403);
  EXPECT_EQ(service.client().Delete("/everything", bearer("read admin"))->status, 200);
  EXPECT_EQ(service.client().Get("/nothing")->status, 404);
}

TEST_P(ExampleService, does_not_start_without_a_key_set) {
  const Service service{GetParam(), folder_ / "absent.json"};
  EXPECT_EQ(service.port(), 0);
}

INSTANTIATE_TEST_SUITE_P(Examples, ExampleService, testing::Values(EXAMPLE_HTTPLIB, EXAMPLE_BEAST),
                         [](const auto& example) { return example.index == 0 ? "httplib" : "beast"; });

}  // namespace
}  // namespace signet
