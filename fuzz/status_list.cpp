// A Status List Token as it stands; and the input as the claims of one, and as a list's bytes, signed, so that what
// lies behind the signature is reached too. What is accepted is bounded, and no place beyond its end has a status.

#include "signet/status_list.hpp"

#include <string>

#include "fuzz/property.hpp"
#include "fuzz/token.hpp"
#include "src/jose/base64url.hpp"

namespace {

using namespace signet;

constexpr std::string_view uri = "https://auth.example/status/1";
constexpr std::size_t most_bytes = 4096;

void try_token(std::string_view token) {
  static const auto keys = std::make_shared<const KeySet>(KeySet::of({fuzz::key().verifying_key()}).value());
  static const StatusListRules rules{.issuer = "https://auth.example",
                                     .most_bytes = most_bytes,
                                     .clock = std::make_shared<const ManualClock>(fuzz::now)};
  const auto list = StatusList::verify(token, uri, keys, rules);
  if (!list) return fuzz::require(list.error().code() != ErrorCode::internal);
  fuzz::require(list->size() > 0 && list->size() <= most_bytes * 8);
  fuzz::require(!list->expires_at() || *list->expires_at() > fuzz::now);
  fuzz::require(list->issued_at() <= fuzz::now);
  fuzz::require(!list->ttl() || list->ttl()->count() >= 0);
  for (std::uint64_t place = 0; place < list->size(); ++place) fuzz::require(list->status(place).has_value());
  fuzz::require(!list->status(list->size()) && !list->status(~std::uint64_t{0}));

  StatusLists lists;
  lists.put(*list, fuzz::now);
  fuzz::require(lists.look_up(uri, 0, fuzz::now).status == list->status(0));
}

std::string signed_token(std::string_view claims) {
  const auto input =
      jose::base64url_encode(R"({"alg":"HS256","typ":"statuslist+jwt"})") + '.' + jose::base64url_encode(claims);
  const auto signature = fuzz::key().sign(input);
  fuzz::require(signature.has_value());
  return input + '.' + jose::base64url_encode(*signature);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  try_token(text);
  try_token(signed_token(text));
  for (const auto* bits : {"1", "2", "4", "8"}) {
    std::string claims = R"({"sub":"https://auth.example/status/1","iat":1700000000,"status_list":{"bits":)";
    claims.append(bits).append(R"(,"lst":")").append(jose::base64url_encode(text)).append("\"}}");
    try_token(signed_token(claims));
  }
  return 0;
}
