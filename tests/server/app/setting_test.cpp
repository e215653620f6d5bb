#include "server/app/setting.hpp"

#include <gtest/gtest.h>

namespace signet::server::app {
namespace {

using namespace std::chrono_literals;

TEST(Setting, durations_are_a_whole_number_and_a_unit) {
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("10s"), 10s);
  EXPECT_EQ(parse_duration("15m"), 15min);
  EXPECT_EQ(parse_duration("24h"), 24h);
  EXPECT_EQ(parse_duration("14d"), std::chrono::days{14});
  EXPECT_EQ(parse_duration("0s"), 0s);
  for (const char* bad : {"", "10", "s", "-1s", "+1s", "1.5s", "1 s", "10S", "10sec", "1h30m", "99999999999999999999d",
                          "9999999999999d"}) {
    EXPECT_FALSE(parse_duration(bad).has_value()) << bad;
  }
}

TEST(Setting, sizes_are_a_whole_number_and_a_binary_unit) {
  EXPECT_EQ(parse_size("512B"), 512U);
  EXPECT_EQ(parse_size("64KiB"), 65'536U);
  EXPECT_EQ(parse_size("19MiB"), std::size_t{19} << 20);
  EXPECT_EQ(parse_size("1GiB"), std::size_t{1} << 30);
  for (const char* bad : {"", "64", "64KB", "64kib", "-1B", "1e3B", "99999999999999999999B", "9999999999GiB"}) {
    EXPECT_FALSE(parse_size(bad).has_value()) << bad;
  }
}

TEST(Setting, durations_and_sizes_are_shown_in_the_largest_unit_that_fits) {
  EXPECT_EQ(duration_text(90s), "90s");
  EXPECT_EQ(duration_text(120s), "2m");
  EXPECT_EQ(duration_text(std::chrono::days{14}), "14d");
  EXPECT_EQ(duration_text(0s), "0ms");
  EXPECT_EQ(size_text(65'536), "64KiB");
  EXPECT_EQ(size_text(1000), "1000B");
}

TEST(Setting, addresses_to_listen_on_are_numbers) {
  auto four = parse_listen("127.0.0.1:8080");
  ASSERT_TRUE(four.has_value());
  EXPECT_EQ(four->host, "127.0.0.1");
  EXPECT_EQ(four->port, 8080U);
  EXPECT_TRUE(four->loopback);
  EXPECT_FALSE(parse_listen("0.0.0.0:80")->loopback);
  EXPECT_TRUE(parse_listen("[::1]:0")->loopback);
  EXPECT_FALSE(parse_listen("[::]:443")->loopback);
  EXPECT_TRUE(parse_listen("localhost:8080")->loopback);
  for (const char* bad : {"", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:-1", "::1:80",
                          "[127.0.0.1]:80", "auth.example:80", "127.0.0.1:80x", "127.1:80"}) {
    EXPECT_FALSE(parse_listen(bad).has_value()) << bad;
  }
}

TEST(Setting, issuers_are_plain_urls) {
  for (const char* good :
       {"https://auth.example", "http://127.0.0.1:8080", "https://auth.example/tenant/1", "https://[::1]:8443"}) {
    EXPECT_EQ(parse_issuer(good), good) << good;
  }
  for (const char* bad :
       {"", "auth.example", "ftp://auth.example", "https://", "https://auth.example/", "https://user@auth.example",
        "https://auth.example?x", "https://auth.example#x", "https://auth.example:0", "https://auth.example:99999",
        "https://auth.example/a b", "https://auth.example/\"", "HTTPS://auth.example", "https://exa mple"}) {
    EXPECT_FALSE(parse_issuer(bad).has_value()) << bad;
  }
}

TEST(Setting, origins_are_as_browsers_send_them) {
  for (const char* good : {"https://app.example", "http://localhost:3000", "https://app.example:8443"})
    EXPECT_EQ(parse_origin(good), good);
  for (const char* bad : {"https://app.example/", "https://app.example/x", "https://App.example",
                          "https://app.example:443", "app.example", "null", "*", ""}) {
    EXPECT_FALSE(parse_origin(bad).has_value()) << bad;
  }
  EXPECT_EQ(origin_of("https://Auth.example:443/tenant"), "https://auth.example");
  EXPECT_EQ(origin_of("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
}

TEST(Setting, networks_are_addresses_with_or_without_a_prefix) {
  for (const char* good : {"10.0.0.0/8", "192.0.2.1", "::1", "fd00::/8", "0.0.0.0/0"})
    EXPECT_TRUE(parse_network(good).has_value()) << good;
  for (const char* bad : {"", "10.0.0.0/33", "fd00::/129", "10.0.0/8", "proxy.example", "10.0.0.0/", "10.0.0.0/x"}) {
    EXPECT_FALSE(parse_network(bad).has_value()) << bad;
  }
}

TEST(Setting, scopes_are_words_of_rfc_6749) {
  for (const char* good : {"", "profile", "profile orders:read"}) EXPECT_TRUE(parse_scope(good).has_value()) << good;
  for (const char* bad : {" profile", "profile ", "a  b", "a\"b", "a\\b", "a\nb", "\xc3\xa9"})
    EXPECT_FALSE(parse_scope(bad).has_value()) << bad;
}

}  // namespace
}  // namespace signet::server::app
