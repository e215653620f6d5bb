// What comes from the network, without a network: events, rows, metadata, freshness.

#include <gtest/gtest.h>

#include <new>
#include <stop_token>
#include <string>
#include <vector>

#include "src/remote/background.hpp"
#include "src/remote/event_stream.hpp"
#include "src/remote/http_client.hpp"
#include "src/remote/metadata.hpp"
#include "src/remote/remote_key_set.hpp"
#include "src/remote/remote_status_lists.hpp"
#include "src/remote/revocation_wire.hpp"

namespace signet::remote {
namespace {

using std::chrono::seconds;

std::string events_of(const std::vector<std::string>& pieces, std::size_t limit = 1000) {
  std::string seen;
  EventStream stream{[&](const ServerEvent& event) -> std::expected<void, Error> {
                       seen += event.name + "|" + event.id + "|" + event.data + ";";
                       return {};
                     },
                     limit};
  for (const auto& piece : pieces) {
    if (!stream.take(piece)) return seen + "refused";
  }
  return seen;
}

TEST(EventStream, gives_the_same_events_however_the_bytes_arrive) {
  const std::string expected = "a|1|x\ny;message||z;";
  for (const std::string end : {"\n", "\r", "\r\n"}) {
    const auto text = ": hello" + end + "event: a" + end + "id:1" + end + "data: x" + end + "data:y" + end +
                      "unknown: 1" + end + end + end + "data: z" + end + end;
    EXPECT_EQ(events_of({text}), expected);
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      EXPECT_EQ(events_of({text.substr(0, cut), text.substr(cut)}), expected) << cut;
    }
  }
}

TEST(EventStream, never_shows_an_event_that_was_cut_off) {
  EXPECT_EQ(events_of({"data: whole\n\ndata: cut", " off\n"}), "message||whole;");
}

TEST(EventStream, refuses_an_event_over_the_limit_and_no_number_of_comments) {
  EXPECT_EQ(events_of({"data: " + std::string(90, 'x') + "\n\n"}, 100), "message||" + std::string(90, 'x') + ";");
  EXPECT_EQ(events_of({"data: " + std::string(100, 'x')}, 100), "refused");
  EXPECT_EQ(events_of({"data: " + std::string(50, 'x') + "\ndata: " + std::string(50, 'x') + "\n\n"}, 100), "refused");
  std::string comments;
  for (int i = 0; i < 1000; ++i) comments += ": still here\n";
  EXPECT_EQ(events_of({comments + "data: 1\n\n"}, 100), "message||1;");
}

TEST(RevocationWire, reads_a_row) {
  const auto row =
      parse_revocation(R"({"seq":7,"after":6,"kind":"subject","key":"a\u0062","cutoff":5,"expires_at":9,"new":{}})");
  ASSERT_TRUE(row) << row.error().detail();
  EXPECT_EQ(row->seq, 7);
  EXPECT_EQ(row->after, 6);
  EXPECT_EQ(row->revocation.kind, RevocationKind::subject);
  EXPECT_EQ(row->revocation.key, "ab");
  EXPECT_EQ(row->revocation.cutoff, Time{std::chrono::milliseconds{5}});
  EXPECT_EQ(row->revocation.expires_at, Time{std::chrono::milliseconds{9}});
  EXPECT_TRUE(parse_revocation(R"({"seq":7,"after":6,"kind":"everyone","key":"","cutoff":5,"expires_at":9})"));
}

TEST(RevocationWire, refuses_what_is_not_whole) {
  for (const auto* text : {
           "",
           "[]",
           "garbage",
           R"({"seq":7})",
           R"({"seq":7,"kind":"session","key":"a","cutoff":5,"expires_at":9})",
           R"({"seq":7,"after":7,"kind":"session","key":"a","cutoff":5,"expires_at":9})",
           R"({"seq":7,"after":-1,"kind":"session","key":"a","cutoff":5,"expires_at":9})",
           R"({"seq":7,"after":"6","kind":"session","key":"a","cutoff":5,"expires_at":9})",
           R"({"seq":-1,"after":-2,"kind":"session","key":"a","cutoff":5,"expires_at":9})",
           R"({"seq":"7","after":6,"kind":"session","key":"a","cutoff":5,"expires_at":9})",
           R"({"seq":7.5,"after":6,"kind":"session","key":"a","cutoff":5,"expires_at":9})",
           R"({"seq":7,"after":6,"kind":"Session","key":"a","cutoff":5,"expires_at":9})",
           R"({"seq":7,"after":6,"kind":"session","key":"","cutoff":5,"expires_at":9})",
           R"({"seq":7,"after":6,"kind":"everyone","key":"a","cutoff":5,"expires_at":9})",
           R"({"seq":7,"after":6,"kind":"session","key":null,"cutoff":5,"expires_at":9})",
           R"({"seq":7,"after":6,"kind":"session","key":"a","expires_at":9})",
           R"({"seq":7,"after":6,"kind":"session","key":"a","cutoff":5,"expires_at":253402300799001})",
           R"({"seq":7,"after":6,"seq":8,"kind":"session","key":"a","cutoff":5,"expires_at":9})",
           R"({"seq":7,"after":6,"kind":"session","key":"a","cutoff":5,"expires_at":9}x)",
       }) {
    EXPECT_FALSE(parse_revocation(text)) << text;
  }
  EXPECT_TRUE(parse_heartbeat(R"({"seq":0,"time":1})"));
  for (const auto* text : {"{}", R"({"seq":1})", R"({"seq":1,"time":"now"})", R"({"seq":-1,"time":1})"}) {
    EXPECT_FALSE(parse_heartbeat(text)) << text;
  }
  EXPECT_EQ(parse_begin(R"({"time":1})"), Time{std::chrono::milliseconds{1}});
  for (const auto* text : {"", "{}", R"({"time":"now"})", R"({"time":-1})"}) EXPECT_FALSE(parse_begin(text)) << text;
  EXPECT_EQ(Position::parse("00112233445566aa:12")->text(), "00112233445566aa:12");
  for (const auto* text :
       {"", ":", "00112233445566aa", "00112233445566aa:", "00112233445566aa:x", "00112233445566aa:1 ",
        "00112233445566aa:-1", "00112233445566AA:1", "112233445566aa:1", "00112233445566aa:99999999999999999999"}) {
    EXPECT_FALSE(Position::parse(text)) << text;
  }
}

TEST(RevocationWire, checks_every_claim_of_a_snapshot) {
  const auto code = [&](std::string_view claims) {
    const auto snapshot = parse_snapshot(claims, "https://auth.example", Time{seconds{100}});
    return snapshot ? "good" : std::string{to_string(snapshot.error().code())};
  };
  const std::string good =
      R"({"iss":"https://auth.example","exp":101,"epoch":"00112233445566aa","seq":3,"revocations":[]})";
  const auto with = [&](std::string_view from, std::string_view to) {
    auto text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  EXPECT_EQ(code(good), "good");
  EXPECT_EQ(code(with("101", "100")), "token_expired");
  EXPECT_EQ(code(with("auth.example", "auth.example/")), "issuer_mismatch");
  EXPECT_EQ(code(with(R"("exp":101,)", "")), "claim_missing");
  EXPECT_EQ(code(with("101", "\"101\"")), "claim_malformed");
  EXPECT_EQ(code(with("66aa", "66")), "claim_malformed");
  EXPECT_EQ(code(with(":3", ":-3")), "claim_malformed");
  EXPECT_EQ(code(with("[]", "{}")), "claim_malformed");
  EXPECT_EQ(code(with("[]", "[{}]")), "json_malformed");
}

TEST(RevocationWire, reads_a_snapshot_of_very_many) {
  std::string list;
  for (int i = 0; i < 30'000; ++i) {
    list.append(i == 0 ? "" : ",").append(R"({"seq":1,"kind":"token","key":"k","cutoff":1,"expires_at":2})");
  }
  const auto snapshot = parse_snapshot(
      R"({"iss":"i","exp":101,"epoch":"00112233445566aa","seq":30000,"revocations":[)" + list + "]}", "i", Time{});
  ASSERT_TRUE(snapshot) << snapshot.error().detail();
  EXPECT_EQ(snapshot->revocations.size(), 30'000U);
}

TEST(Metadata, is_looked_for_where_the_standards_put_it) {
  EXPECT_EQ(Discovery::oauth_url("https://a.example"), "https://a.example/.well-known/oauth-authorization-server");
  EXPECT_EQ(Discovery::oauth_url("https://a.example/"), "https://a.example/.well-known/oauth-authorization-server");
  EXPECT_EQ(Discovery::oauth_url("https://a.example/one"),
            "https://a.example/.well-known/oauth-authorization-server/one");
  EXPECT_EQ(Discovery::openid_url("https://a.example/one"), "https://a.example/one/.well-known/openid-configuration");
}

TEST(Metadata, must_be_the_very_issuers_and_name_safe_addresses_only) {
  const auto code = [](std::string_view text) {
    const auto metadata = parse_metadata(text, "https://a.example", {});
    return metadata ? "good " + metadata->jwks_uri : std::string{to_string(metadata.error().code())};
  };
  EXPECT_EQ(code(R"({"issuer":"https://a.example","jwks_uri":"https://b.example/k"})"), "good https://b.example/k");
  EXPECT_EQ(code(R"({"issuer":"https://a.example"})"), "good ");
  EXPECT_EQ(code(R"({"issuer":"https://a.example/"})"), "issuer_mismatch");  // RFC 8414 section 3.3: identical
  EXPECT_EQ(code(R"({"issuer":"HTTPS://a.example"})"), "issuer_mismatch");
  EXPECT_EQ(code("{}"), "issuer_mismatch");
  EXPECT_EQ(parse_metadata(R"({"issuer":"https://a.example/"})", "https://a.example", {}).error().detail(),
            R"(the metadata is of "https://a.example/", and "https://a.example" was asked for)");
  EXPECT_EQ(code(R"({"issuer":"https://a.example","jwks_uri":"http://a.example/k"})"), "invalid_configuration");
  EXPECT_EQ(code(R"({"issuer":"https://a.example","jwks_uri":"file:///etc/passwd"})"), "invalid_configuration");
  EXPECT_EQ(code(R"({"issuer":"https://a.example","jwks_uri":"https://u:p@a.example/k"})"), "invalid_configuration");
  EXPECT_EQ(code(R"({"issuer":"https://a.example","jwks_uri":7})"), "json_malformed");
}

TEST(Aggregation, is_an_array_of_addresses) {
  EXPECT_EQ(parse_aggregation(R"({"status_lists":["a","b"],"x":1})", {}).value(), (std::vector<std::string>{"a", "b"}));
  for (const auto* text : {"", "[]", "{}", R"({"status_lists":"a"})", R"({"status_lists":[1]})"}) {
    EXPECT_FALSE(parse_aggregation(text, {})) << text;
  }
}

TEST(Urls, are_https_or_loopback) {
  for (const auto* url :
       {"https://a.example", "https://10.0.0.1/x", "http://127.0.0.1:8080", "http://localhost/x", "http://[::1]:80/"}) {
    EXPECT_TRUE(check_url(url)) << url;
  }
  for (const auto* url : {"", "a.example", "http://a.example", "http://127.0.0.1.example", "http://localhost.example",
                          "ftp://127.0.0.1", "file:///x", "https://", "https://name@a.example"}) {
    EXPECT_FALSE(check_url(url)) << url;
  }
}

TEST(Urls, are_on_this_machine_or_not) {
  for (const auto* url : {"https://127.0.0.1:6443/x", "http://127.1.2.3", "https://localhost/x", "https://[::1]/"}) {
    EXPECT_TRUE(is_loopback_url(url)) << url;
  }
  for (const auto* url : {"", "https://a.example", "https://10.0.0.1/x", "http://a.example", "https://x@127.0.0.1"}) {
    EXPECT_FALSE(is_loopback_url(url)) << url;
  }
}

TEST(Loop, goes_on_after_a_turn_that_throws_and_at_once_when_it_is_woken) {
  Loop loop;
  std::stop_source stop;
  int turns = 0;
  const auto turn = [&]() -> std::chrono::milliseconds {
    if (++turns == 1) throw std::bad_alloc{};
    if (turns == 3) stop.request_stop();
    loop.wake();
    return std::chrono::hours{1};
  };
  loop.run(turn, std::chrono::milliseconds{1}, stop.get_token());
  EXPECT_EQ(turns, 3);
}

TEST(Freshness, ends_ahead_of_expiry) { EXPECT_EQ(ahead_of(seconds{300}), seconds{240}); }

TEST(Freshness, is_that_of_cache_control_within_a_minute_and_an_hour) {
  EXPECT_EQ(freshness("", 0, seconds{300}), seconds{300});
  EXPECT_EQ(freshness("public, max-age=600", 0, seconds{300}), seconds{600});
  EXPECT_EQ(freshness("max-age=600", 100, seconds{300}), seconds{500});
  EXPECT_EQ(freshness("max-age=5", 0, seconds{300}), seconds{60});
  EXPECT_EQ(freshness("max-age=99999999999999999999999", 0, seconds{300}), seconds{3600});
  EXPECT_EQ(freshness("max-age=600", -5, seconds{300}), seconds{600});
  EXPECT_EQ(freshness("max-age=600, no-store", 0, seconds{300}), seconds{60});
  EXPECT_EQ(freshness("no-cache", 0, seconds{300}), seconds{60});
  EXPECT_EQ(freshness("max-age=x", 0, seconds{300}), seconds{300});
}

}  // namespace
}  // namespace signet::remote
