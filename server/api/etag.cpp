#include "server/api/etag.hpp"

#include <algorithm>
#include <span>

#include "server/api/sha256.hpp"
#include "src/jose/base64url.hpp"

namespace signet::server::api {
namespace {

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

std::string etag_of(std::string_view text) {
  const auto digest = sha256(std::as_bytes(std::span{text}));
  return '"' + jose::base64url_encode(std::span{digest}.first(16)) + '"';
}

bool has_already(const http::Request& request, std::string_view etag) {
  return std::ranges::any_of(request.all("If-None-Match"),
                             [etag](std::string_view condition) { return matches(condition, etag); });
}

}  // namespace signet::server::api
