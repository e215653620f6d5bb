#pragma once
// Status lists as an issuer makes them.

#include <string>
#include <string_view>
#include <vector>

#include "signet/signet.hpp"
#include "tests/http/support.hpp"
#include "tests/status/lst.hpp"

namespace signet::test {

inline constexpr std::string_view list_uri = "https://auth.example/status/1";

inline json::Object status_list_claim(int bits, std::string_view lst) {
  return json::Object{}.set("bits", bits).set("lst", lst);
}

// The claims of a list that is good at `now`.
inline json::Object list_claims(const json::Object& status_list, Time issued_at = now, int ttl = 60) {
  const auto seconds = issued_at.time_since_epoch().count() / 1000;
  return json::Object{}
      .set("sub", list_uri)
      .set("iat", seconds)
      .set("exp", seconds + 600)
      .set("ttl", ttl)
      .set("status_list", status_list);
}

inline std::string list_token(std::string_view claims, std::string_view type = "statuslist+jwt",
                              const SigningKey& with = key()) {
  return JwsSigner{with}.type(type).sign(claims).value();
}

inline std::shared_ptr<const KeySource> list_keys() {
  return std::make_shared<const KeySet>(KeySet::of({key().verifying_key()}).value());
}

inline std::expected<StatusList, Error> verified_list(std::string_view token, StatusListRules rules = {}) {
  if (!rules.clock) rules.clock = std::make_shared<const ManualClock>(now);
  return StatusList::verify(token, list_uri, list_keys(), rules);
}

// A list of one bit a place.
inline StatusList list_of(const std::vector<std::uint8_t>& bytes, Time issued_at = now, int ttl = 60) {
  const auto claims = list_claims(status_list_claim(1, lst_of(bytes)), issued_at, ttl);
  return verified_list(list_token(claims.text()),
                       {.issuer = {}, .clock = std::make_shared<const ManualClock>(issued_at)})
      .value();
}

}  // namespace signet::test
