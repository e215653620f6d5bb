#include "server/api_keys/key_text.hpp"

namespace signet::server {

std::string api_key_id_text(const ApiKeyId& id) { return base62_id(id.bytes); }

std::optional<ApiKeyId> api_key_id(std::string_view text) noexcept {
  const auto bytes = read_base62_id(text);
  if (!bytes) return std::nullopt;
  return ApiKeyId{*bytes};
}

std::string api_key_session(const ApiKeyId& id) { return std::string{api_key_prefix} + api_key_id_text(id); }

std::string api_key_beginning(std::string_view environment) {
  return std::string{api_key_prefix}.append(environment).append("_");
}

std::optional<ReadApiKey> read_api_key(std::string_view environment, std::string_view text) noexcept {
  const auto environment_end = api_key_prefix.size() + environment.size();
  if (text.size() <= environment_end || !text.starts_with(api_key_prefix) || text[environment_end] != '_')
    return std::nullopt;
  if (text.substr(api_key_prefix.size(), environment.size()) != environment) return std::nullopt;
  const auto read = read_credential(text, environment_end + 1);
  if (!read) return std::nullopt;
  return ReadApiKey{.id = {read->id}, .secret_sha256 = read->secret_sha256};
}

}  // namespace signet::server
