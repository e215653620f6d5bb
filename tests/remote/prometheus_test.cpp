// The health of issuers as Prometheus reads it.

#include <gtest/gtest.h>

#include <string>

#include "signet/remote_issuer.hpp"

namespace signet {
namespace {

using namespace std::chrono_literals;

TEST(Prometheus, shows_an_issuer_with_a_feed) {
  RemoteHealth health;
  health.issuer = "https://auth.example";
  health.ready = true;
  health.keys = 2;
  health.keys_age = 1500ms;
  health.key_fetches = 7;
  health.key_fetches_failed = 1;
  health.staleness = 20ms;
  health.revocation_seq = 9'007'199'254'740'991;
  health.revocations_held = 3;
  health.snapshots = 1;
  health.connections = 4;
  health.apply_times = {.within = {0, 1, 2, 2, 2, 2}, .count = 3, .sum = 2'000'500'000ns};
  const auto text = to_prometheus({health});
  EXPECT_TRUE(
      text.starts_with("# HELP signet_issuer_ready Whether the keys and the revocations have arrived.\n"
                       "# TYPE signet_issuer_ready gauge\n"
                       "signet_issuer_ready{issuer=\"https://auth.example\"} 1\n"))
      << text;
  for (const auto* line : {
           "signet_issuer_keys{issuer=\"https://auth.example\"} 2\n",
           "signet_issuer_keys_age_seconds{issuer=\"https://auth.example\"} 1.5\n",
           "signet_issuer_key_fetches_total{issuer=\"https://auth.example\"} 7\n",
           "signet_issuer_key_fetches_failed_total{issuer=\"https://auth.example\"} 1\n",
           "signet_revocation_staleness_seconds{issuer=\"https://auth.example\"} 0.02\n",
           "signet_revocation_seq{issuer=\"https://auth.example\"} 9007199254740991\n",
           "signet_revocations_held{issuer=\"https://auth.example\"} 3\n",
           "signet_revocation_snapshots_total{issuer=\"https://auth.example\"} 1\n",
           "signet_revocation_connections_total{issuer=\"https://auth.example\"} 4\n",
           "# TYPE signet_revocation_apply_seconds histogram\n",
           "signet_revocation_apply_seconds_bucket{issuer=\"https://auth.example\",le=\"1e-05\"} 0\n",
           "signet_revocation_apply_seconds_bucket{issuer=\"https://auth.example\",le=\"0.001\"} 2\n",
           "signet_revocation_apply_seconds_bucket{issuer=\"https://auth.example\",le=\"1\"} 2\n",
           "signet_revocation_apply_seconds_bucket{issuer=\"https://auth.example\",le=\"+Inf\"} 3\n",
           "signet_revocation_apply_seconds_sum{issuer=\"https://auth.example\"} 2.0005\n",
           "signet_revocation_apply_seconds_count{issuer=\"https://auth.example\"} 3\n",
       }) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
  EXPECT_EQ(text.find("status_list"), std::string::npos);
}

TEST(Prometheus, shows_several_issuers_under_one_head_and_of_each_what_it_has) {
  RemoteHealth lists, none, given;
  given.issuer = "https://given.example";
  given.revocations = RemoteRevocations::none;
  given.keys_given = true;
  lists.issuer = "https://\"quoted\\\n";
  lists.revocations = RemoteRevocations::status_lists;
  lists.status_lists = 2;
  none.issuer = "https://none.example";
  none.revocations = RemoteRevocations::none;
  const auto text = to_prometheus({lists, none, given});
  EXPECT_NE(text.find("# TYPE signet_issuer_keys gauge\nsignet_issuer_keys{issuer=\"https://\\\"quoted\\\\\\n\"} 0\n"
                      "signet_issuer_keys{issuer=\"https://none.example\"} 0\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("signet_issuer_keys_age_seconds{issuer=\"https://none.example\"} +Inf\n"), std::string::npos);
  EXPECT_NE(text.find("signet_status_lists{"), std::string::npos);
  EXPECT_EQ(text.find("signet_status_lists{issuer=\"https://none"), std::string::npos);
  EXPECT_EQ(text.find("signet_revocation"), std::string::npos);
  EXPECT_EQ(text.find("signet_issuer_keys_age_seconds{issuer=\"https://given"), std::string::npos);
  EXPECT_NE(text.find("signet_issuer_ready{issuer=\"https://given.example\"} 0\n"), std::string::npos);
  EXPECT_EQ(to_prometheus({}), "");
}

}  // namespace
}  // namespace signet
