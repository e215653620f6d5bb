#include "src/crypto/ecdsa_signature.hpp"

#include <algorithm>
#include <optional>

namespace signet::crypto {
namespace {

constexpr std::byte sequence_tag{0x30};
constexpr std::byte integer_tag{0x02};

// Signature values are public: no need for constant time.
bool in_range(std::span<const std::byte> value, std::span<const std::byte> order) noexcept {
  return std::ranges::any_of(value, [](std::byte b) { return b != std::byte{0}; }) &&
         std::ranges::lexicographical_compare(value, order);
}

std::span<const std::byte> without_leading_zeros(std::span<const std::byte> value) noexcept {
  const auto first = std::ranges::find_if(value, [](std::byte b) { return b != std::byte{0}; });
  return {first, value.end()};
}

bool has_high_bit(std::byte b) noexcept { return (b & std::byte{0x80}) != std::byte{0}; }

std::byte* write_integer(std::byte* out, std::span<const std::byte> value) noexcept {
  const bool padded = has_high_bit(value.front());  // INTEGERs are signed
  *out++ = integer_tag;
  *out++ = static_cast<std::byte>(value.size() + padded);
  if (padded) *out++ = std::byte{0};
  return std::ranges::copy(value, out).out;
}

// The content of the DER element at the front, which is taken off.
std::optional<std::span<const std::byte>> take(std::span<const std::byte>& der, std::byte tag) noexcept {
  if (der.size() < 2 || der[0] != tag) return std::nullopt;
  auto length = std::to_integer<std::size_t>(der[1]);
  std::size_t header = 2;
  if (length == 0x81 && der.size() >= 3) {
    length = std::to_integer<std::size_t>(der[2]);
    header = 3;
    if (length < 0x80) return std::nullopt;
  } else if (length >= 0x80) {
    return std::nullopt;
  }
  if (der.size() - header < length) return std::nullopt;
  const auto content = der.subspan(header, length);
  der = der.subspan(header + length);
  return content;
}

bool write_field(std::span<const std::byte> integer, std::span<std::byte> field) noexcept {
  if (integer.empty() || has_high_bit(integer.front())) return false;
  const bool is_padded = integer.size() > 1 && integer.front() == std::byte{0};
  if (is_padded && !has_high_bit(integer[1])) return false;  // not DER: a zero byte too many
  const auto value = without_leading_zeros(integer);
  if (value.size() > field.size()) return false;
  const auto zeros = field.size() - value.size();
  std::ranges::fill(field.first(zeros), std::byte{0});
  std::ranges::copy(value, field.begin() + static_cast<std::ptrdiff_t>(zeros));
  return true;
}

}  // namespace

std::size_t der_from_raw(std::span<const std::byte> raw, std::span<const std::byte> order, DerSignature& der) noexcept {
  const auto r = raw.first(order.size());
  const auto s = raw.subspan(order.size());
  if (!in_range(r, order) || !in_range(s, order)) return 0;

  const auto short_r = without_leading_zeros(r);
  const auto short_s = without_leading_zeros(s);
  const std::size_t content =
      4 + short_r.size() + has_high_bit(short_r.front()) + short_s.size() + has_high_bit(short_s.front());
  std::byte* out = der.data();
  *out++ = sequence_tag;
  if (content >= 0x80) *out++ = std::byte{0x81};
  *out++ = static_cast<std::byte>(content);
  out = write_integer(out, short_r);
  out = write_integer(out, short_s);
  return static_cast<std::size_t>(out - der.data());
}

bool raw_from_der(std::span<const std::byte> der, std::span<std::byte> raw) noexcept {
  auto content = take(der, sequence_tag);
  if (!content || !der.empty()) return false;
  const auto r = take(*content, integer_tag);
  const auto s = take(*content, integer_tag);
  const std::size_t field = raw.size() / 2;
  return r && s && content->empty() && write_field(*r, raw.first(field)) && write_field(*s, raw.subspan(field));
}

}  // namespace signet::crypto
