#include "server/http/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cstring>
#include <string_view>

#include "server/private_file.hpp"

namespace signet::server::http {

namespace {

using namespace std::string_view_literals;

constexpr auto protocols = "\x08http/1.1"sv;

std::string reason() {
  auto error = ERR_peek_error();
  ERR_clear_error();
  if (ERR_SYSTEM_ERROR(error)) return std::strerror(static_cast<int>(ERR_GET_REASON(error)));
  const char* text = ERR_reason_error_string(error);
  return text != nullptr ? text : "unknown error";
}

// A client that offers protocols, http/1.1 not among them, would only misunderstand us (RFC 7301 section 3.2).
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* in,
                    unsigned in_length, void*) {
  unsigned char* chosen = nullptr;
  auto result = SSL_select_next_proto(&chosen, out_length, reinterpret_cast<const unsigned char*>(protocols.data()),
                                      static_cast<unsigned>(protocols.size()), in, in_length);
  *out = chosen;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// An encrypted key is an error to report, not a question to ask on the terminal.
int no_passphrase(char*, int, int, void*) { return 0; }

}  // namespace

void SslContextFree::operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }

std::expected<SslContext, std::string> load_tls(const TlsFiles& files) {
  ERR_clear_error();
  SslContext context(SSL_CTX_new(TLS_server_method()));
  if (!context) return std::unexpected("TLS cannot be set up: " + reason());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_cipher_list(context.get(), "ECDHE+AESGCM:ECDHE+CHACHA20");  // of TLS 1.2: forward secrecy and AEAD only
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  SSL_CTX_set_default_passwd_cb(context.get(), no_passphrase);

  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1)
    return std::unexpected("cannot use the certificate " + files.certificate + ": " + reason());
  if (auto why = writable_by_others(files.key)) return std::unexpected("the key " + files.key + " " + *why);
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1)
    return std::unexpected("cannot use the key " + files.key + ": " + reason());
  if (SSL_CTX_check_private_key(context.get()) != 1)
    return std::unexpected("the key " + files.key + " does not belong to the certificate " + files.certificate);
  return context;
}

}  // namespace signet::server::http
