#include "server/api/answer.hpp"

namespace signet::server::api {

http::Response json_answer(int status) {
  auto response = http::blank_response();
  response.status = status;
  response.header("Content-Type", "application/json")
      .header("Cache-Control", "no-store")
      .header("X-Content-Type-Options", "nosniff");
  return response;
}

http::Response json_answer(int status, const json::Object& value) {
  auto response = json_answer(status);
  response.body = value.text();
  return response;
}

http::Response no_content() {
  http::Response response{.status = 204, .headers = {}, .body = {}};
  response.header("Cache-Control", "no-store");
  return response;
}

}  // namespace signet::server::api
