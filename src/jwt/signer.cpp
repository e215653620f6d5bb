#include "signet/signer.hpp"

#include <algorithm>
#include <span>

#include "signet/json.hpp"
#include "signet/limits.hpp"
#include "src/jose/base64url.hpp"
#include "src/jwt/compact.hpp"
#include "src/jwt/header.hpp"

namespace signet {

namespace {

std::unexpected<Error> refused(std::string why) {
  return std::unexpected(Error{ErrorCode::invalid_configuration, std::move(why)});
}

std::expected<std::string, Error> header_json(const SigningKey& key, std::string_view type, jwt::TextMembers extra) {
  const Limits limits;
  const auto renamed = std::ranges::find(extra, "alg", &std::pair<std::string, std::string>::first);
  if (renamed != extra.end() && !jwt::is_name_for(renamed->second, key.algorithm())) {
    return refused("alg that is not the key's: " + jwt::quoted_for_log(renamed->second));
  }
  json::Object header;
  header.set("alg", renamed == extra.end() ? name(key.algorithm()) : renamed->second);
  if (!type.empty()) {
    if (!jwt::is_utf8(type)) return refused("typ is not UTF-8");
    header.set("typ", type);
  }
  if (!key.key_id().empty()) {
    if (!jwt::is_utf8(key.key_id())) return refused("kid is not UTF-8");
    if (key.key_id().size() > limits.key_id_bytes) return refused("kid is too long");
    header.set("kid", key.key_id());
  }
  if (renamed != extra.end()) extra.erase(renamed);
  if (auto good = jwt::check_own_members({&extra}); !good) return std::unexpected(std::move(good).error());
  for (const auto& [name, value] : extra) header.set(name, value);
  auto text = header.text();
  if (text.size() > limits.header_bytes || !json::parse(text, limits)) return refused("the header is too large");
  return text;
}

}  // namespace

Signer::Signer(SigningKey key) : key_{std::move(key)}, clock_{&SystemClock::instance()} { write_header(); }

Signer& Signer::type(std::string_view typ) {
  type_ = typ;
  write_header();
  return *this;
}

Signer& Signer::header(std::string_view name, std::string_view value) {
  extra_.emplace_back(name, value);
  write_header();
  return *this;
}

Signer& Signer::clock(const Clock& clock) noexcept {
  clock_ = &clock;
  return *this;
}

std::expected<std::string, Error> Signer::sign(const Claims& claims) const {
  if (refusal_) return std::unexpected(*refusal_);
  const auto json = claims.to_json(clock_->now());
  if (!json) return std::unexpected(json.error());

  constexpr std::size_t usual_signature = 90;  // encoded: of HMAC, EC and Ed25519 with 256 bits
  std::string token;
  token.reserve(encoded_header_.size() + json->size() * 4 / 3 + usual_signature);
  token += encoded_header_;
  jose::base64url_append(token, std::as_bytes(std::span{*json}));
  const auto signature = key_.sign(token);
  if (!signature) return std::unexpected(signature.error());
  token += '.';
  jose::base64url_append(token, *signature);
  if (token.size() > Limits{}.token_bytes) return refused("the token is too large");
  return token;
}

void Signer::write_header() {
  encoded_header_.clear();
  refusal_.reset();
  if (auto json = header_json(key_, type_, extra_)) {
    encoded_header_ = jose::base64url_encode(*json) + '.';
  } else {
    refusal_ = std::move(json.error());
  }
}

}  // namespace signet
