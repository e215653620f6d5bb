#include "src/remote/revocation_wire.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "signet/json.hpp"
#include "src/jwt/registered_claims.hpp"

namespace signet::remote {
namespace {

constexpr std::size_t epoch_digits = 16;
constexpr std::array kinds{RevocationKind::token,  RevocationKind::session, RevocationKind::subject,
                           RevocationKind::client, RevocationKind::key,     RevocationKind::everyone};

Error malformed(std::string what) { return Error{ErrorCode::json_malformed, std::move(what)}; }

bool is_epoch(std::string_view text) {
  return text.size() == epoch_digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::optional<std::int64_t> number(const json::View& object, std::string_view name) {
  const auto member = object.find(name);
  const auto value = member ? member->integer() : std::nullopt;
  return value && *value >= 0 ? value : std::nullopt;
}

std::optional<Time> time(const json::View& object, std::string_view name) {
  const auto value = number(object, name);
  if (!value || *value > jwt::last_second * 1000) return std::nullopt;
  return Time{std::chrono::milliseconds{*value}};
}

std::expected<Revocation, Error> revocation_of(const json::View& object) {
  const auto kind_text = object.find("kind");
  const auto key_text = object.find("key");
  const auto key = key_text ? key_text->string() : std::nullopt;
  const auto cutoff = time(object, "cutoff"), expires_at = time(object, "expires_at");
  const auto kind = std::ranges::find_if(
      kinds, [&](RevocationKind known) { return kind_text && kind_text->plain_string() == to_string(known); });
  if (!number(object, "seq") || kind == kinds.end() || !key || key->empty() != (*kind == RevocationKind::everyone) ||
      !cutoff || !expires_at) {
    return std::unexpected(malformed("not a revocation"));
  }
  return Revocation{*kind, *key, *cutoff, *expires_at};
}

// A text of `bytes` cannot have more members than this; the parser's own bound is for tokens.
Limits for_snapshot(std::size_t bytes) {
  Limits limits;
  limits.json_members = bytes / 4 + 16;
  return limits;
}

}  // namespace

std::expected<Position, Error> Position::parse(std::string_view text) {
  const auto colon = text.find(':');
  Position position{.epoch = std::string{text.substr(0, colon)}, .seq = 0};
  const auto digits = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), position.seq);
  if (!is_epoch(position.epoch) || digits.empty() || failed != std::errc{} || end != digits.data() + digits.size() ||
      position.seq < 0) {
    return std::unexpected(malformed("not the id of a revocation"));
  }
  return position;
}

std::expected<StreamedRevocation, Error> parse_revocation(std::string_view data) {
  const auto object = json::parse(data);
  if (!object) return std::unexpected(object.error());
  auto revocation = revocation_of(*object);
  if (!revocation) return std::unexpected(std::move(revocation.error()));
  const auto seq = number(*object, "seq"), after = number(*object, "after");
  if (!after || *after >= *seq) return std::unexpected(malformed("a revocation in no order"));
  return StreamedRevocation{*seq, *after, std::move(*revocation)};
}

std::expected<Time, Error> parse_begin(std::string_view data) {
  const auto object = json::parse(data);
  if (!object) return std::unexpected(object.error());
  const auto at = time(*object, "time");
  if (!at) return std::unexpected(malformed("not the beginning of a stream"));
  return *at;
}

std::expected<Heartbeat, Error> parse_heartbeat(std::string_view data) {
  const auto object = json::parse(data);
  if (!object) return std::unexpected(object.error());
  const auto seq = number(*object, "seq");
  const auto at = time(*object, "time");
  if (!seq || !at) return std::unexpected(malformed("not a heartbeat"));
  return Heartbeat{*seq, *at};
}

std::expected<Snapshot, Error> parse_snapshot(std::string_view claims, std::string_view issuer, Time now) {
  const auto object = json::parse(claims, for_snapshot(claims.size()));
  if (!object) return std::unexpected(object.error());
  const auto iss = object->find("iss"), exp = object->find("exp"), epoch = object->find("epoch"),
             list = object->find("revocations");
  if (!iss || !exp || !epoch || !list) return std::unexpected(Error{ErrorCode::claim_missing, "of the snapshot"});
  if (iss->string() != issuer) return std::unexpected(Error{ErrorCode::issuer_mismatch, "the snapshot is another's"});
  const auto expires_at = jwt::numeric_date(*exp);
  const auto epoch_text = epoch->string();
  const auto seq = number(*object, "seq");
  if (!expires_at || !epoch_text || !is_epoch(*epoch_text) || !seq || list->kind() != json::Kind::array) {
    return std::unexpected(Error{ErrorCode::claim_malformed, "of the snapshot"});
  }
  if (now >= *expires_at) return std::unexpected(Error{ErrorCode::token_expired, "the snapshot"});
  Snapshot snapshot{.position = {*epoch_text, *seq}, .revocations = {}};
  for (const auto element : list->elements()) {
    auto revocation = revocation_of(element);
    if (!revocation) return std::unexpected(std::move(revocation.error()));
    snapshot.revocations.push_back(std::move(*revocation));
  }
  return snapshot;
}

}  // namespace signet::remote
