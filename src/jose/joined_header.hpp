#pragma once
// The JOSE header of one signature or one recipient: its protected and unprotected members together (RFC 7515
// section 4, RFC 7516 section 4).

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signet/error.hpp"
#include "signet/json.hpp"

namespace signet::jose {

enum class Place : std::uint8_t { protected_header, shared_header, own_header };

struct HeaderMember {
  json::View value;
  Place place;
};

// Looks into the texts it was made of: they must outlive it and stay where they are.
class JoinedHeader {
 public:
  // The parts as JSON, in the order of Place; an empty one is absent. Each a JSON object, no name in two of them
  // (case 19), `kid`, `typ` and `cty` texts. Errors: token_malformed, token_too_large.
  [[nodiscard]] static std::expected<JoinedHeader, Error> of(const std::array<std::string_view, 3>& texts,
                                                             const Limits& limits);

  [[nodiscard]] std::optional<HeaderMember> find(std::string_view name) const;

  // A member that must be text when it is there. Errors: token_malformed.
  [[nodiscard]] std::expected<std::optional<std::string>, Error> text(std::string_view name) const;

  // A member that must be base64url when it is there. Errors: token_malformed.
  [[nodiscard]] std::expected<std::optional<std::vector<std::byte>>, Error> bytes(std::string_view name) const;

  [[nodiscard]] const std::optional<json::View>& protected_part() const noexcept { return parts_[0]; }

 private:
  std::array<std::optional<json::View>, 3> parts_;  // in the order of Place
};

}  // namespace signet::jose
