#pragma once
// The text of an API key: a credential (server/credential_text.hpp) that begins with sgn_<environment>_.

#include <optional>
#include <string>
#include <string_view>

#include "server/credential_text.hpp"
#include "server/id.hpp"

namespace signet::server {

inline constexpr std::string_view api_key_prefix = "sgn_";

// 22 letters and digits.
[[nodiscard]] std::string api_key_id_text(const ApiKeyId& id);
[[nodiscard]] std::optional<ApiKeyId> api_key_id(std::string_view text) noexcept;

// The `sid` of the key's tokens, by which they are revoked: "sgn_" and the id, which is never the text of a session's.
[[nodiscard]] std::string api_key_session(const ApiKeyId& id);

// What stands before the id. `environment`: letters and digits.
[[nodiscard]] std::string api_key_beginning(std::string_view environment);

struct ReadApiKey {
  ApiKeyId id;
  SecretHash secret_sha256{};
};
// Nothing unless it is whole and of that environment. Whether there is such a key, the table knows.
[[nodiscard]] std::optional<ReadApiKey> read_api_key(std::string_view environment, std::string_view text) noexcept;

}  // namespace signet::server
