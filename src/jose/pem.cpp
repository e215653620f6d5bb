#include "src/jose/pem.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include "src/jose/base64.hpp"

namespace signet::jose {
namespace {

using crypto::Encoding;
using crypto::SecretBytes;
using crypto::SecretText;

constexpr std::array labels{
    std::pair{std::string_view{"PUBLIC KEY"}, Encoding::spki},                        // RFC 7468 section 13
    std::pair{std::string_view{"RSA PUBLIC KEY"}, Encoding::pkcs1_public},            // RFC 8017 appendix A.1.1
    std::pair{std::string_view{"CERTIFICATE"}, Encoding::certificate},                // RFC 7468 section 5
    std::pair{std::string_view{"PRIVATE KEY"}, Encoding::pkcs8},                      // RFC 7468 section 10
    std::pair{std::string_view{"ENCRYPTED PRIVATE KEY"}, Encoding::encrypted_pkcs8},  // RFC 7468 section 11
    std::pair{std::string_view{"RSA PRIVATE KEY"}, Encoding::pkcs1_private},          // RFC 8017 appendix A.1.2
    std::pair{std::string_view{"EC PRIVATE KEY"}, Encoding::sec1},                    // RFC 5915 section 4
};
constexpr std::string_view white_space = " \t\r\n";
constexpr std::size_t largest_pem = std::size_t{64} * 1024;

std::unexpected<Error> malformed(const char* why) { return std::unexpected(Error{ErrorCode::key_malformed, why}); }

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(white_space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

// Base64 with line ends.
std::optional<SecretBytes> decode_body(std::string_view body) {
  SecretText text;
  text.reserve(body.size());
  for (const char c : body) {
    if (white_space.find(c) == std::string_view::npos) text.push_back(c);
  }
  return base64_decode({text.data(), text.size()});
}

}  // namespace

std::expected<EncodedKey, Error> read_pem(std::string_view text) {
  constexpr std::string_view begin = "-----BEGIN ", dashes = "-----";
  if (text.size() > largest_pem) return malformed("more than 64 KiB of PEM");
  text = trimmed(text);
  if (!text.starts_with(begin)) return malformed("no PEM: it does not start with -----BEGIN");

  const auto label_end = text.find(dashes, begin.size());
  if (label_end == std::string_view::npos) return malformed("a PEM header that does not end");
  const auto label = text.substr(begin.size(), label_end - begin.size());
  const std::string end = "-----END " + std::string{label} + "-----";
  const auto body_begin = label_end + dashes.size();
  if (!text.ends_with(end) || text.size() < body_begin + end.size()) {
    return malformed("the PEM block does not end with its own label, or bytes follow it");
  }
  const auto body = text.substr(body_begin, text.size() - end.size() - body_begin);
  if (body.find(dashes) != std::string_view::npos) return malformed("more than one PEM block");
  if (!trimmed(body.substr(0, body.find('\n'))).empty() || !body.ends_with('\n')) {
    return malformed("a PEM header and its data share a line");
  }

  const auto known = std::ranges::find(labels, label, [](const auto& row) { return row.first; });
  if (known == labels.end()) return std::unexpected(Error{ErrorCode::key_unsupported, "a PEM block that holds no key"});

  // RFC 1421 headers: of those OpenSSL writes, only encryption means anything.
  const bool is_traditional = known->second == Encoding::pkcs1_private || known->second == Encoding::sec1;
  if (is_traditional && trimmed(body).starts_with("Proc-Type: 4,ENCRYPTED")) {
    const auto bytes = std::as_bytes(std::span{text});
    SecretBytes whole{bytes.begin(), bytes.end()};
    whole.push_back(std::byte{'\n'});
    return EncodedKey{Encoding::legacy_encrypted, std::move(whole)};
  }
  auto bytes = decode_body(body);
  if (!bytes) return malformed("the PEM block is not base64");
  return EncodedKey{known->second, std::move(*bytes)};
}

SecretText write_pem(Encoding encoding, std::span<const std::byte> der) {
  constexpr std::size_t line_characters = 64;
  const auto label = std::ranges::find(labels, encoding, [](const auto& row) { return row.second; })->first;
  const SecretText body = base64_encode(der);
  SecretText text;
  text.reserve(body.size() + body.size() / line_characters + 2 * label.size() + 40);
  const auto append = [&](std::string_view part) { text.insert(text.end(), part.begin(), part.end()); };
  append("-----BEGIN ");
  append(label);
  append("-----\n");
  for (std::size_t at = 0; at < body.size(); at += line_characters) {
    append(std::string_view{body.data(), body.size()}.substr(at, line_characters));
    append("\n");
  }
  append("-----END ");
  append(label);
  append("-----\n");
  return text;
}

}  // namespace signet::jose
