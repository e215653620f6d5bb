// A service's side of a login server, against one that misbehaves in every way there is.

#include "signet/remote_issuer.hpp"

#include <gtest/gtest.h>

#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/remote/fake_issuer.hpp"

namespace signet {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::FakeIssuer;

class RemoteIssuers : public testing::Test {
 protected:
  // Nothing here is late by accident, however slow the machine.
  static RemoteIssuerOptions patient() {
    RemoteIssuerOptions options;
    options.when_stale = WhenStale::deny(1h);
    options.timing.silence = 30s;
    options.timing.shortest_retry = 1ms;
    options.timing.longest_retry = 20ms;
    options.timing.keys_cooldown = 0s;
    return options;
  }
  [[nodiscard]] RemoteIssuer connect(RemoteIssuerOptions options = patient()) const {
    return RemoteIssuer::connect(server.url(), std::move(options)).value();
  }
  [[nodiscard]] RemoteIssuer ready(RemoteIssuerOptions options = patient()) const {
    auto issuer = connect(std::move(options));
    EXPECT_TRUE(issuer.wait_until_ready(60s)) << issuer.health().last_error;
    return issuer;
  }
  // "accepted", or the error's name.
  [[nodiscard]] std::string outcome(const RemoteIssuer& issuer, std::string_view session) const {
    const auto verified = issuer.verifier("api").value().verify(server.token(session));
    return verified ? "accepted" : std::string{to_string(verified.error().code())};
  }
  [[nodiscard]] bool soon(const RemoteIssuer& issuer, std::string_view session, std::string_view expected) const {
    return eventually([&] { return outcome(issuer, session) == expected; });
  }
  [[nodiscard]] static bool says(const RemoteIssuer& issuer, std::string_view why) {
    return eventually([&] { return issuer.health().last_error.find(why) != std::string::npos; });
  }

