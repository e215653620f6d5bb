#pragma once
// HTTP as background threads and the command line need it. libcurl stands in the .cpp alone. TLS is always verified,
// redirects are never followed, plain http goes to this machine itself only (SECURITY_CASES 10).

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "signet/error.hpp"

namespace signet::remote {

// client_secret_basic (RFC 6749 section 2.3.1): each is encoded as in a form before they go as Basic.
struct BasicCredentials {
  std::string name;
  std::string_view secret;
};

struct HttpRequest {
  std::string url;
  std::string ca_file;              // PEM authorities instead of the system's; empty: the system's
  std::string if_none_match;        // an ETag; empty: none
  std::string accept;               // a media type, in lower case; empty: any
  std::optional<std::string> body;  // makes it a POST
  std::string content_type = "application/x-www-form-urlencoded";  // of `body`
  std::vector<std::string> headers;                                // more of them, "Name: value"
  std::optional<BasicCredentials> credentials;
  std::size_t limit = 1 << 20;              // of the body, in bytes
  std::chrono::milliseconds at_most{5000};  // for the whole exchange, a day at the longest
  // Of a long body, in bytes a second. Not 0: what such a body takes for `limit` at this pace comes on top, and
  // `at_most` is how long nothing of it may come.
  std::size_t slowest = 0;
};

struct HttpAnswer {
  long status = 0;
  std::string body;
  std::string etag;
  std::string content_type;   // without parameters, in lower case
  std::string cache_control;  // all lines, joined with a comma
  long age = 0;               // seconds
};

// Whether it can be read as an address, and that is this machine's own.
[[nodiscard]] bool is_loopback_url(const std::string& url);

// https to anywhere, or http to a loopback address; no user or password in it. Errors: invalid_configuration, whose
// detail quotes nothing of it.
[[nodiscard]] std::expected<void, Error> check_url(const std::string& url);

// The answer, whatever its status. Errors: invalid_configuration for the URL, input_output for all else, stopping
// included.
[[nodiscard]] std::expected<HttpAnswer, Error> perform(const HttpRequest& request, const std::stop_token& stop);

// Whether an answer is what was asked for: 200, or 304 to an ETag, and of the type that `accept` names. Errors:
// input_output, where `what` says whose answer it is.
[[nodiscard]] std::expected<void, Error> check_answer(const HttpAnswer& answer, const HttpRequest& request,
                                                      std::string_view what);

// `perform`, and the answer is what was asked for. Errors: those of both.
[[nodiscard]] std::expected<HttpAnswer, Error> fetch_good(const HttpRequest& request, std::string_view what,
                                                          const std::stop_token& stop);

// A GET whose body never ends. `began` sees the head, `bytes` each piece; either ends the stream by returning an error.
// The stream ends as well when nothing comes for `silence`. Always returns an error: why it ended. `limit` and
// `at_most` of the request are not used.
using Began = std::function<std::expected<void, Error>(const HttpAnswer& head)>;
using Bytes = std::function<std::expected<void, Error>(std::string_view piece)>;
[[nodiscard]] Error stream(const HttpRequest& request, std::chrono::milliseconds silence, const Began& began,
                           const Bytes& bytes, const std::stop_token& stop);

// `text` as a value of a form.
[[nodiscard]] std::string form_encoded(std::string_view text);

}  // namespace signet::remote
