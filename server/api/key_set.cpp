#include <algorithm>

#include "server/api/endpoints.hpp"

namespace signet::server::api {
namespace {

// If-None-Match: "*" or a list of tags, compared weakly (RFC 9110 section 13.1.2).
bool matches(std::string_view condition, std::string_view etag) {
  while (!condition.empty()) {
    auto tag = condition.substr(0, condition.find(','));
    condition.remove_prefix(std::min(tag.size() + 1, condition.size()));
    auto blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!tag.empty() && blank(tag.front())) tag.remove_prefix(1);
    while (!tag.empty() && blank(tag.back())) tag.remove_suffix(1);
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == etag || tag == "*") return true;
  }
  return false;
}

}  // namespace

http::Response key_set(const http::Request& request, Services& services) {
  const PublishedKeys& keys = services.keys.published();
  http::Response response;
  response.header("ETag", keys.etag).header("Cache-Control", "public, max-age=300");
  for (std::string_view condition : request.all("If-None-Match")) {
    if (matches(condition, keys.etag)) {
      response.status = 304;
      return response;
    }
  }
  response.header("Content-Type", "application/jwk-set+json").header("X-Content-Type-Options", "nosniff");
  response.body = keys.json;
  return response;
}

}  // namespace signet::server::api
