#include "server/api/body.hpp"
#include "server/api/endpoints.hpp"
#include "server/api/etag.hpp"
#include "server/api/problem.hpp"
#include "server/http/stream.hpp"

namespace signet::server::api {
namespace {

using http::Request;
using http::Response;

constexpr std::chrono::milliseconds between_looks{50};

// Where the client is: Last-Event-ID, which a browser's EventSource sends when it comes again with the same URL, before
// `from`. The outer nothing: it says so, but not in a way that we wrote.
std::optional<std::optional<LogPosition>> position_of(const Request& request) {
  const auto query = parse_pairs(request.query);
  if (!query) return std::nullopt;
  const auto last = request.all("Last-Event-ID");
  if (last.size() > 1) return std::nullopt;
  const auto text = last.empty() ? query->find("from") : std::optional{last.front()};
  if (!text) return std::optional<LogPosition>{};
  auto position = LogPosition::parse(*text);
  if (!position) return std::nullopt;
  return position;
}

}  // namespace

Response revocation_stream(const Request& request, Services& services) {
  const auto from = position_of(request);
  if (!from)
    return problem(Problem::invalid_request, "`from` and Last-Event-ID are the id of an event: EPOCH:NUMBER, once.");
  // Another node may have told of a row before this one has read it. Anybody may claim that, so one such look at the
  // database serves all who come within the next moment.
  if (const auto here = services.feed.position(); *from && (*from)->epoch == here.epoch && (*from)->seq > here.seq) {
    const auto since = services.clock.now() - services.follower.caught_up_at();
    if (since < between_looks || !services.follower.catch_up()) return unavailable();
  }
  auto opened = services.feed.open(*from, request.client);
  if (!opened) return too_many(std::chrono::seconds{10});
  Response response{.status = 200, .headers = {}, .body = std::move(opened->begin), .stream = opened->stream};
  response.header("Content-Type", "text/event-stream")
      .header("Cache-Control", "no-store")
      .header("X-Content-Type-Options", "nosniff")
      .header("X-Accel-Buffering", "no");  // nginx would gather events before it passes them on
  return response;
}

Response revocation_snapshot(const Request& request, Services& services) {
  const auto snapshot = services.feed.snapshot(services.tokens.issuer, services.keys.signing_key());
  if (!snapshot) {
    services.reports.failed(request, "there is no revocation snapshot", snapshot.error().detail());
    return unavailable();
  }
  Response response;
  response.header("ETag", (*snapshot)->etag).header("Cache-Control", "no-cache");
  if (has_already(request, (*snapshot)->etag)) {
    response.status = 304;
    return response;
  }
  response.header("Content-Type", "application/jwt").header("X-Content-Type-Options", "nosniff");
  response.shared_body = {*snapshot, &(*snapshot)->text};  // as large as the log: one for all who fetch it
  return response;
}

}  // namespace signet::server::api
