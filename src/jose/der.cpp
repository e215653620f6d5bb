#include "src/jose/der.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace signet::jose {
namespace {

using crypto::Encoding;

constexpr std::size_t largest_der = std::size_t{64} * 1024;
constexpr std::byte sequence{0x30};

struct Element {
  std::byte tag;
  std::span<const std::byte> content;
};

// Takes an element off the front; nothing when there is no whole one with its length in the shortest form.
std::optional<Element> take(std::span<const std::byte>& bytes) {
  if (bytes.size() < 2) return std::nullopt;
  std::size_t header = 2;
  auto length = std::to_integer<std::size_t>(bytes[1]);
  if (length >= 0x80) {
    const std::size_t octets = length - 0x80;
    if (octets == 0 || octets > 3 || bytes.size() < 2 + octets) return std::nullopt;
    length = 0;
    for (const std::byte octet : bytes.subspan(2, octets)) length = length << 8 | std::to_integer<std::size_t>(octet);
    if (length < 0x80 || length >> 8 * (octets - 1) == 0) return std::nullopt;
    header += octets;
  }
  if (bytes.size() - header < length) return std::nullopt;
  const Element element{bytes.front(), bytes.subspan(header, length)};
  bytes = bytes.subspan(header + length);
  return element;
}

// How the forms begin: S a sequence, I an integer, B a bit string, O an octet string. A PKCS#1 public key is its two
// numbers and nothing more.
struct Form {
  std::string_view begin;
  bool is_whole;
  Encoding encoding;
};
constexpr std::array forms{
    Form{"SB", true, Encoding::spki},             // RFC 5280 section 4.1
    Form{"SSB", true, Encoding::certificate},     // RFC 5280 section 4.1
    Form{"II", true, Encoding::pkcs1_public},     // RFC 8017 appendix A.1.1
    Form{"ISO", false, Encoding::pkcs8},          // RFC 5958 section 2
    Form{"SO", true, Encoding::encrypted_pkcs8},  // RFC 5958 section 3
    Form{"III", false, Encoding::pkcs1_private},  // RFC 8017 appendix A.1.2
    Form{"IO", false, Encoding::sec1},            // RFC 5915 section 3
};

char letter(std::byte tag) {
  switch (std::to_integer<unsigned>(tag)) {
    case 0x30:
      return 'S';
    case 0x02:
      return 'I';
    case 0x03:
      return 'B';
    case 0x04:
      return 'O';
    default:
      return '?';
  }
}

std::unexpected<Error> malformed(const char* why) { return std::unexpected(Error{ErrorCode::key_malformed, why}); }

}  // namespace

std::expected<EncodedKey, Error> read_der(std::span<const std::byte> bytes) {
  if (bytes.size() > largest_der) return malformed("more than 64 KiB of DER");
  auto rest = bytes;
  const auto whole = take(rest);
  if (!whole || whole->tag != sequence || !rest.empty()) return malformed("not DER: no sequence, or bytes follow it");
  std::string elements;
  for (auto inner = whole->content; !inner.empty();) {
    const auto element = take(inner);
    if (!element) return malformed("not DER: an element that does not end");
    elements += letter(element->tag);
  }
  const auto form = std::ranges::find_if(
      forms, [&](const Form& one) { return one.is_whole ? elements == one.begin : elements.starts_with(one.begin); });
  if (form == forms.end()) return malformed("DER that holds no key");
  return EncodedKey{form->encoding, {bytes.begin(), bytes.end()}};
}

}  // namespace signet::jose
