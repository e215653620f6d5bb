#include "src/jwe/algorithms.hpp"

namespace signet {

std::string_view name(KeyManagement algorithm) noexcept { return jwe::row(algorithm).name; }
std::string_view name(ContentEncryption algorithm) noexcept { return jwe::row(algorithm).name; }

std::optional<KeyManagement> key_management_from_name(std::string_view name) noexcept {
  for (const auto& row : jwe::key_management_algorithms) {
    if (row.name == name) return row.algorithm;
  }
  return std::nullopt;
}

std::optional<ContentEncryption> content_encryption_from_name(std::string_view name) noexcept {
  for (const auto& row : jwe::content_encryption_algorithms) {
    if (row.name == name) return row.algorithm;
  }
  return std::nullopt;
}

}  // namespace signet
