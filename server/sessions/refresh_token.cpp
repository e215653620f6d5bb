#include "server/sessions/refresh_token.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <span>
#include <stdexcept>

#include "server/hkdf.hpp"
#include "src/jose/base64url.hpp"

namespace signet::server {
namespace {

constexpr std::byte version{1};
constexpr std::size_t session_at = 1, counter_at = 17, key_id_at = 21, mac_at = 22, token_size = 54;
using Mac = std::array<std::byte, token_size - mac_at>;

static_assert(RefreshTokenCodec::prefix.size() + token_size / 3 * 4 == RefreshTokenCodec::text_size);

struct FreeContext {
  void operator()(EVP_MAC_CTX* context) const noexcept { EVP_MAC_CTX_free(context); }
};
using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeContext>;

constexpr std::string_view purpose = "signet refresh token v1";
constexpr std::size_t mac_key_bytes = 32;

MacContext keyed_mac(std::span<const std::byte> key) {
  auto* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  if (hmac == nullptr) throw std::runtime_error{"OpenSSL offers no HMAC"};
  MacContext context{EVP_MAC_CTX_new(hmac)};
  EVP_MAC_free(hmac);
  std::array parameters{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>("SHA256"), 0),
                        OSSL_PARAM_construct_end()};
  if (EVP_MAC_init(context.get(), reinterpret_cast<const unsigned char*>(key.data()), key.size(), parameters.data()) !=
      1) {
    throw std::runtime_error{"HMAC-SHA256 failed"};
  }
  return context;
}

}  // namespace

struct RefreshTokenCodec::MacKey {
  std::byte id;
  MacContext keyed;

  explicit MacKey(const Secret& master) {
    if (master.size() < 32) throw std::logic_error{"the master of the refresh tokens is shorter than 32 bytes"};
    const auto derived = hkdf_sha256(master, purpose, mac_key_bytes + 1);  // the last byte is the key's id
    id = derived.reveal()[mac_key_bytes];
    keyed = keyed_mac(derived.reveal().first(mac_key_bytes));
  }

  bool compute(std::span<const std::byte, mac_at> body, Mac& out) const noexcept {
    MacContext context{EVP_MAC_CTX_dup(keyed.get())};
    std::size_t written = 0;
    return context &&
           EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(body.data()), body.size()) == 1 &&
           EVP_MAC_final(context.get(), reinterpret_cast<unsigned char*>(out.data()), &written, out.size()) == 1 &&
           written == out.size();
  }
};

RefreshTokenCodec::RefreshTokenCodec(const Secret& current, const std::vector<Secret>& retired) {
  auto keys = std::make_shared<std::vector<MacKey>>();
  keys->reserve(1 + retired.size());
  keys->emplace_back(current);
  for (const auto& master : retired) keys->emplace_back(master);
  keys_ = std::move(keys);
}

std::string RefreshTokenCodec::write(const RefreshToken& token) const {
  const auto& key = keys_->front();
  std::array<std::byte, token_size> bytes;
  bytes[0] = version;
  std::ranges::copy(token.session.bytes, bytes.begin() + session_at);
  for (unsigned i = 0; i < 4; ++i) bytes[counter_at + i] = static_cast<std::byte>(token.counter >> (24 - 8 * i));
  bytes[key_id_at] = key.id;
  Mac mac;
  if (!key.compute(std::span{bytes}.first<mac_at>(), mac)) throw std::runtime_error{"HMAC-SHA256 failed"};
  std::ranges::copy(mac, bytes.begin() + mac_at);
  return std::string{prefix} + jose::base64url_encode(bytes);
}

std::optional<RefreshToken> RefreshTokenCodec::read(std::string_view text) const noexcept {
  if (text.size() != text_size || !text.starts_with(prefix)) return std::nullopt;
  std::array<std::byte, token_size> bytes;
  if (!jose::base64url_decode_into(text.substr(prefix.size()), bytes.data()) || bytes[0] != version)
    return std::nullopt;

  auto ours = [&](const MacKey& key) {
    Mac mac;
    return key.id == bytes[key_id_at] && key.compute(std::span{bytes}.first<mac_at>(), mac) &&
           CRYPTO_memcmp(mac.data(), bytes.data() + mac_at, mac.size()) == 0;
  };
  // Two keys may share an id, which is one byte: all of that id are tried.
  if (std::ranges::none_of(*keys_, ours)) return std::nullopt;

  RefreshToken token;
  std::copy_n(bytes.begin() + session_at, token.session.bytes.size(), token.session.bytes.begin());
  for (unsigned i = 0; i < 4; ++i)
    token.counter = token.counter << 8 | std::to_integer<std::uint32_t>(bytes[counter_at + i]);
  return token;
}

}  // namespace signet::server
