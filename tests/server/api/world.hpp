#pragma once
// A whole server without sockets: the endpoints over SQLite in a folder of its own, a clock that stands still, and a
// hash that costs nothing.

#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/api/cors.hpp"
#include "server/api/endpoints.hpp"
#include "server/keys/master_key.hpp"
#include "signet/secret.hpp"

namespace signet::server::api {

// Passes on to another store until it is told to fail.
class FlakyStore final : public Store {
 public:
  explicit FlakyStore(Store& store) : store_{store} {}
  Stored<void> write(const std::function<void(Transaction&)>& work) override {
    ++writes;
    return broken ? failure() : store_.write(work);
  }
  Stored<void> read(const std::function<void(Transaction&)>& work) override {
    return broken ? failure() : store_.read(work);
  }
  bool healthy() const noexcept override { return !broken; }
  bool broken = false;
  int writes = 0;

 private:
  static Stored<void> failure() { return std::unexpected(StoreError{StoreFailure::unavailable, "the disk is gone"}); }
  Store& store_;
};

// Keeps the password as it is. Never outside a test.
class NoHash final : public PasswordHasher {
 public:
  std::expected<std::string, Error> hash(const Secret& password) const override { return text(password); }
  std::expected<bool, Error> verify(std::string_view phc, const Secret& password) const override {
    ++work;
    if (const auto meanwhile = std::exchange(on_verify, nullptr)) meanwhile();
    return phc == text(password);
  }
  void verify_nothing(const Secret&) const override { ++work; }
  bool needs_rehash(std::string_view) const override { return false; }
  mutable int work = 0;
  mutable std::function<void()> on_verify;  // runs once, within the next `verify`

 private:
  static std::string text(const Secret& password) { return "none$" + std::string{password.reveal_text()}; }
};

struct Answer {
  http::Response response;

  [[nodiscard]] int status() const { return response.status; }
  [[nodiscard]] std::string header(std::string_view name) const;                // the first one, or empty
  [[nodiscard]] std::vector<std::string> headers(std::string_view name) const;  // all of them
  [[nodiscard]] std::string text(std::string_view member) const;                // a string of the body, or empty
  [[nodiscard]] std::string error() const { return text("error"); }
  [[nodiscard]] bool has(std::string_view member) const;
  [[nodiscard]] std::string json(std::string_view member) const;  // as it stands in the body, or empty
  // The value of a Set-Cookie line of that name.
  [[nodiscard]] std::optional<std::string> cookie(std::string_view name) const;
};

using HeaderList = std::vector<std::pair<std::string, std::string>>;

struct Pair {
  std::string access, refresh;
};

inline constexpr std::string_view good_password = "correct horse battery staple 42";

class World {
 public:
  explicit World(std::vector<std::string> cors_origins = {});
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // As the listener does it: what the route does not admit never comes to its handler.
  Answer call(std::string_view method, std::string_view target, const HeaderList& headers = {},
              std::string_view body = {});
  Answer get(std::string_view target, std::string_view access = {});
  Answer post(std::string_view target, std::string_view json, std::string_view access = {});
  Answer form(std::string_view target, std::string_view body, const HeaderList& headers = {});
  Answer forget(std::string_view session, std::string_view access);  // DELETE /sessions/{id}

  // Each fails the test when the answer is not the good one.
  std::string sign_up(std::string_view username, std::string_view password = good_password);  // the id
  Pair log_in(std::string_view username, std::string_view password = good_password);
  Pair log_in_with_scope(std::string_view username, std::string_view scope);  // a new account

  [[nodiscard]] std::string claim(std::string_view access, std::string_view name) const;
  [[nodiscard]] std::vector<AuditEvent> audit();
  [[nodiscard]] int count_audit(std::string_view kind);

  std::string client_address = "192.0.2.1";
  int handled = 0;  // requests that came to their handler
  static constexpr std::string_view issuer = "https://auth.example";
  static constexpr std::string_view origin = "https://auth.example";

 private:
  std::filesystem::path folder_;

 public:
  std::shared_ptr<ManualClock> clock;
  std::vector<std::pair<std::string, std::string>> failures;  // what the endpoints reported, and the detail
  std::vector<ErrorCode> refusals;

 private:
  std::unique_ptr<Store> sqlite_;

 public:
  FlakyStore store;
  NoHash hasher;
  std::shared_ptr<Revocations> revocations = std::make_shared<Revocations>();
  RevocationFeed feed{*clock, http::StreamLimits{.all = 4, .per_address = 3}, [](auto) {},
                      [this](const StatusEntry& end) { status_indexes.close(end); }};
  RevocationFollower follower{store, *revocations, *clock, &feed};
  StatusIndexes status_indexes{store};
  StatusLists status_lists{store, feed, *clock};
  Current<MasterKey> master{MasterKey::random()};
  RotationPolicy rotation;
  std::shared_ptr<KeyRing> keys;
  Accounts accounts;
  Sessions sessions;
  ServerSessions server_sessions;
  ApiKeys api_keys;
  ApiKeyTable api_key_table;
  LoginLimits login_limits;
  RateLimiter attempt_limit{{Rate{120, std::chrono::minutes{1}}}};
  RateLimiter signup_limit{{signup_rate(Rate{20, std::chrono::hours{1}})}};
  RateLimiter password_limit{{Rate{3, std::chrono::minutes{15}}}};
  RateLimiter password_attempt_limit{{Rate{10, std::chrono::minutes{15}}}};
  RateLimiter introspection_limit{{Rate{5, std::chrono::minutes{1}}}};
  RateLimiter refresh_limit{{Rate{120, std::chrono::minutes{1}}}};
  RateLimiter change_limit{{Rate{60, std::chrono::minutes{1}}}};
  RateLimiter audit_limit{{Rate{1, std::chrono::minutes{1}}}};
  Current<Settings> settings{Settings{}};
  Counters counters;
  Cors cors;
  Services services;
  http::Router router;
};

}  // namespace signet::server::api
