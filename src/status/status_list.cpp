#include <zlib.h>

#include <algorithm>
#include <memory>

#include "signet/json.hpp"
#include "signet/status_list.hpp"
#include "signet/verifier.hpp"
#include "src/jose/base64url.hpp"

namespace signet {
namespace {

constexpr std::string_view list_type = "statuslist+jwt";
constexpr double longest_ttl = 365 * 24 * 3600;  // seconds; more is as good as that

Error malformed(std::string_view claim) { return Error{{Failure{ErrorCode::claim_malformed, std::string{claim}}}}; }

// What two layers of base64url and a list that cannot be compressed come to, and some claims beside it.
Limits limits_of(std::size_t most_bytes) {
  Limits limits;
  limits.token_bytes += most_bytes * 2;
  return limits;
}

// zlib's format (RFC 1950), all of it, and not more than `most` bytes when it is inflated.
std::optional<std::vector<std::uint8_t>> inflated(std::string_view lst, std::size_t most) {
  const auto compressed = jose::base64url_decode(lst);
  if (!compressed || compressed->empty()) return std::nullopt;
  const auto room = std::make_unique_for_overwrite<std::uint8_t[]>(most);
  uLongf size = most;
  uLong taken = compressed->size();
  if (uncompress2(room.get(), &size, reinterpret_cast<const Bytef*>(compressed->data()), &taken) != Z_OK) {
    return std::nullopt;
  }
  if (size == 0 || taken != compressed->size()) return std::nullopt;
  return std::vector<std::uint8_t>{room.get(), room.get() + size};
}

}  // namespace

std::expected<StatusList, Error> StatusList::verify(std::string_view token, std::string_view uri,
                                                    std::shared_ptr<const KeySource> keys,
                                                    const StatusListRules& rules) {
  auto builder = Verifier::builder();
  builder.key_source(std::move(keys)).any_audience().subject(uri).type(list_type);
  builder.allow_missing_expiry().require("iat").limits(limits_of(rules.most_bytes));
  if (rules.clock) builder.clock(rules.clock);
  builder.any_issuer().check("iss", [&rules](json::View claims) {
    const auto iss = claims.find("iss");
    return rules.issuer.empty() || !iss || iss->string() == rules.issuer;
  });
  const auto verifier = builder.build();
  if (!verifier) return std::unexpected(verifier.error());
  const auto verified = verifier->verify(token);
  if (!verified) return std::unexpected(verified.error());

  StatusList list;
  list.uri_ = uri;
  list.issued_at_ = *verified->issued_at();
  list.expires_at_ = verified->expires_at();
  if (const auto claim = verified->claim<json::View>("ttl")) {
    const auto ttl = claim->number();
    if (!ttl || *ttl <= 0) return std::unexpected(malformed("ttl"));  // a positive number (section 5.1)
    list.ttl_ = std::chrono::milliseconds{static_cast<std::int64_t>(std::min(*ttl, longest_ttl) * 1000)};
  }
  const auto claim = verified->claim<json::View>("status_list");
  if (!claim) return std::unexpected(Error{{Failure{ErrorCode::claim_missing, "status_list"}}});
  const auto bits = claim->find("bits"), lst = claim->find("lst");
  const auto width = bits ? bits->integer() : std::nullopt;
  const auto text = lst ? lst->string() : std::nullopt;
  if (!text || (width != 1 && width != 2 && width != 4 && width != 8)) return std::unexpected(malformed("status_list"));
  auto bytes = inflated(*text, rules.most_bytes);
  if (!bytes) return std::unexpected(malformed("status_list"));
  list.bits_ = static_cast<unsigned>(*width);
  list.bytes_ = std::move(*bytes);
  return list;
}

// The lowest bits of a byte are its first place (section 4.1).
std::optional<TokenStatus> StatusList::status(std::uint64_t index) const noexcept {
  if (index >= size()) return std::nullopt;
  const auto bit = index * bits_;
  return TokenStatus{static_cast<std::uint8_t>(bytes_[bit / 8] >> (bit % 8) & ((1U << bits_) - 1))};
}

}  // namespace signet
