#pragma once
// Status List Tokens (draft-ietf-oauth-status-list section 5), for verifiers that do not follow the stream.

#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "server/api/revocation_feed.hpp"
#include "server/store/store.hpp"
#include "signet/clock.hpp"
#include "signet/key.hpp"

namespace signet::server::api {

// How long a verifier may keep a list before it asks again.
inline constexpr std::chrono::seconds status_ttl{15};

enum class StatusFailure : std::uint8_t {
  unknown,      // no such list (any more)
  unavailable,  // the store failed, or the log was not read lately
};
struct StatusError {
  StatusFailure failure;
  std::string detail;  // for logs
};

class StatusLists {
 public:
  StatusLists(Store& store, const RevocationFeed& feed, const Clock& clock)
      : store_{store}, feed_{feed}, clock_{clock} {}

  struct Token {
    std::string text;  // a compact JWS
    std::string etag;
    std::string signed_by;
    std::string bits;  // what it says, as `lst`
    Time made_at;
  };
  // `name`: what stands in the path. Made once for all who ask within a second.
  [[nodiscard]] std::expected<std::shared_ptr<const Token>, StatusError> list(std::string_view name,
                                                                              std::string_view issuer,
                                                                              const SigningKey& key);
  // The addresses of all of them.
  [[nodiscard]] Stored<std::vector<std::string>> all(std::string_view issuer);

 private:
  Store& store_;
  const RevocationFeed& feed_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::int64_t, std::shared_ptr<const Token>> made_;
};

}  // namespace signet::server::api
