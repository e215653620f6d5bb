#include "server/app/metrics.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <sstream>

namespace signet::server::app {
namespace {

using namespace std::chrono_literals;

void answer(Metrics& metrics, std::string_view method, std::string_view route, int status,
            std::chrono::nanoseconds took) {
  http::Request request;
  request.method = method;
  metrics.answered({.request = request, .status = status, .bytes = 0, .took = took, .route = route});
}

bool has_line(const std::string& text, const std::string& line) {
  return text.find("\n" + line + "\n") != std::string::npos;
}

TEST(Metrics, counts_requests_by_route_method_and_class_of_status) {
  Metrics metrics;
  answer(metrics, "GET", "/profile", 200, 1ms);
  answer(metrics, "HEAD", "/profile", 200, 1ms);
  answer(metrics, "GET", "/profile", 401, 1ms);
  answer(metrics, "GET", "", 404, 1ms);
  answer(metrics, "PATCH", "/profile", 405, 1ms);
  const api::Counters counters;
  const auto text = metrics.text(counters, {});
  EXPECT_TRUE(has_line(text, R"(signet_requests_total{route="/profile",method="GET",status="2xx"} 2)"));
  EXPECT_TRUE(has_line(text, R"(signet_requests_total{route="/profile",method="GET",status="4xx"} 1)"));
  EXPECT_TRUE(has_line(text, R"(signet_requests_total{route="other",method="other",status="4xx"} 2)"));
}

TEST(Metrics, makes_histograms_that_add_up) {
  Metrics metrics;
  answer(metrics, "POST", "/login", 200, 100us);
  answer(metrics, "POST", "/login", 200, 5ms);  // on a bound: le means at most
  answer(metrics, "POST", "/login", 200, 60s);
  const api::Counters counters;
  const auto text = metrics.text(counters, {});
  const std::string labels = R"(route="/login",method="POST")";
  EXPECT_TRUE(has_line(text, "signet_request_seconds_bucket{" + labels + R"(,le="0.0005"} 1)"));
  EXPECT_TRUE(has_line(text, "signet_request_seconds_bucket{" + labels + R"(,le="0.0025"} 1)"));
  EXPECT_TRUE(has_line(text, "signet_request_seconds_bucket{" + labels + R"(,le="0.005"} 2)"));
  EXPECT_TRUE(has_line(text, "signet_request_seconds_bucket{" + labels + R"(,le="5"} 2)"));
  EXPECT_TRUE(has_line(text, "signet_request_seconds_bucket{" + labels + R"(,le="+Inf"} 3)"));
  EXPECT_TRUE(has_line(text, "signet_request_seconds_count{" + labels + "} 3"));
}

TEST(Metrics, shows_what_the_endpoints_counted) {
  Metrics metrics;
  api::Counters counters;
  counters.login(api::LoginOutcome::limited);
  counters.refresh(api::RefreshOutcome::reuse);
  counters.refused(ErrorCode::token_expired);
  metrics.audited("refresh_reuse");
  metrics.audited("something new");
  metrics.store_done(true, 2ms, true);
  const auto text = metrics.text(counters, {.server = {.connections = 7},
                                            .verified_tokens = {.hits = 5, .misses = 2, .size = 1},
                                            .revocations_held = 3,
                                            .revocation_seq = 9,
                                            .ready = true});
  for (const char* line :
       {R"(signet_logins_total{outcome="limited"} 1)", R"(signet_logins_total{outcome="granted"} 0)",
        R"(signet_refreshes_total{outcome="reuse"} 1)", R"(signet_tokens_refused_total{error="token_expired"} 1)",
        R"(signet_audit_events_total{kind="refresh_reuse"} 1)", R"(signet_audit_events_total{kind="other"} 1)",
        R"(signet_store_errors_total{operation="write"} 1)", "signet_connections 7", "signet_revocations_held 3",
        R"(signet_verified_token_cache_total{outcome="hit"} 5)",
        R"(signet_verified_token_cache_total{outcome="miss"} 2)", "signet_verified_token_cache_size 1",
        "signet_revocation_seq 9", "signet_ready 1"}) {
    EXPECT_TRUE(has_line(text, line)) << line;
  }
}

TEST(Metrics, are_in_the_form_that_prometheus_reads) {
  Metrics metrics;
  for (const api::Endpoint& endpoint : api::endpoints()) answer(metrics, endpoint.method, endpoint.path, 200, 1ms);
  const api::Counters counters;
  std::istringstream lines{metrics.text(counters, {})};
  const std::regex sample{R"re([a-z_]+(\{[a-z]+="[^"\\]*"(,[a-z]+="[^"\\]*")*\})? [0-9.e+-]+)re"};
  const std::regex comment{R"(# (HELP [a-z_]+ .+|TYPE [a-z_]+ (counter|gauge|histogram)))"};
  int samples = 0;
  for (std::string line; std::getline(lines, line);) {
    const bool is_comment = line.starts_with('#');
    EXPECT_TRUE(std::regex_match(line, is_comment ? comment : sample)) << line;
    samples += !is_comment;
  }
  EXPECT_GT(samples, 200);
}

}  // namespace
}  // namespace signet::server::app
