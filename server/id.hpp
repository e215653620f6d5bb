#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace signet::server {

// 128 random bits; as text, 22 characters of base64url.
std::array<std::byte, 16> random_id_bytes();
std::string id_text(const std::array<std::byte, 16>& bytes);
std::optional<std::array<std::byte, 16>> id_bytes(std::string_view text);

template <class Tag>
struct Id {
  std::array<std::byte, 16> bytes{};

  [[nodiscard]] static Id random() { return {random_id_bytes()}; }
  [[nodiscard]] static std::optional<Id> from_text(std::string_view text) {
    auto bytes = id_bytes(text);
    if (!bytes) return std::nullopt;
    return Id{*bytes};
  }
  [[nodiscard]] std::string text() const { return id_text(bytes); }
  auto operator<=>(const Id&) const = default;
};

using AccountId = Id<struct AccountTag>;
using SessionId = Id<struct SessionTag>;
using ApiKeyId = Id<struct ApiKeyTag>;

}  // namespace signet::server
