// The same GET /profile behind one of several ways to decide whether a request may pass: only the decision differs.
// bench/session_vs_token starts it.
//
//     bench_profile_service TOKENS nothing                  lets everything pass: what the rest costs
//     bench_profile_service TOKENS guard REVOCATIONS CACHED verifies signed tokens, with so many revocations in force;
//                                                           CACHED: remembers so many that it has verified, or 0
//     bench_profile_service TOKENS redis ADDRESS            looks sessions up in Redis: HOST:PORT, or a socket's path
//     bench_profile_service TOKENS introspect ADDRESS BASIC asks a login server (RFC 7662) about TOKENS
//     bench_profile_service TOKENS store FOLDER             looks opaque tokens up in SQLite, as `signet serve` does
//
// Writes the tokens it accepts to the file TOKENS, one a line (with "introspect" they are the login server's), prints
// its address, and ends with standard input.

#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "server/accounts/account.hpp"
#include "server/http/server.hpp"
#include "server/sessions/access_token.hpp"
#include "server/sessions/server_sessions.hpp"
#include "server/sessions/sessions.hpp"
#include "server/store/sqlite/sqlite_store.hpp"
#include "signet/http/guard.hpp"
#include "signet/json.hpp"
#include "signet/key_set.hpp"
#include "signet/revocations.hpp"
#include "src/http/credentials.hpp"

namespace signet::bench {
namespace {

using server::http::Handler;
using server::http::Lane;
using server::http::Request;
using server::http::Response;

constexpr int tokens_made = 100;

struct Service {
  Lane lane;
  Handler profile;
};

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error{what}; }

template <class T, class E>
T value_of(std::expected<T, E> result, const char* what) {
  if (!result) fail(what);
  return std::move(*result);
}

Response unauthorized() { return {.status = 401, .headers = {{"WWW-Authenticate", "Bearer"}}, .body = {}}; }

Response profile_of(std::string body) {
  Response response{.status = 200, .headers = {}, .body = std::move(body)};
  response.header("Content-Type", "application/json").header("Cache-Control", "no-store");
  return response;
}

std::string profile_text(std::string_view subject, std::string_view scope, std::string_view session) {
  return json::Object{}.set("sub", subject).set("scope", scope).set("sid", session).text();
}

std::string_view bearer(const Request& request) {
  return signet::http::token_of("bearer", request.all("Authorization")).token;
}

server::Account somebody() {
  return {.id = server::AccountId::random(),
          .username = "bench",
          .password_hash = {},
          .scope = "profile",
          .disabled = false,
          .must_change_password = false,
          .created_at = SystemClock{}.now(),
          .password_changed_at = SystemClock{}.now()};
}

void write_tokens(const std::string& file, const std::vector<std::string>& tokens) {
  std::ofstream out{file};
  for (const auto& token : tokens) out << token << '\n';
  if (!out.flush()) fail("cannot write " + file);
}

Service open_to_all(const std::string& tokens_file) {
  write_tokens(tokens_file, std::vector<std::string>(tokens_made, "anything"));
  return {Lane::loop,
          [](const Request& request) { return profile_of(profile_text(bearer(request), "profile", "none")); }};
}

Service guarded(const std::string& tokens_file, long revocations_held, long cached) {
  const server::AccessTokenPolicy policy{
      .issuer = "https://auth.example", .audience = "api", .client_id = "signet", .lifetime = std::chrono::hours{1}};
  const auto key = value_of(SigningKey::generate(Algorithm::ES256), "no key");
  const auto clock = std::make_shared<SystemClock>();
  const auto revocations = std::make_shared<Revocations>();
  for (long i = 0; i < revocations_held; ++i) {
    revocations->add({RevocationKind::session, server::SessionId::random().text(), clock->now(),
                      clock->now() + std::chrono::hours{1}});
  }
  auto rules = Verifier::builder();
  rules.keys(value_of(KeySet::of({key.verifying_key()}), "no key set")).issuer(policy.issuer).audience(policy.audience);
  rules.type("at+jwt").require("sid").revocations(revocations);
  if (cached > 0) rules.cache(static_cast<std::size_t>(cached));
  auto verifier = value_of(rules.build(), "no verifier");
  auto guard = std::make_shared<signet::http::Guard>(std::move(verifier));

  std::vector<std::string> tokens;
  for (int i = 0; i < tokens_made; ++i) {
    const server::TokenGrant grant{.subject = server::AccountId::random().text(),
                                   .session = server::SessionId::random().text(),
                                   .scope = "profile",
                                   .signed_in_at = clock->now(),
                                   .ends_at = clock->now() + std::chrono::hours{24}};
    tokens.push_back(value_of(server::issue_access_token(policy, key, grant, clock->now()), "no token").text);
  }
  write_tokens(tokens_file, tokens);
  return {Lane::loop, [guard](const Request& request) {
            const auto authorization = request.all("Authorization");
            const auto who = guard->check(
                {.method = request.method, .authorization = authorization, .cookie = {}, .origin = {}}, {"profile"});
            if (!who) return unauthorized();
            return profile_of(profile_text(who->subject(), who->token().claim<std::string_view>("scope").value_or(""),
                                           who->token().claim<std::string_view>("sid").value_or("")));
          }};
}

// A blocking connection, over TCP or a Unix socket.
class Line {
 public:
  explicit Line(const std::string& address) : socket_{address.starts_with('/') ? to_path(address) : to_host(address)} {}
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  ~Line() { ::close(socket_); }

