#include "server/api/answer.hpp"

namespace signet::server::api {

http::Response json_answer(int status) {
  static const http::HeaderLines lines{
      {"Content-Type", "application/json"}, {"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}};
  auto response = http::blank_response();
  response.status = status;
  response.headers = lines;
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
