#include "server/http/proxies.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace signet::server::http {
namespace {

std::string parsed(std::string_view text) {
  auto address = Address::parse(text);
  return address ? address->text() : "-";
}

Proxies trusted(std::vector<std::string> entries) { return Proxies::parse(entries).value(); }

TEST(Address, is_read_in_the_forms_that_proxies_send) {
  EXPECT_EQ(parsed("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(parsed("192.0.2.1:4711"), "192.0.2.1");
  EXPECT_EQ(parsed("2001:DB8::1"), "2001:db8::1");
  EXPECT_EQ(parsed("[2001:db8::1]"), "2001:db8::1");
  EXPECT_EQ(parsed("[2001:db8::1]:4711"), "2001:db8::1");
  EXPECT_EQ(parsed("::ffff:192.0.2.1"), "192.0.2.1") << "one client, one name";
  for (auto text : {"", "unknown", "_hidden", "192.0.2", "192.0.2.1:", "192.0.2.1:x", "[192.0.2.1]", "[::1", "[::1]x",
                    "1.2.3.4.5", "01.2.3.4x", "::g", "2001:db8::1%eth0"})
    EXPECT_EQ(parsed(text), "-") << text;
}

TEST(Proxies, are_addresses_and_blocks_of_both_families) {
  auto proxies = trusted({"10.0.0.0/8", "192.0.2.7", "2001:db8::/33", "::1"});
  auto trusts = [&](std::string_view text) { return proxies.trusts(Address::parse(text).value()); };
  EXPECT_TRUE(trusts("10.255.0.1"));
  EXPECT_TRUE(trusts("::ffff:10.1.2.3"));
  EXPECT_FALSE(trusts("11.0.0.1"));
  EXPECT_TRUE(trusts("192.0.2.7"));
  EXPECT_FALSE(trusts("192.0.2.8"));
  EXPECT_TRUE(trusts("2001:db8:7fff::1"));
  EXPECT_FALSE(trusts("2001:db8:8000::1"));
  EXPECT_TRUE(trusts("::1"));
  EXPECT_FALSE(trusts("::2"));
  EXPECT_TRUE(trusted({"0.0.0.0/0"}).trusts(Address::parse("203.0.113.1").value()));
  EXPECT_FALSE(trusted({"0.0.0.0/0"}).trusts(Address::parse("2001:db8::1").value()));
}

TEST(Proxies, are_refused_when_written_wrongly) {
  for (auto entry : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "::/129", "proxy.example",
                     "10.0.0.1:80", "[::1]", "/8"}) {
    std::vector<std::string> entries{entry};
    auto proxies = Proxies::parse(entries);
    ASSERT_FALSE(proxies) << entry;
    EXPECT_EQ(proxies.error(), "not an address or CIDR block: " + std::string(entry));
  }
}

std::string client(std::vector<std::string_view> forwarded) {
  auto proxies = trusted({"10.0.0.0/8", "fd00::/8"});
  std::vector<Header> headers{{"Host", "x"}};
  for (auto value : forwarded) headers.push_back({"x-forwarded-FOR", value});
  return proxies.client(Address::parse("10.0.0.1").value(), headers).text();
}

TEST(Proxies, name_the_rightmost_address_that_is_not_theirs) {
  EXPECT_EQ(client({}), "10.0.0.1");
  EXPECT_EQ(client({"203.0.113.9"}), "203.0.113.9");
  EXPECT_EQ(client({"1.1.1.1, 203.0.113.9"}), "203.0.113.9") << "the left one may be made up";
  EXPECT_EQ(client({"1.1.1.1,203.0.113.9 , 10.0.0.2,fd00::1"}), "203.0.113.9");
  EXPECT_EQ(client({"1.1.1.1", "203.0.113.9", "10.0.0.2"}), "203.0.113.9") << "several headers are one list";
  EXPECT_EQ(client({"10.0.0.3, 10.0.0.2"}), "10.0.0.3");
  EXPECT_EQ(client({"2001:db8::5"}), "2001:db8::5");
}

TEST(Proxies, end_the_search_at_what_is_no_address) {
  EXPECT_EQ(client({"1.1.1.1, unknown"}), "10.0.0.1");
  EXPECT_EQ(client({"1.1.1.1, unknown, 10.0.0.2"}), "10.0.0.2");
  EXPECT_EQ(client({""}), "10.0.0.1");
  EXPECT_EQ(client({"1.1.1.1,"}), "10.0.0.1");
}

TEST(Forwarded, id_is_taken_only_when_it_is_harmless) {
  auto id = [](std::string_view value) {
    std::vector<Header> headers{{"X-Request-ID", value}};
    return forwarded_id(headers).value_or("-");
  };
  EXPECT_EQ(id("Trace_1.a-B"), "Trace_1.a-B");
  EXPECT_EQ(id(std::string(64, 'a')), std::string(64, 'a'));
  EXPECT_EQ(id(std::string(65, 'a')), "-");
  for (auto value : {"", "a b", "a\"b", "a;b", "a{b}", "caf\xc3\xa9"}) EXPECT_EQ(id(value), "-") << value;
}

TEST(Subscriber, is_an_ipv4_address_or_the_64_of_an_ipv6_one) {
  auto subscriber = [](std::string_view text) { return Address::parse(text)->subscriber().text(); };
  EXPECT_EQ(subscriber("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(subscriber("::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(subscriber("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
}

}  // namespace
}  // namespace signet::server::http