  void send(std::string_view text) {
    while (!text.empty()) {
      const auto sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) fail("the peer is gone");
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  // Up to `end`, which is left out.
  std::string read_to(std::string_view end) {
    std::size_t at = 0;
    while ((at = received_.find(end)) == std::string::npos) receive();
    return take(at, end.size());
  }
  std::string read(std::size_t size) {
    while (received_.size() < size) receive();
    return take(size, 0);
  }

 private:
  static int to_path(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) fail("the socket's path is too long");
    std::memcpy(address.sun_path, path.data(), path.size());
    const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      fail("cannot connect " + path);
    return made;
  }
  static int to_host(const std::string& address) {
    const auto colon = address.find(':');
    addrinfo* found = nullptr;
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST;
    hints.ai_family = AF_INET;
    hints.ai_socktype = SOCK_STREAM;
    if (::getaddrinfo(address.substr(0, colon).c_str(), address.substr(colon + 1).c_str(), &hints, &found) != 0)
      fail("no address: " + address);
    const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int connected = ::connect(made, found->ai_addr, found->ai_addrlen);
    ::freeaddrinfo(found);
    if (connected != 0) fail("cannot connect " + address);
    return made;
  }
  void receive() {
    std::array<char, 16'384> buffer;
    const auto size = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (size <= 0) fail("the peer is gone");
    received_.append(buffer.data(), static_cast<std::size_t>(size));
  }
  std::string take(std::size_t size, std::size_t dropped) {
    auto text = received_.substr(0, size);
    received_.erase(0, size + dropped);
    return text;
  }

