// The whole server in this process, over real sockets on free ports.

#include "server/app/login_server.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <future>
#include <thread>

#include "signet/json.hpp"

namespace signet::server::app {
namespace {

// One request on a connection of its own; what came back, whole.
std::string ask(const std::string& url, const std::string& request) {
  const auto port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  std::string received;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    (void)!::write(fd, request.data(), request.size());
    char buffer[4096];
    for (ssize_t n = 0; (n = ::read(fd, buffer, sizeof buffer)) > 0;)
      received.append(buffer, static_cast<std::size_t>(n));
  }
  ::close(fd);
  return received;
}

int status_of(const std::string& answer) { return answer.size() > 12 ? std::stoi(answer.substr(9, 3)) : 0; }
std::string body_of(const std::string& answer) {
  auto at = answer.find("\r\n\r\n");
  return at == std::string::npos ? "" : answer.substr(at + 4);
}
std::string member(const std::string& answer, std::string_view name) {
  const auto body = body_of(answer);
  auto parsed = json::parse(body);
  auto found = parsed ? parsed->find(name) : std::nullopt;
  return found ? found->string().value_or("") : "";
}

std::string get(const std::string& url, const std::string& path, const std::string& token = {}) {
  return ask(url, "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" +
                      (token.empty() ? "" : "Authorization: Bearer " + token + "\r\n") + "\r\n");
}
std::string post(const std::string& url, const std::string& path, const json::Object& body) {
  const auto text = body.text();
  return ask(url,
             "POST " + path +
                 " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: " +
                 std::to_string(text.size()) + "\r\n\r\n" + text);
}

class WholeServer : public testing::Test {
 protected:
  WholeServer() {
    std::string name = (std::filesystem::temp_directory_path() / "signet-server-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    for (const char* variable : {"SIGNET_MASTER_KEY", "SIGNET_MASTER_KEY_FILE"}) unsetenv(variable);
  }
  ~WholeServer() override { std::filesystem::remove_all(folder_); }

  Config config() const {
    Config config;
    config.listen = config.monitor_listen = "127.0.0.1:0";
    config.data = folder_ / "data";
    config.tokens.algorithm = Algorithm::ES256;
    return config;
  }

  static std::unique_ptr<LoginServer> started(Config config) {
    auto server = LoginServer::open(std::move(config));
    if (!server) throw std::runtime_error{server.error()};
    (*server)->start();
    return std::move(*server);
  }

  static json::Object credentials() {
    return json::Object{}.set("username", "ada").set("password", "correct horse battery staple 42");
  }

  std::filesystem::path folder_;
};

TEST_F(WholeServer, signs_up_logs_in_and_shows_the_profile) {
  auto server = started(config());
  EXPECT_EQ(status_of(post(server->url(), "/signup", credentials())), 201);
  auto login = post(server->url(), "/login", credentials());
  ASSERT_EQ(status_of(login), 200) << login;
  auto profile = get(server->url(), "/profile", member(login, "access_token"));
  EXPECT_EQ(status_of(profile), 200) << profile;
  EXPECT_EQ(server->config().issuer, server->url());
  auto metadata = get(server->url(), "/.well-known/oauth-authorization-server");
  EXPECT_EQ(member(metadata, "issuer"), server->url());
}

TEST_F(WholeServer, keeps_health_readiness_and_metrics_to_the_second_listener) {
  auto server = started(config());
  EXPECT_EQ(status_of(get(server->monitor_url(), "/healthz")), 200);
  EXPECT_EQ(status_of(get(server->monitor_url(), "/readyz")), 200);
  auto metrics = get(server->monitor_url(), "/metrics");
  EXPECT_EQ(status_of(metrics), 200);
  EXPECT_NE(metrics.find("Content-Type: text/plain; version=0.0.4"), std::string::npos);
  EXPECT_NE(metrics.find("\nsignet_ready 1\n"), std::string::npos);
  for (const char* path : {"/healthz", "/readyz", "/metrics"})
    EXPECT_EQ(status_of(get(server->url(), path)), 404) << path;
  EXPECT_EQ(status_of(get(server->monitor_url(), "/profile")), 404);
}

TEST_F(WholeServer, says_that_it_is_not_ready_while_it_drains) {
  auto server = started(config());
  server->drain();
  auto answer = get(server->monitor_url(), "/readyz");
  EXPECT_EQ(status_of(answer), 503);
  EXPECT_NE(answer.find("draining"), std::string::npos);
  EXPECT_EQ(status_of(get(server->monitor_url(), "/healthz")), 200);
  EXPECT_EQ(get(server->url(), "/profile"), "");
}

TEST_F(WholeServer, shows_its_metrics_until_it_has_gone) {
  auto server = started(config());
  std::promise<void> scraped;
  std::jthread scraper{[url = server->monitor_url(), &scraped] {
    EXPECT_EQ(status_of(get(url, "/metrics")), 200);
    scraped.set_value();
    while (!get(url, "/metrics").empty()) continue;
  }};
  scraped.get_future().wait();
  server.reset();
}

TEST_F(WholeServer, remembers_accounts_sessions_and_keys_when_it_comes_back) {
  auto settings = config();
  settings.issuer = "https://auth.example";
  std::string access, refresh;
  {
    auto server = started(std::move(settings));
    EXPECT_EQ(status_of(post(server->url(), "/signup", credentials())), 201);
    auto login = post(server->url(), "/login", credentials());
    access = member(login, "access_token");
    refresh = member(login, "refresh_token");
  }
  settings = config();
  settings.issuer = "https://auth.example";
  auto server = started(std::move(settings));
  EXPECT_EQ(status_of(get(server->url(), "/profile", access)), 200);
  EXPECT_EQ(status_of(post(server->url(), "/refresh", json::Object{}.set("refresh_token", refresh))), 200);
}

TEST_F(WholeServer, changes_while_it_runs_what_may_change) {
  auto server = started(config());
  auto next = config();
  next.signup.open = false;
  server->reload(std::move(next));
  auto closed = post(server->url(), "/signup", credentials());
  EXPECT_EQ(status_of(closed), 403);
  EXPECT_EQ(member(closed, "error"), "signup_closed");
}

TEST_F(WholeServer, signs_with_a_shared_secret_when_there_is_one) {
  auto settings = config();
  settings.hmac_secret = Secret::random(32);
  settings.tokens.algorithm = Algorithm::HS256;
  auto server = started(std::move(settings));
  EXPECT_EQ(status_of(post(server->url(), "/signup", credentials())), 201);
  auto login = post(server->url(), "/login", credentials());
  EXPECT_EQ(status_of(get(server->url(), "/profile", member(login, "access_token"))), 200);
  EXPECT_EQ(body_of(get(server->url(), "/.well-known/jwks.json")), R"({"keys":[]})");
}

TEST_F(WholeServer, says_in_a_sentence_why_it_cannot_start) {
  auto server = started(config());
  auto taken = config();
  taken.listen = server->url().substr(7);
  taken.data = folder_ / "other";
  auto second = LoginServer::open(std::move(taken));
  ASSERT_FALSE(second.has_value());
  EXPECT_TRUE(second.error().starts_with("cannot listen on " + server->url().substr(7))) << second.error();

  auto no_folder = config();
  no_folder.data = "/proc/nowhere";
  EXPECT_FALSE(LoginServer::open(std::move(no_folder)).has_value());

  auto no_certificate = config();
  no_certificate.tls = http::TlsFiles{"/no/such.crt", "/no/such.key"};
  auto third = LoginServer::open(std::move(no_certificate));
  ASSERT_FALSE(third.has_value());
  EXPECT_NE(third.error().find("/no/such.crt"), std::string::npos) << third.error();
}

}  // namespace
}  // namespace signet::server::app
