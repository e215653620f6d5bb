// Bodies of requests: forms and JSON objects. A parameter counts once: given again, the form is refused. Texts of JSON
// that is accepted come back from JSON written anew.

#include "server/api/body.hpp"

#include <array>
#include <string>

#include "fuzz/property.hpp"
#include "signet/json.hpp"

namespace {

using namespace signet;
using namespace signet::server;
using namespace signet::server::api;

constexpr std::array fields{Field{"username", FieldKind::text}, Field{"password", FieldKind::optional_text},
                            Field{"cookies", FieldKind::optional_flag}};

http::Request request(std::string_view body, const http::Header& type) {
  return {.method = "POST",
          .path = "/",
          .query = {},
          .headers = {&type, 1},
          .body = body,
          .client = {},
          .id = {},
          .route_parameter = {}};
}

void form(std::string_view body) {
  const auto pairs = parse_pairs(body);
  if (!pairs) return;
  const std::string twice = std::string{body} + "&to%6ben=x";
  const auto again = parse_pairs(twice);
  if (pairs->find("token")) {
    fuzz::require(!again);
  } else if (again) {  // not when there are as many parameters as there may be
    fuzz::require(again->find("token") == "x" && again->find("scope") == pairs->find("scope"));
  }
}

void object(std::string_view body) {
  static constexpr http::Header type{"Content-Type", "application/json"};
  const auto read = parse_json(request(body, type), fields);
  if (!read) {
    fuzz::require(read.error().status == 400 && json::parse(read.error().body).has_value());
    return;
  }
  json::Object written;
  written.set("username", read->text("username")).set("cookies", read->flag("cookies"));
  const auto* password = read->text_if("password");
  if (password != nullptr) written.set("password", *password);
  const auto again = parse_json(request(written.text(), type), fields);
  fuzz::require(again && again->text("username") == read->text("username") &&
                again->flag("cookies") == read->flag("cookies"));
  const auto* same = again->text_if("password");
  fuzz::require((same == nullptr) == (password == nullptr) && (same == nullptr || *same == *password));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  form(text);
  object(text);
  return 0;
}