  int socket_;
  std::string received_;
};

// One a thread of the lane, kept open.
Line& line_to(const std::string& address) {
  thread_local std::unique_ptr<Line> line;
  if (!line) line = std::make_unique<Line>(address);
  return *line;
}

// RESP, the protocol of Redis: the value of a GET or the status of a SET.
std::string ask_redis(Line& redis, std::initializer_list<std::string_view> command) {
  std::string text = "*" + std::to_string(command.size()) + "\r\n";
  for (const auto word : command)
    text.append("$").append(std::to_string(word.size())).append("\r\n").append(word).append("\r\n");
  redis.send(text);
  auto head = redis.read_to("\r\n");
  if (head.starts_with('-')) fail("Redis: " + head);
  if (!head.starts_with('$')) return head;
  const auto size = std::strtol(head.c_str() + 1, nullptr, 10);
  if (size < 0) return {};
  auto value = redis.read(static_cast<std::size_t>(size));
  (void)redis.read(2);
  return value;
}

Service in_redis(const std::string& tokens_file, const std::string& address) {
  Line redis{address};
  std::vector<std::string> tokens;
  for (int i = 0; i < tokens_made; ++i) {
    const auto session = server::SessionId::random();
    tokens.push_back(server::make_session_token(session).text);
    const auto profile = profile_text(server::AccountId::random().text(), "profile", session.text());
    (void)ask_redis(redis, {"SET", "session:" + tokens.back(), profile});
  }
  write_tokens(tokens_file, tokens);
  return {Lane::store, [address](const Request& request) {
            auto profile = ask_redis(line_to(address), {"GET", "session:" + std::string{bearer(request)}});
            return profile.empty() ? unauthorized() : profile_of(std::move(profile));
          }};
}

Service introspected(const std::string& address, const std::string& basic) {
  return {Lane::store, [address, basic](const Request& request) {
            const auto form = "token=" + std::string{bearer(request)};
            auto& line = line_to(address);
            line.send("POST /introspect HTTP/1.1\r\nHost: " + address + "\r\nAuthorization: Basic " + basic +
                      "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
                      std::to_string(form.size()) + "\r\n\r\n" + form);
            const auto head = line.read_to("\r\n\r\n");
            constexpr std::string_view name = "Content-Length: ";
            const auto length = head.find(name);
            if (length == std::string::npos) fail("an answer without a length");
            const auto size = std::strtoul(head.c_str() + length + name.size(), nullptr, 10);
            const auto body = line.read(size);
            const auto told = json::parse(body);
            if (!told || !told->find("active") || told->find("active")->text() != "true") return unauthorized();
            const auto text = [&](std::string_view member) {
              const auto found = told->find(member);
              return found ? found->string().value_or("") : std::string{};
            };
            return profile_of(profile_text(text("sub"), text("scope"), text("sid")));
          }};
}

// What a login server in server mode has in its hands.
struct Stored {
  explicit Stored(const std::string& folder)
      : store{value_of(server::open_sqlite(folder + "/signet.db"), "no store")} {}

  SystemClock clock;
  Revocations revocations;
  std::unique_ptr<server::Store> store;
  server::Sessions sessions{*store, revocations, clock, server::RefreshTokenCodec{Secret::random(32)}, {}, tokens_made};
  server::ServerSessions server_sessions{*store, revocations, clock, {}, "signet"};
};

Service in_store(const std::string& tokens_file, const std::string& folder) {
  const auto stored = std::make_shared<Stored>(folder);
  const auto account = somebody();
  auto made =
      stored->store->write([&](server::Transaction& transaction) { (void)transaction.insert_account(account); });
  if (!made) fail(made.error().detail);
  std::vector<std::string> tokens;
  for (int i = 0; i < tokens_made; ++i) {
    auto granted =
        stored->sessions.open(account, {}, {.mode = server::SessionMode::server, .binding = {}, .instead_of = {}});
    tokens.push_back(value_of(std::move(granted), "no session").opaque_token);
  }
  write_tokens(tokens_file, tokens);
  return {Lane::store, [stored](const Request& request) {
            const auto found = stored->server_sessions.find(bearer(request));
            if (!found) return unauthorized();
            return profile_of(profile_text(found->account.id.text(), found->account.scope, found->session.id.text()));
          }};
}

Service service_of(const std::vector<std::string>& arguments) {
  const auto& tokens = arguments.at(0);
  const auto& decision = arguments.at(1);
  if (decision == "nothing") return open_to_all(tokens);
  const auto number = [&](std::size_t at) { return std::strtol(arguments.at(at).c_str(), nullptr, 10); };
  if (decision == "guard") return guarded(tokens, number(2), number(3));
  if (decision == "redis") return in_redis(tokens, arguments.at(2));
  if (decision == "introspect") return introspected(arguments.at(2), arguments.at(3));
  if (decision == "store") return in_store(tokens, arguments.at(2));
  fail("no such decision: " + decision);
}

void serve(Service service) {
  server::http::Router router;
  router.add("GET", "/profile", service.lane, std::move(service.profile));
  auto listening = server::http::Server::bind({.listen = "127.0.0.1:0"}, std::move(router));
  if (!listening) fail(listening.error());
  (*listening)->start();
  std::cout << "listening on " << (*listening)->address() << std::endl;
  while (std::cin.get() != std::char_traits<char>::eof()) {
  }
}

}  // namespace
}  // namespace signet::bench

int main(int argc, char** argv) try {
  signet::bench::serve(signet::bench::service_of({argv + 1, argv + argc}));
} catch (const std::exception& failure) {
  std::cerr << "bench_profile_service: " << failure.what() << '\n';
  return 1;
}
