#include "src/jose/algorithms.hpp"

#include "src/crypto/key_material.hpp"

namespace signet {

std::string_view name(Algorithm algorithm) noexcept { return jose::row(algorithm).name; }

std::optional<Algorithm> algorithm_from_name(std::string_view name) noexcept {
  for (const auto& row : jose::signature_algorithms) {
    if (row.name == name) return row.algorithm;
  }
  return std::nullopt;
}

bool is_available(Algorithm algorithm) noexcept {
  return crypto::is_offered(jose::row(algorithm).key_type, jose::row(algorithm).curve);
}

bool is_symmetric(Algorithm algorithm) noexcept { return jose::row(algorithm).key_type == jose::KeyType::oct; }

}  // namespace signet
