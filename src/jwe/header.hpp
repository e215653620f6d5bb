#pragma once
// The JOSE header of one recipient: protected, shared and the recipient's own members together (RFC 7516 section 4).

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "signet/error.hpp"
#include "signet/json.hpp"
#include "src/jwe/message.hpp"

namespace signet::jwe {

enum class Place : std::uint8_t { protected_header, shared_header, recipient_header };

struct HeaderMember {
  json::View value;
  Place place;
};

// Looks into the message's texts: they must outlive it and stay where they are.
class JoinedHeader {
 public:
  // Each a JSON object, no name in two of them (case 19), `kid`, `typ` and `cty` texts. Errors: token_malformed,
  // token_too_large.
  [[nodiscard]] static std::expected<JoinedHeader, Error> of(const Message& message, std::size_t recipient,
                                                             const Limits& limits);

  [[nodiscard]] std::optional<HeaderMember> find(std::string_view name) const;

  // A member that must be text when it is there. Errors: token_malformed.
  [[nodiscard]] std::expected<std::optional<std::string>, Error> text(std::string_view name) const;

  // A member that must be base64url when it is there. Errors: token_malformed.
  [[nodiscard]] std::expected<std::optional<Bytes>, Error> bytes(std::string_view name) const;

  [[nodiscard]] const std::optional<json::View>& protected_part() const noexcept { return parts_[0]; }

 private:
  std::optional<json::View> parts_[3];  // in the order of Place
};

}  // namespace signet::jwe
