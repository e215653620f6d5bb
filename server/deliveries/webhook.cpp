#include "server/deliveries/webhook.hpp"

#include <sodium.h>

#include <array>
#include <chrono>
#include <span>

#include "server/audit/audit.hpp"
#include "server/time_text.hpp"
#include "signet/json.hpp"
#include "src/crypto/secure_memory.hpp"

namespace signet::server {
namespace {

constexpr std::string_view prefix = "whsec_";
constexpr std::size_t shortest = 24, longest = 64;  // bytes
constexpr std::size_t most_secrets = 4;

const unsigned char* raw(std::string_view text) noexcept { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string base64(std::span<const unsigned char> bytes) {
  std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();  // the zero at the end
  return text;
}

}  // namespace

std::expected<WebhookSecrets, std::string> WebhookSecrets::parse(std::string_view text) {
  const auto refuse = [] {
    return std::unexpected(std::string{
        "`whsec_` and base64 of 24 to 64 bytes, one a line and at most four; make one with `echo whsec_$(openssl rand "
        "-base64 32)`"});
  };
  if (text.ends_with('\n')) text.remove_suffix(1);
  std::vector<Secret> secrets;
  for (bool more = true; more;) {
    const auto end = text.find('\n');
    more = end != std::string_view::npos;
    auto line = text.substr(0, end);
    text.remove_prefix(more ? end + 1 : text.size());
    if (!line.starts_with(prefix) || secrets.size() == most_secrets) return refuse();
    line.remove_prefix(prefix.size());
    std::array<unsigned char, longest> bytes{};
    std::size_t size = 0;
    const bool whole = sodium_base642bin(bytes.data(), bytes.size(), line.data(), line.size(), nullptr, &size, nullptr,
                                         sodium_base64_VARIANT_ORIGINAL) == 0;
    if (whole) secrets.push_back(Secret::from_bytes(std::as_bytes(std::span{bytes}.first(size))));
    sodium_memzero(bytes.data(), bytes.size());
    if (!whole || size < shortest) return refuse();
  }
  return WebhookSecrets{std::move(secrets)};
}

std::string WebhookSecrets::sign(std::string_view id, std::string_view timestamp, std::string_view body) const {
  std::string signatures;
  for (const Secret& secret : secrets_) {
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, raw(secret.reveal_text()), secret.size());
    for (const std::string_view part : {id, std::string_view{"."}, timestamp, std::string_view{"."}, body})
      crypto_auth_hmacsha256_update(&state, raw(part), part.size());
    std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac{};
    crypto_auth_hmacsha256_final(&state, mac.data());
    sodium_memzero(&state, sizeof state);
    signatures.append(signatures.empty() ? "v1," : " v1,").append(base64(mac));
  }
  return signatures;
}

WebhookSecrets WebhookSecrets::copy() const {
  std::vector<Secret> secrets;
  for (const Secret& secret : secrets_) secrets.push_back(secret.copy());
  return WebhookSecrets{std::move(secrets)};
}

std::string webhook_body(std::string_view issuer, const AuditEvent& event) {
  json::Object data;
  data.set("issuer", issuer).set("seq", event.seq);
  add_who_and_what(data, event);
  std::string at;
  append_rfc3339(at, event.at);
  return json::Object{}.set("type", event.kind).set("timestamp", at).set("data", data).text();
}

std::vector<std::string> webhook_headers(const WebhookSecrets& secrets, std::string_view id, Time now,
                                         std::string_view body) {
  const auto timestamp = std::to_string(std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
  return {"webhook-id: " + std::string{id}, "webhook-timestamp: " + timestamp,
          "webhook-signature: " + secrets.sign(id, timestamp, body)};
}

}  // namespace signet::server
