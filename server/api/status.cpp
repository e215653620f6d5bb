#include "server/api/answer.hpp"
#include "server/api/endpoints.hpp"
#include "server/api/etag.hpp"
#include "server/api/problem.hpp"
#include "server/api/status_lists.hpp"

namespace signet::server::api {

using http::Request;
using http::Response;

Response status_list(const Request& request, Services& services) {
  auto list = services.status_lists.list(request.route_parameter, services.tokens.issuer, services.keys.signing_key());
  if (!list) {
    if (list.error().failure == StatusFailure::unknown) return problem(Problem::not_found);
    services.reports.failed(request, "there is no status list", list.error().detail);
    return unavailable();
  }
  Response response;
  response.header("ETag", (*list)->etag)
      .header("Cache-Control", "public, max-age=" + std::to_string(status_ttl.count()));
  if (has_already(request, (*list)->etag)) {
    response.status = 304;
    return response;
  }
  response.header("Content-Type", "application/statuslist+jwt").header("X-Content-Type-Options", "nosniff");
  response.body = (*list)->text;
  return response;
}

// The draft's section 9.
Response status_lists(const Request&, Services& services) {
  auto lists = services.status_lists.all(services.tokens.issuer);
  if (!lists) return unavailable();
  return json_answer(200, json::Object{}.set("status_lists", *lists));
}

}  // namespace signet::server::api