  FakeIssuer server;
};

TEST_F(RemoteIssuers, give_verifiers_whose_keys_and_revocations_arrive_by_themselves) {
  server.revoke("before");
  const auto issuer = ready();
  EXPECT_EQ(outcome(issuer, "good"), "accepted");
  EXPECT_EQ(outcome(issuer, "before"), "token_revoked");
  server.revoke("after");
  EXPECT_TRUE(soon(issuer, "after", "token_revoked"));
  EXPECT_EQ(outcome(issuer, "good"), "accepted");

  const auto health = issuer.health();
  EXPECT_TRUE(health.ready);
  EXPECT_EQ(health.keys, 1U);
  EXPECT_EQ(health.revocation_seq, 2);
  EXPECT_EQ(health.revocations_held, 2U);
  EXPECT_EQ(health.snapshots, 1U);
  EXPECT_TRUE(health.staleness && health.keys_age);
  EXPECT_EQ(health.apply_times.count, 1U);
  EXPECT_GT(health.apply_times.sum.count(), 0);
  const auto metrics = to_prometheus({health});
  EXPECT_NE(metrics.find("signet_revocation_seq{issuer=\"" + server.url() + "\"} 2\n"), std::string::npos) << metrics;
  EXPECT_FALSE(issuer.verifier(""));  // case 38
}

TEST_F(RemoteIssuers, are_not_ready_while_the_server_is_away_and_do_not_blame_the_token) {
  const auto issuer = RemoteIssuer::connect("http://127.0.0.1:1", patient()).value();
  EXPECT_FALSE(issuer.wait_until_ready(0ms));
  EXPECT_EQ(outcome(issuer, "any"), "keys_unavailable");
  EXPECT_TRUE(eventually([&] { return issuer.health().key_fetches_failed > 1; }));
  EXPECT_NE(issuer.health().last_error, "");
}

TEST_F(RemoteIssuers, are_not_ready_before_they_have_caught_up_with_the_stream) {
  server.play([&](int, std::int64_t, const FakeIssuer::Send& send) {
    while (!server.stopping && send(": nothing yet\n\n")) std::this_thread::sleep_for(5ms);
  });
  const auto issuer = connect();
  EXPECT_TRUE(eventually([&] { return issuer.health().connections > 0 && issuer.health().keys > 0; }));
  EXPECT_FALSE(issuer.ready());
  EXPECT_EQ(outcome(issuer, "good"), "revocations_stale");
}

TEST_F(RemoteIssuers, notice_a_server_that_stalls_and_act_on_their_policy) {
  server.play([&](int connection, std::int64_t from, const FakeIssuer::Send& send) {
    if (connection == 1) send(FakeIssuer::heartbeat(from));
    while (!server.stopping) std::this_thread::sleep_for(5ms);
  });
  auto strict = patient();
  strict.when_stale = WhenStale::deny(50ms);
  const auto denying = ready(strict);
  EXPECT_TRUE(soon(denying, "good", "revocations_stale"));
}

TEST_F(RemoteIssuers, connect_again_when_the_link_falls_silent) {
  server.play([&](int connection, std::int64_t from, const FakeIssuer::Send& send) {
    if (connection > 1) return server.follow(from, send);
    send(FakeIssuer::heartbeat(from));
    while (!server.stopping && server.connections < 2) std::this_thread::sleep_for(5ms);
  });
  auto options = patient();
  options.timing.silence = 500ms;
  const auto issuer = ready(options);
  server.revoke("while silent");
  EXPECT_TRUE(soon(issuer, "while silent", "token_revoked"));
  EXPECT_GE(server.connections, 2);
}

TEST_F(RemoteIssuers, ask_the_server_about_a_token_while_they_are_late) {
  server.play([&](int, std::int64_t, const FakeIssuer::Send&) {
    while (!server.stopping) std::this_thread::sleep_for(5ms);
  });
  auto options = patient();
  options.when_stale.reset();
  options.introspect_as = IntrospectionClient{
      .id = "https://api", .secret = std::make_shared<const Secret>(Secret::from_text("s+cret")), .at_most = 60s};
  const auto issuer = connect(options);
  const auto good = server.token("good"), bad = server.token("bad");
  server.only_active(good);
  const auto verifier = issuer.verifier("api").value();
  EXPECT_TRUE(eventually([&] { return verifier.verify(good).has_value(); })) << issuer.health().last_error;
  EXPECT_EQ(verifier.verify(bad).error().code(), ErrorCode::token_revoked);
  EXPECT_GE(server.introspections, 2);
}

// However the frames arrive, no revocation is lost.
TEST_F(RemoteIssuers, lose_nothing_to_frames_that_are_dropped_doubled_or_out_of_order) {
  for (const auto* session : {"one", "two", "three", "four"}) server.revoke(session);
  server.in_snapshots("seq", "0");
  server.in_snapshots("revocations", "[]");
  server.play([&](int connection, std::int64_t from, const FakeIssuer::Send& send) {
    if (connection == 1) {  // the second is lost
      send(server.event(1) + server.event(3) + FakeIssuer::heartbeat(4));
    } else if (connection == 2) {  // twice, and the wrong way round; the fourth is lost
      send(server.event(2) + server.event(2) + server.event(1) + server.event(3) + FakeIssuer::heartbeat(4));
    } else {
      server.follow(from, send);
    }
  });
  const auto issuer = ready();
  for (const auto* session : {"one", "two", "three", "four"}) {
    EXPECT_TRUE(soon(issuer, session, "token_revoked")) << session;
  }
  EXPECT_EQ(issuer.health().snapshots, 1U);
}

// Numbers that were taken by transactions that were rolled back.
TEST_F(RemoteIssuers, know_a_hole_in_the_numbers_from_a_revocation_that_is_missing) {
  server.play([&](int connection, std::int64_t from, const FakeIssuer::Send& send) {
    if (connection == 1) {
      server.revoke("one");
      server.revoke("two");
      server.revoke("three");
      send(server.event(1, 7, from) + server.event(2, 30, 7) + FakeIssuer::heartbeat(30));
      while (!server.stopping && !server.lists_down) std::this_thread::sleep_for(1ms);
      send(server.event(3, 40, 31));  // 31 was not a hole
    } else {
      EXPECT_EQ(from, 30);
      while (!server.stopping && send(FakeIssuer::heartbeat(from))) std::this_thread::sleep_for(5ms);
    }
  });
  const auto issuer = ready();
  EXPECT_EQ(outcome(issuer, "one"), "token_revoked");
  EXPECT_EQ(outcome(issuer, "two"), "token_revoked");
  EXPECT_EQ(issuer.health().revocation_seq, 30);
  EXPECT_EQ(server.connections, 1);
  server.lists_down = true;
  EXPECT_TRUE(says(issuer, "a revocation is missing before 00112233445566aa:40")) << issuer.health().last_error;
  EXPECT_EQ(issuer.health().snapshots, 1U);
}

TEST_F(RemoteIssuers, take_a_snapshot_when_the_link_loses_the_same_each_time) {
  server.play([&](int connection, std::int64_t from, const FakeIssuer::Send& send) {
    if (connection > 2) return server.follow(from, send);
    if (connection == 1) {
      server.revoke("one");
      server.revoke("two");
    }
    send(server.event(1) + FakeIssuer::heartbeat(2));
  });
  const auto issuer = ready();
  EXPECT_EQ(outcome(issuer, "one"), "token_revoked");
  EXPECT_EQ(outcome(issuer, "two"), "token_revoked");
  EXPECT_EQ(issuer.health().snapshots, 2U);
  EXPECT_EQ(server.connections, 3);
}

TEST_F(RemoteIssuers, know_that_a_link_was_late_from_its_beginning) {
  server.play([&](int, std::int64_t from, const FakeIssuer::Send& send) {
    while (!server.stopping && send(FakeIssuer::heartbeat(from, test::wall_now() - 1h)))
      std::this_thread::sleep_for(5ms);
  });
  const auto issuer = connect();
  EXPECT_TRUE(says(issuer, "too late")) << issuer.health().last_error;
  EXPECT_FALSE(issuer.ready());
}

TEST_F(RemoteIssuers, believe_no_heartbeat_of_a_stream_that_has_not_begun) {
  server.without_begin = true;
  const auto issuer = connect();
  EXPECT_TRUE(says(issuer, "before the stream has begun")) << issuer.health().last_error;
  EXPECT_FALSE(issuer.ready());
}

TEST_F(RemoteIssuers, connect_again_after_frames_that_are_garbage_huge_or_cut_off) {
  server.revoke("first");
  server.play([&](int connection, std::int64_t from, const FakeIssuer::Send& send) {
    const auto good = server.event(1);
    const std::string bad[] = {
        "event: revocation\nid: " + server.epoch() + ":2\ndata: garbage\n\n",
        std::string(1 << 20, 'x'),
        good.substr(0, good.size() - 1),
        "event: heartbeat\ndata: {\"seq\":1}\n\n",
        "event: revocation\nid: nonsense\ndata: {}\n\n",
        "id: " + server.epoch() + ":9" + good.substr(good.find('\n')),  // another number than the row's
    };
    if (connection > 6) return server.follow(from, send);
    send(bad[connection - 1]);
  });
  const auto issuer = ready();
  server.revoke("second");
  EXPECT_TRUE(soon(issuer, "second", "token_revoked"));
  EXPECT_EQ(outcome(issuer, "first"), "token_revoked");
  EXPECT_EQ(server.connections, 7);
}

TEST_F(RemoteIssuers, begin_again_when_the_servers_database_is_another_one) {
  server.revoke("old");
  server.play([&](int, std::int64_t from, const FakeIssuer::Send& send) {
    const auto epoch = server.epoch();
    if (epoch != "00112233445566aa") return server.follow(from, send);
    while (!server.stopping && server.epoch() == epoch && send(FakeIssuer::heartbeat(from))) {
      std::this_thread::sleep_for(5ms);
    }
  });
  const auto issuer = ready();
  server.begin_epoch("ffeeddccbbaa9988", "new");
  EXPECT_TRUE(soon(issuer, "new", "token_revoked"));
  EXPECT_EQ(outcome(issuer, "old"), "token_revoked");  // what was revoked stays it
  EXPECT_EQ(issuer.health().snapshots, 2U);
  EXPECT_EQ(issuer.health().revocation_seq, 1);
}

TEST_F(RemoteIssuers, accept_no_snapshot_that_is_not_the_issuers_own_and_of_now) {
  const auto refused = [&](std::string_view why) {
    const auto issuer = connect();
    EXPECT_TRUE(says(issuer, why)) << why << ", not: " << issuer.health().last_error;
    EXPECT_FALSE(issuer.ready());
    EXPECT_EQ(issuer.health().snapshots, 0U);
  };
  const auto other = SigningKey::generate(Algorithm::ES256).value();
  server.sign_snapshots_with(other.with_key_id("first"));
  refused("bad_signature");
  server.sign_snapshots_with(other.with_key_id("another"));
  refused("key_not_found");
  server.change_key("first");
  server.in_snapshots("typ", "JWT");
  refused("type_mismatch");
  server.in_snapshots("typ", "revocations+jwt");
  server.in_snapshots("iss", "\"https://evil.example\"");
  refused("issuer_mismatch");
  server.in_snapshots("iss", '"' + server.url() + '"');
  server.in_snapshots("exp", "1");
  refused("token_expired");
}

TEST_F(RemoteIssuers, accept_no_metadata_of_another_issuer_and_no_unsafe_address) {
  server.in_metadata("issuer", "\"https://evil.example\"");
  {
    const auto issuer = connect();
    EXPECT_TRUE(says(issuer, "issuer_mismatch"));
  }
  server.in_metadata("issuer", '"' + server.url() + '"');
  server.in_metadata("jwks_uri", "\"http://evil.example/keys\"");
  const auto issuer = connect();
  EXPECT_TRUE(says(issuer, "https only"));
  EXPECT_EQ(server.keys_asked, 0);
}

TEST_F(RemoteIssuers, ask_again_where_everything_is_when_it_is_not_there_any_more) {
  const auto issuer = ready();
  server.in_metadata("jwks_uri", '"' + server.url() + "/keys-moved\"");
  server.in_metadata("signet_revocation_stream", '"' + server.url() + "/stream-moved\"");
  server.gone = true;
  server.revoke("afterwards");
  EXPECT_TRUE(soon(issuer, "afterwards", "token_revoked")) << issuer.health().last_error;
  server.change_key("second");
  EXPECT_TRUE(soon(issuer, "good", "accepted")) << issuer.health().last_error;
}

TEST_F(RemoteIssuers, give_a_snapshot_more_time_than_a_pause_in_it) {
  server.revoke("one");
  server.snapshots_drip = true;
  auto options = patient();
  options.timing.at_most = 1s;
  const auto issuer = ready(options);
  EXPECT_EQ(outcome(issuer, "one"), "token_revoked");
}

// A token that a verifier remembers is good for the very key it had.
TEST_F(RemoteIssuers, keep_their_keys_when_the_same_ones_come_again) {
  server.keys_without_etag = true;
  const auto issuer = ready();
  const auto key = [&] { return issuer.keys()->find({.algorithm = "ES256", .key_id = "first"}).value(); };
  // Those of the answer come first, and then, with tables, the ones that stay.
  EXPECT_TRUE(eventually([&] {
    const auto found = key();
    return found.with_table().is_same_object(found);
  }));
  const auto before = key();
  for (int i = 0; i < 2; ++i) {  // the second is asked for when the first has been dealt with
    const auto unknown = SigningKey::generate(Algorithm::ES256)->with_key_id("unknown " + std::to_string(i));
    const auto token = Signer{unknown}.type("at+jwt").sign(Claims{}).value();
    EXPECT_TRUE(eventually([&] {
      EXPECT_FALSE(issuer.verifier("api").value().verify(token));
      return server.keys_asked == 2 + i;
    }));
  }
  EXPECT_TRUE(key().is_same_object(before));
}

TEST_F(RemoteIssuers, without_a_feed_must_be_accepted_by_name) {
  server.in_metadata("signet_revocation_stream", "");
  {
    const auto issuer = connect();
    EXPECT_TRUE(says(issuer, "RemoteRevocations"));
    EXPECT_FALSE(issuer.ready());
  }
  auto options = patient();
  options.when_stale.reset();
  options.revocations = RemoteRevocations::none;
  const auto issuer = ready(options);
  EXPECT_EQ(outcome(issuer, "good"), "accepted");
}

// case 12: one fetch at a time, and none for what was looked for already.
TEST_F(RemoteIssuers, fetch_a_new_key_when_a_token_names_it_and_not_for_every_token) {
  const auto issuer = ready();
  server.change_key("second");
  EXPECT_TRUE(soon(issuer, "good", "accepted"));
  EXPECT_LE(server.keys_asked, 3);

  const auto stranger = SigningKey::generate(Algorithm::ES256).value().with_key_id("nobody's");
  const auto token = Signer{stranger}.type("at+jwt").sign(Claims{}.issuer(server.url()).audience("api")).value();
  const auto verifier = issuer.verifier("api").value();
  EXPECT_EQ(verifier.verify(token).error().code(), ErrorCode::key_not_found);
  EXPECT_TRUE(eventually([&] { return server.keys_unchanged == 1; }));
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(verifier.verify(token));
  server.change_key("third");  // one that is there is still found
  EXPECT_TRUE(soon(issuer, "good", "accepted"));
  EXPECT_LE(server.keys_asked, 6);
}

// case 12: within the cooldown not even the first token of an unknown key causes a fetch, and no good key is lost by it.
TEST_F(RemoteIssuers, do_not_fetch_again_within_the_cooldown_whatever_tokens_say) {
  auto options = patient();
  options.timing.keys_cooldown = 1h;
  const auto issuer = ready(options);
  const auto verifier = issuer.verifier("api").value();
  const auto good = server.token("good");
  const auto key = SigningKey::generate(Algorithm::ES256).value();
  for (int i = 0; i < 200; ++i) {
    const auto token = Signer{key.with_key_id("unknown-" + std::to_string(i))}.type("at+jwt").sign(Claims{}).value();
    EXPECT_EQ(verifier.verify(token).error().code(), ErrorCode::key_not_found);
    EXPECT_TRUE(verifier.verify(good));
  }
  EXPECT_EQ(server.keys_asked, 1);
}

// case 12: verification waits for no network, and one fetch is under way at a time, however many tokens ask for it.
TEST_F(RemoteIssuers, verify_while_a_fetch_hangs_and_begin_no_other) {
  auto options = patient();
  options.timing.at_most = 10min;  // the test would end by its own time limit, were anything to wait for this
  const auto issuer = ready(options);
  const auto verifier = issuer.verifier("api").value();
  const auto good = server.token("good");
  server.keys_hang = true;
  server.change_key("second");
  const auto from_second = server.token("good");
  EXPECT_EQ(verifier.verify(from_second).error().code(), ErrorCode::key_not_found);
  EXPECT_TRUE(eventually([&] { return server.keys_asked == 2; }));

  const auto stranger = SigningKey::generate(Algorithm::ES256).value();
  const auto forged = Signer{stranger.with_key_id("x")}.type("at+jwt").sign(Claims{}).value();
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int again = 0; again < 100; ++again) {
        EXPECT_TRUE(verifier.verify(good));
        EXPECT_EQ(verifier.verify(from_second).error().code(), ErrorCode::key_not_found);
        EXPECT_EQ(verifier.verify(forged).error().code(), ErrorCode::key_not_found);
      }
    });
  }
  threads.clear();
  EXPECT_EQ(server.keys_asked, 2);
  server.keys_hang = false;
  EXPECT_TRUE(eventually([&] { return verifier.verify(from_second).has_value(); }));
}

