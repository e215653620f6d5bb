#include "server/api/answer.hpp"

namespace signet::server::api {

http::Response json_answer(int status, const json::Object& value) {
  http::Response response{.status = status, .headers = {}, .body = value.text()};
  response.header("Content-Type", "application/json")
      .header("Cache-Control", "no-store")
      .header("X-Content-Type-Options", "nosniff");
  return response;
}

http::Response no_content() {
  http::Response response{.status = 204, .headers = {}, .body = {}};
  response.header("Cache-Control", "no-store");
  return response;
}

}  // namespace signet::server::api
