#include "cli/fetch.hpp"

#include <memory>
#include <optional>
#include <string_view>

#include <arpa/inet.h>
#include <curl/curl.h>
#include <fmt/format.h>
#include <netinet/in.h>

namespace signet::cli {
namespace {

struct Target {
  bool https = false;
  bool loopback = false;
};

bool is_loopback(std::string_view host) {
  if (host == "localhost") return true;
  if (host.starts_with('[') && host.ends_with(']')) {
    in6_addr address{};
    const std::string text{host.substr(1, host.size() - 2)};
    return ::inet_pton(AF_INET6, text.c_str(), &address) == 1 && IN6_IS_ADDR_LOOPBACK(&address);
  }
  in_addr address{};
  return ::inet_pton(AF_INET, std::string{host}.c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
}

// Read by libcurl's own parser, so that what is checked is what will be asked.
std::expected<Target, Trouble> parse_target(const std::string& url) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed{curl_url(), &curl_url_cleanup};
  const auto part = [&](CURLUPart which) -> std::optional<std::string> {
    char* text = nullptr;
    if (curl_url_get(parsed.get(), which, &text, 0) != CURLUE_OK) return std::nullopt;
    std::string copy{text};
    curl_free(text);
    return copy;
  };
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
    return std::unexpected(Trouble{"--jwks: not an address that can be read"});
  }
  if (part(CURLUPART_USER) || part(CURLUPART_PASSWORD)) {
    return std::unexpected(Trouble{"--jwks: a name or password in the address is not supported"});
  }
  const auto scheme = part(CURLUPART_SCHEME);
  const auto host = part(CURLUPART_HOST);
  if (!scheme || !host) return std::unexpected(Trouble{"--jwks: not an address that can be read"});
  const Target target{.https = scheme == "https", .loopback = is_loopback(*host)};
  if (!target.https && scheme != "http") {
    return std::unexpected(Trouble{fmt::format("--jwks: https only, not {}", *scheme)});
  }
  if (!target.https && !target.loopback) {
    return std::unexpected(
        Trouble{"--jwks: https only: keys that come over plain http can be anyone's (loopback excepted)"});
  }
  return target;
}

struct Body {
  std::string text;
  std::size_t limit;
  bool too_long = false;
};

std::size_t append_body(const char* data, std::size_t, std::size_t size, void* into) {
  auto& body = *static_cast<Body*>(into);
  if (size > body.limit - body.text.size()) {
    body.too_long = true;
    return 0;
  }
  body.text.append(data, size);
  return size;
}

}  // namespace

std::expected<std::string, Trouble> fetch(const FetchRequest& request) {
  const auto target = parse_target(request.url);
  if (!target) return std::unexpected(target.error());

  curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle{curl_easy_init(), &curl_easy_cleanup};
  if (!handle) return std::unexpected(Trouble{"--jwks: out of memory"});
  CURL* const curl = handle.get();
  Body body{.text = {}, .limit = request.limit};
  std::string why(CURL_ERROR_SIZE, '\0');
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, target->https ? "https" : "http");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(request.at_most.count()));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &append_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why.data());
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "signet");
  if (target->loopback) curl_easy_setopt(curl, CURLOPT_PROXY, "");
  if (!request.ca_file.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, request.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
  }

  const CURLcode result = curl_easy_perform(curl);
  if (body.too_long) {
    return std::unexpected(Trouble{fmt::format("--jwks: the answer is longer than {} bytes", request.limit)});
  }
  if (result != CURLE_OK) {
    const std::string_view text = why.c_str();
    return std::unexpected(
        Trouble{fmt::format("--jwks: cannot fetch the keys: {}", text.empty() ? curl_easy_strerror(result) : text)});
  }
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  if (status >= 300 && status < 400) {
    return std::unexpected(Trouble{
        fmt::format("--jwks: the server answered {}: redirects are not followed, give the final address", status)});
  }
  if (status != 200) return std::unexpected(Trouble{fmt::format("--jwks: the server answered {}, not 200", status)});
  return std::move(body.text);
}

}  // namespace signet::cli