// case 10
TEST_F(RemoteIssuers, follow_no_redirect_and_read_no_answer_that_is_too_long_or_never_ends) {
  const auto says_of = [&](const char* path, std::string_view why, std::size_t limit = Limits{}.key_set_bytes) {
    auto options = patient();
    options.key_set_urls = {server.url() + path};
    options.limits.json.key_set_bytes = limit;
    options.timing.at_most = 300ms;
    const auto issuer = connect(options);
    EXPECT_TRUE(says(issuer, why)) << path << ": " << issuer.health().last_error;
    EXPECT_EQ(issuer.health().keys, 0U);
  };
  says_of("/moved", "the server answered 302");
  EXPECT_EQ(server.keys_asked, 0);
  says_of("/jwks", "longer than 50 bytes", 50);
  says_of("/hangs", "keys_failed: input_output: Operation timed out");
}

TEST_F(RemoteIssuers, do_not_keep_the_last_good_keys_for_ever) {
  auto options = patient();
  options.timing.keys_kept = 50ms;
  const auto issuer = ready(options);
  EXPECT_TRUE(soon(issuer, "good", "keys_unavailable"));
}

TEST_F(RemoteIssuers, tell_what_happens_and_survive_who_cannot_hear_it) {
  std::mutex mutex;
  std::string told;
  auto options = patient();
  options.on_event = [&](RemoteEvent event, std::string_view) {
    const std::lock_guard lock{mutex};
    told.append(to_string(event)).append(" ");
    throw std::runtime_error{"the log is full"};
  };
  const auto heard = [&](std::string_view what) {
    const std::lock_guard lock{mutex};
    return told.find(what) != std::string::npos;
  };
  const auto issuer = ready(options);
  for (const auto* event : {"keys_fetched", "snapshot_applied", "feed_connected"}) {
    EXPECT_TRUE(eventually([&] { return heard(event); })) << event;
  }
  server.change_key("second");
  server.keys_down = true;
  EXPECT_EQ(outcome(issuer, "good"), "key_not_found");
  EXPECT_TRUE(eventually([&] { return heard("keys_failed"); }));
}

