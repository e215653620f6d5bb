#include "src/remote/metadata.hpp"

#include "signet/json.hpp"
#include "src/jwt/compact.hpp"
#include "src/remote/http_client.hpp"

namespace signet::remote {
namespace {

std::string_view without_slash(std::string_view issuer) {
  if (issuer.ends_with('/')) issuer.remove_suffix(1);
  return issuer;
}

}  // namespace

std::string Discovery::oauth_url(std::string_view issuer) {
  // Before the issuer's path, not behind it.
  const auto base = without_slash(issuer);
  const auto scheme = base.find("://");
  const auto path = scheme == std::string_view::npos ? scheme : base.find('/', scheme + 3);
  const auto host_end = path == std::string_view::npos ? base.size() : path;
  return std::string{base.substr(0, host_end)} + "/.well-known/oauth-authorization-server" +
         std::string{base.substr(host_end)};
}

std::string Discovery::openid_url(std::string_view issuer) {
  return std::string{without_slash(issuer)} + "/.well-known/openid-configuration";
}

std::expected<Metadata, Error> parse_metadata(std::string_view text, std::string_view issuer, const Limits& limits) {
  const auto document = json::parse(text, limits);
  if (!document) return std::unexpected(document.error());
  const auto named = document->find("issuer");
  const auto its = named ? named->string() : std::nullopt;
  if (its != issuer) {
    return std::unexpected(Error{ErrorCode::issuer_mismatch, "the metadata is of " +
                                                                 jwt::quoted_for_log(its.value_or("")) + ", and " +
                                                                 jwt::quoted_for_log(issuer) + " was asked for"});
  }
  Metadata metadata;
  const std::pair<const char*, std::string*> rows[] = {
      {"jwks_uri", &metadata.jwks_uri},
      {"introspection_endpoint", &metadata.introspection_endpoint},
      {"signet_revocation_stream", &metadata.revocation_stream},
      {"signet_revocation_snapshot", &metadata.revocation_snapshot},
      {"status_list_aggregation_endpoint", &metadata.status_lists},
  };
  for (const auto& [name, address] : rows) {
    const auto value = document->find(name);
    if (!value) continue;
    auto url = value->string();
    if (!url) return std::unexpected(Error{ErrorCode::json_malformed, std::string{name} + " is not a string"});
    if (const auto good = check_url(*url); !good) {
      return std::unexpected(Error{ErrorCode::invalid_configuration, std::string{name} + ": " + good.error().detail()});
    }
    *address = std::move(*url);
  }
  return metadata;
}

std::expected<Metadata, Error> Discovery::ask(const std::string& url, const std::stop_token& stop) const {
  HttpRequest request;
  request.url = url;
  request.ca_file = ca_file_;
  request.at_most = timing_.at_most;
  request.limit = limits_.key_set_bytes;
  const auto answer = fetch_good(request, "the metadata", stop);
  if (!answer) return std::unexpected(answer.error());
  return parse_metadata(answer->body, issuer_, limits_);
}

std::expected<Metadata, Error> Discovery::metadata(bool again, const std::stop_token& stop) {
  if (!again) {
    if (auto before = known()) return std::move(*before);
  }
  const std::lock_guard asking{asking_};
  auto before = known();
  if (before && !again) return std::move(*before);
  auto found = ask(oauth_url(issuer_), stop);
  // An answer that is wrong is not made good by another document; only one that is missing is looked for elsewhere.
  if (!found && found.error().code() == ErrorCode::input_output) {
    if (auto openid = ask(openid_url(issuer_), stop)) found = std::move(openid);
  }
  if (!found && before) return std::move(*before);
  if (!found) return found;
  const std::lock_guard lock{mutex_};
  known_ = *found;
  return found;
}

std::optional<Metadata> Discovery::known() const {
  const std::lock_guard lock{mutex_};
  return known_;
}

}  // namespace signet::remote
