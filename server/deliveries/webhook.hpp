#pragma once
// Security events over HTTP, after Standard Webhooks (https://www.standardwebhooks.com): a JSON body, and the headers
// webhook-id, webhook-timestamp and webhook-signature, which sign it with HMAC-SHA-256.

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "server/audit/event.hpp"
#include "signet/clock.hpp"
#include "signet/secret.hpp"

namespace signet::server {

// The current secret first; while it is being replaced, others after it. A message is signed with each.
class WebhookSecrets {
 public:
  // `whsec_` and base64 of 24 to 64 bytes; one a line, at most four. The error does not quote it.
  [[nodiscard]] static std::expected<WebhookSecrets, std::string> parse(std::string_view text);

  // The value of webhook-signature: "v1,BASE64", once for each secret, separated by spaces.
  [[nodiscard]] std::string sign(std::string_view id, std::string_view timestamp, std::string_view body) const;

  [[nodiscard]] WebhookSecrets copy() const;

 private:
  explicit WebhookSecrets(std::vector<Secret> secrets) noexcept : secrets_{std::move(secrets)} {}
  std::vector<Secret> secrets_;
};

// {"type":"session_revoked","timestamp":"2026-01-02T03:04:05.678Z","data":{"issuer":"…","seq":7,"actor":"…",…}}
[[nodiscard]] std::string webhook_body(std::string_view issuer, const AuditEvent& event);

// The three headers, for a body sent at that time.
[[nodiscard]] std::vector<std::string> webhook_headers(const WebhookSecrets& secrets, std::string_view id, Time now,
                                                       std::string_view body);

}  // namespace signet::server
