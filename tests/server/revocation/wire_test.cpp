#include "server/revocation/wire.hpp"

#include <gtest/gtest.h>

#include "signet/json.hpp"
#include "signet/key_set.hpp"
#include "signet/verifier.hpp"

namespace signet::server {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view epoch = "0123456789abcdef";
constexpr Time noon{1'790'000'000'000ms};

TEST(LogPosition, is_read_as_it_is_written) {
  for (const auto* text : {"0123456789abcdef:0", "0123456789abcdef:7", "ffffffffffffffff:9223372036854775807"}) {
    const auto position = LogPosition::parse(text);
    ASSERT_TRUE(position) << text;
    EXPECT_EQ(position->text(), text);
  }
}

TEST(LogPosition, anything_else_is_none) {
  for (const auto* text :
       {"", ":", "7", "0123456789abcdef", "0123456789abcdef:", "0123456789abcdef:-1", "0123456789abcdef:+1",
        "0123456789abcdef: 1", "0123456789abcdef:1 ", "0123456789abcdef:01", "0123456789abcdef:1x",
        "0123456789abcdef:9223372036854775808", "0123456789ABCDEF:1", "0123456789abcdeg:1", "0123456789abcde:1",
        "00123456789abcdef:1", "0123456789abcdef;1", "0123456789abcdef::1", "0123456789abcdef:1\n"}) {
    EXPECT_FALSE(LogPosition::parse(text)) << text;
  }
}

TEST(Wire, an_event_is_one_line_of_data_whatever_the_key_is) {
  std::string out;
  append_revocation_event(out, epoch, {7, {RevocationKind::client, "a\"\n\r\xc3\xa4\\", noon, noon + 900s}}, 5);
  EXPECT_EQ(
      out,
      "id: 0123456789abcdef:7\nevent: revocation\ndata: "
      "{\"seq\":7,\"after\":5,\"kind\":\"client\",\"key\":\"a\\\"\\u000a\\u000d\xc3\xa4\\\\\",\"cutoff\":1790000000000,"
      "\"expires_at\":1790000900000}\n\n");
}

TEST(Wire, a_stream_begins_with_the_time_and_a_heartbeat_says_how_far_and_when_and_a_reset_where_the_log_is) {
  std::string out;
  append_begin(out, noon);
  EXPECT_EQ(out, "event: begin\ndata: {\"time\":1790000000000}\n\n");
  out.clear();
  append_heartbeat(out, {std::string{epoch}, 7}, noon);
  EXPECT_EQ(out, "id: 0123456789abcdef:7\nevent: heartbeat\ndata: {\"seq\":7,\"time\":1790000000000}\n\n");
  out.clear();
  append_reset(out, {std::string{epoch}, 7});
  EXPECT_EQ(out, "event: reset\ndata: {\"epoch\":\"0123456789abcdef\",\"seq\":7}\n\n");
}

TEST(Wire, a_snapshot_is_a_token_of_its_own_kind_and_of_any_size) {
  const auto key = SigningKey::generate(Algorithm::ES256).value().with_key_id("k");
  std::vector<LoggedRevocation> rows;
  for (int i = 1; i <= 1000; ++i)
    rows.push_back({i, {RevocationKind::session, "session " + std::to_string(i), noon, noon + 1h}});
  const auto json = snapshot_json("https://auth.example", {std::string{epoch}, 1000}, noon, noon + 300s, rows);
  const auto text = sign_document(key, "revocations+jwt", json);
  ASSERT_TRUE(text);
  EXPECT_GT(text->size(), Limits{}.token_bytes);
  const auto dot = text->rfind('.');
  const auto view = json::parse(json, Limits{.json_members = 100'000});
  ASSERT_TRUE(view);
  EXPECT_EQ(view->find("seq")->integer(), 1000);
  EXPECT_EQ(view->find("iat")->integer(), 1'790'000'000);
  EXPECT_EQ(view->find("exp")->integer(), 1'790'000'300);
  EXPECT_EQ(view->find("epoch")->string(), epoch);
  int rows_read = 0;
  for (const auto& row : view->find("revocations")->elements())
    EXPECT_EQ(row.find("key")->string(), "session " + std::to_string(++rows_read));
  EXPECT_EQ(rows_read, 1000);
  EXPECT_NE(dot, std::string::npos);
}

}  // namespace
}  // namespace signet::server
