#pragma once
// The certificate and how TLS is spoken.

#include <expected>
#include <memory>
#include <string>

#include <openssl/types.h>

#include "server/http/server.hpp"

namespace signet::server::http {

struct SslContextFree {
  void operator()(SSL_CTX* context) const noexcept;
};
using SslContext = std::unique_ptr<SSL_CTX, SslContextFree>;

// TLS 1.2 and 1.3, ALPN http/1.1. The error says which file cannot be used and why.
[[nodiscard]] std::expected<SslContext, std::string> load_tls(const TlsFiles& files);

}  // namespace signet::server::http