TEST_F(RemoteIssuers, keep_the_last_good_keys_through_an_outage) {
  auto options = patient();
  options.key_set_urls = {server.url() + "/absent", server.url() + "/jwks"};  // the second when the first fails
  const auto issuer = ready(options);
  const auto good = server.token("good");
  server.keys_down = true;
  const auto verifier = issuer.verifier("api").value();
  EXPECT_TRUE(verifier.verify(good));
  const auto unknown = SigningKey::generate(Algorithm::ES256).value().with_key_id("x");
  const auto token = Signer{unknown}.type("at+jwt").sign(Claims{}.issuer("i")).value();
  EXPECT_EQ(verifier.verify(token).error().code(), ErrorCode::key_not_found);  // which has the set fetched
  EXPECT_TRUE(eventually([&] { return issuer.health().key_fetches_failed > 1; }));
  EXPECT_TRUE(verifier.verify(good));
  server.keys_down = false;
  EXPECT_TRUE(eventually([&] { return server.keys_unchanged > 0; }));  // asked again with the ETag
  EXPECT_TRUE(verifier.verify(good));
}

TEST_F(RemoteIssuers, may_go_before_their_verifiers) {
  auto options = patient();
  options.when_stale = WhenStale::deny(50ms);
  auto issuer = std::make_unique<RemoteIssuer>(ready(options));
  const auto verifier = issuer->verifier("api").value();
  const auto token = server.token("good");
  issuer.reset();
  EXPECT_TRUE(eventually([&] {
    const auto verified = verifier.verify(token);
    return !verified && verified.error().code() == ErrorCode::revocations_stale;
  }));
}

