#include "cli/fetch.hpp"

#include <fmt/format.h>

#include <utility>

#include "src/remote/http_client.hpp"

namespace signet::cli {

std::expected<std::string, Trouble> fetch(const FetchRequest& request) {
  const auto trouble = [](std::string_view what) { return std::unexpected(Trouble{fmt::format("--jwks: {}", what)}); };
  remote::HttpRequest get;
  get.url = request.url;
  get.ca_file = request.ca_file;
  get.limit = request.limit;
  get.at_most = request.at_most;
  if (const auto good = remote::check_url(get.url); !good) return trouble(good.error().detail());
  auto answer = remote::perform(get, {});
  if (!answer) return trouble(fmt::format("cannot fetch the keys: {}", answer.error().detail()));
  if (answer->status >= 300 && answer->status < 400) {
    return trouble(
        fmt::format("the server answered {}: redirects are not followed, give the final address", answer->status));
  }
  if (answer->status != 200) return trouble(fmt::format("the server answered {}, not 200", answer->status));
  return std::move(answer->body);
}

}  // namespace signet::cli
