#include "src/jose/public_key_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signet/json.hpp"
#include "src/crypto/key_material.hpp"
#include "src/jose/base64url.hpp"

namespace signet::jose {
namespace {

// The names, and how they begin as base64 with their length in front: the key without its name (RFC 4253 section 6.6).
constexpr std::array<std::string_view, 12> ssh_keys{"ssh-rsa",        "ssh-ed25519",   "ssh-ed448",
                                                    "ssh-dss",        "ecdsa-sha2-",   "sk-ssh-ed25519",
                                                    "sk-ecdsa-sha2-", "AAAAB3NzaC1yc", "AAAAC3NzaC1lZDI1NTE5",
                                                    "AAAAE2VjZHNh",   "AAAAB3NzaC1kc", "AAAAGnNrLX"};

std::string_view without_leading_space(std::string_view text) noexcept {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  constexpr std::string_view space{" \t\r\n\v\f\"'\0", 9};  // quotes as well: a value copied out of JSON or a shell
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  const auto first = text.find_first_not_of(space);
  return first == std::string_view::npos ? std::string_view{} : text.substr(first);
}

bool is_jwk(std::string_view text) {
  if (!text.starts_with('{') && !text.starts_with('[')) return false;
  if (text.find("\"kty\"") != std::string_view::npos) return true;
  const auto value = json::parse(text.substr(0, text.find_last_of("}]") + 1));
  return value && (value->find("kty") || value->find("keys"));
}

// A line such as -----BEGIN PUBLIC KEY-----, also one that lost dashes on its way.
bool has_pem_marker(std::string_view text) {
  constexpr std::string_view begin = "BEGIN ";
  constexpr std::size_t longest_label = 48;
  for (auto at = text.find(begin); at != std::string_view::npos; at = text.find(begin, at + 1)) {
    const auto label = text.substr(at + begin.size(), longest_label);
    if (label.find("KEY") != std::string_view::npos || label.find("CERTIFICATE") != std::string_view::npos) return true;
  }
  return text.find("-----BEGIN ") != std::string_view::npos;
}

bool is_ssh_key(std::string_view bytes, std::string_view start) {
  constexpr std::string_view length{"\0\0\0", 3};  // the first bytes of the name's, in the key as bytes
  const auto name = bytes.starts_with(length) && bytes.size() > 4 ? bytes.substr(4) : start;
  return std::ranges::any_of(ssh_keys, [&](std::string_view prefix) { return name.starts_with(prefix); });
}

// Without what stands around and between the digits of encoded bytes: space, padding, quotes.
crypto::SecretText digits_of(std::string_view text) {
  constexpr std::string_view ignored = "\r\n \t=\"'";
  crypto::SecretText digits;
  digits.reserve(text.size());
  for (const char c : text) {
    if (ignored.find(c) == std::string_view::npos) digits.push_back(c == '+' ? '-' : c == '/' ? '_' : c);
  }
  return digits;
}

std::optional<crypto::SecretBytes> from_base64(std::string_view digits) {
  crypto::SecretBytes bytes(base64url_decoded_size(digits.size()));
  if (!base64url_decode_into(digits, bytes.data())) return std::nullopt;
  return bytes;
}

std::optional<crypto::SecretBytes> from_hex(std::string_view digits) {
  if (digits.size() % 2 != 0) return std::nullopt;
  crypto::SecretBytes bytes(digits.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    unsigned value = 0;
    const char* const pair = digits.data() + 2 * i;
    const auto [end, error] = std::from_chars(pair, pair + 2, value, 16);
    if (error != std::errc{} || end != pair + 2) return std::nullopt;
    bytes[i] = static_cast<std::byte>(value);
  }
  return bytes;
}

bool is_public_key(std::span<const std::byte> bytes, unsigned encodings) {
  const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  const std::string_view start = without_leading_space(text);
  if (has_pem_marker(text) || start.starts_with("---- BEGIN SSH2") || is_ssh_key(text, start) || is_jwk(start) ||
      crypto::is_public_der(bytes) || crypto::is_public_der(std::as_bytes(std::span{start}))) {
    return true;
  }
  if (encodings == 0) return false;
  const auto digits = digits_of(start);
  const std::string_view encoded{digits.data(), digits.size()};
  for (const auto& decoded : {from_hex(encoded), from_base64(encoded)}) {
    if (decoded && is_public_key(*decoded, encodings - 1)) return true;
  }
  return false;
}

}  // namespace

// Encoded once as identity providers show a public key, the PEM's body alone; twice when a deployment encodes its
// secrets again, as Kubernetes does.
bool looks_like_public_key(std::span<const std::byte> bytes) { return is_public_key(bytes, 2); }

}  // namespace signet::jose