TEST(RemoteIssuer, cannot_be_made_without_a_safe_address_and_a_clear_decision) {
  const auto problem = [](std::string_view issuer, const RemoteIssuerOptions& options = {}) {
    const auto made = RemoteIssuer::connect(issuer, options);
    return made ? std::string{"none"} : std::string{to_string(made.error().code())};
  };
  for (const auto* issuer :
       {"", "auth.example", "http://auth.example", "https://auth.example?x=1", "ftp://127.0.0.1"}) {
    EXPECT_EQ(problem(issuer), "invalid_configuration") << issuer;
  }
  const auto with = [&](auto change) {
    RemoteIssuerOptions options;
    change(options);
    return problem("http://127.0.0.1:1", options);
  };
  EXPECT_EQ(with([](auto& options) { options.key_set_urls = {"http://auth.example/keys"}; }), "invalid_configuration");
  EXPECT_EQ(with([](auto& options) { options.introspect_as = IntrospectionClient{.id = "api", .secret = {}}; }),
            "invalid_configuration");
  EXPECT_EQ(with([](auto& options) {  // which would be for ever
              options.introspect_as = IntrospectionClient{
                  .id = "api", .secret = std::make_shared<const Secret>(Secret::from_text("s")), .at_most = 0ms};
            }),
            "invalid_configuration");
  EXPECT_EQ(with([](auto& options) { options.timing.silence = 0ms; }), "invalid_configuration");
  EXPECT_EQ(with([](auto& options) {
              options.revocations = RemoteRevocations::none;
              options.when_stale = WhenStale::allow();
            }),
            "invalid_configuration");
}

}  // namespace
}  // namespace signet
