#pragma once
// Tokens that are bound to a TLS client's certificate (RFC 8705 section 3): who presents one has shown that certificate
// in the connection, so a stolen token alone is worth nothing. For a service of its own:
//   issuer   claims.set("cnf", json::Object{}.set("x5t#S256", *certificate_thumbprint(certificate)))
//   service  the guard compares it with Credentials::client_certificate; see http/guard.hpp

#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "signet/error.hpp"

namespace signet {

// SHA-256 of an X.509 certificate's DER, base64url (section 3.1). `certificate`: PEM, that certificate and nothing
// else. Neither its dates nor who has signed it are looked at: that is done where TLS ends. Errors: key_malformed.
[[nodiscard]] std::expected<std::string, Error> certificate_thumbprint(std::string_view certificate);

// The same of its DER.
[[nodiscard]] std::expected<std::string, Error> certificate_thumbprint(std::span<const std::byte> certificate);

namespace http {

// The certificate that a proxy names in the Client-Cert field (RFC 9440 section 2.2), as DER. Only behind a proxy that
// takes away what clients send under that name: anybody may write a header, and certificates are no secrets. Nothing
// when there is not exactly one line, or it holds no certificate.
[[nodiscard]] std::optional<std::vector<std::byte>> client_certificate(std::span<const std::string_view> client_cert);

}  // namespace http
}  // namespace signet
