#include "server/app/access_log.hpp"

#include <chrono>

#include "server/app/log.hpp"

namespace signet::server::app {

void log_answered(const http::Answered& answered) {
  const http::Request& request = answered.request;
  const auto level = answered.status >= 500 ? LogLevel::warning : LogLevel::info;
  // Never the path: there may be a token in it. A method that nobody knows may be anything as well.
  log(level, "request",
      {{"request_id", request.id},
       {"method", request.method.substr(0, 16)},
       {"route", answered.route},
       {"status", std::int64_t{answered.status}},
       {"bytes", static_cast<std::int64_t>(answered.bytes)},
       {"took_ms", std::chrono::duration<double, std::milli>(answered.took).count()},
       {"client", request.client}});
}

}  // namespace signet::server::app
