#include "server/api/endpoints.hpp"
#include "server/api/etag.hpp"

namespace signet::server::api {

http::Response key_set(const http::Request& request, Services& services) {
  const PublishedKeys& keys = services.keys.published();
  auto response = http::blank_response();
  response.header("ETag", keys.etag).header("Cache-Control", "public, max-age=300");
  if (has_already(request, keys.etag)) {
    response.status = 304;
    return response;
  }
  response.header("Content-Type", "application/jwk-set+json").header("X-Content-Type-Options", "nosniff");
  response.body = keys.json;
  return response;
}

}  // namespace signet::server::api
