#include "server/app/monitor.hpp"

#include <utility>

#include "server/api/answer.hpp"

namespace signet::server::app {

http::Router monitor_router(MonitorView view) {
  http::Router router;
  router.add("GET", "/healthz", http::Lane::loop, [](const http::Request&) {
    auto response = api::json_answer(200);
    response.body = R"({"alive":true})";
    return response;
  });
  router.add("GET", "/readyz", http::Lane::loop, [not_ready = std::move(view.not_ready)](const http::Request&) {
    const auto reasons = not_ready();
    return api::json_answer(reasons.empty() ? 200 : 503,
                            json::Object{}.set("ready", reasons.empty()).set("reasons", reasons));
  });
  router.add("GET", "/metrics", http::Lane::loop, [metrics = std::move(view.metrics)](const http::Request&) {
    http::Response response{.status = 200, .headers = {}, .body = metrics()};
    response.header("Content-Type", "text/plain; version=0.0.4; charset=utf-8").header("Cache-Control", "no-store");
    return response;
  });
  return router;
}

}  // namespace signet::server::app
