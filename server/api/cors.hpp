#pragma once
// Which pages of other origins may read answers (the CORS protocol of the Fetch standard, section 3.2). Never with
// cookies: no answer has Access-Control-Allow-Credentials, so what such a page does, it does with a token in its hands.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/router.hpp"

namespace signet::server::api {

enum class Readers : std::uint8_t {
  own_origin,
  configured,  // what a page does for its user
  anybody,     // what is public in any case
};
[[nodiscard]] Readers readers_of(std::string_view path) noexcept;

class Cors {
 public:
  // Pages of these origins may read what is for configured ones.
  explicit Cors(std::vector<std::string> origins) : origins_{std::move(origins)} {}

  // Says in the answer that the page which asked may read it, if it may.
  void allow(const http::Request& request, Readers readers, http::Response& response) const;

  // OPTIONS for each path that pages of other origins may ask.
  void add_preflights(http::Router& router) const;

 private:
  [[nodiscard]] http::Response preflight(const http::Request& request, Readers readers, std::string_view methods) const;
  std::vector<std::string> origins_;
};

}  // namespace signet::server::api
