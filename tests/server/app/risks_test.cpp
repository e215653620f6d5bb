#include "server/app/risks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace signet::server::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Config config_with(std::string listen, std::string issuer, std::vector<std::string> proxies = {}) {
  Config config;
  config.listen = std::move(listen);
  config.issuer = std::move(issuer);
  config.trusted_proxies = std::move(proxies);
  return config;
}

TEST(Risks, the_defaults_have_none) { EXPECT_THAT(risks(Config{}), IsEmpty()); }

TEST(Risks, users_behind_a_proxy_that_is_not_trusted_share_one_address) {
  for (const char* issuer : {"https://auth.example", "https://auth.example:8443", "http://192.0.2.1",
                             "https://127.example", "https://[2001:db8::1]"}) {
    for (const char* listen : {"127.0.0.1:8080", "[::1]:8080"}) {
      EXPECT_THAT(risks(config_with(listen, issuer)), ElementsAre(HasSubstr("share its limits"))) << issuer;
      EXPECT_THAT(risks(config_with(listen, issuer, {"127.0.0.1"})), IsEmpty()) << issuer;
    }
  }
  for (const char* issuer : {"http://localhost:8080", "http://127.0.0.1:8080", "http://127.1.2.3", "http://[::1]:8080",
                             "http://auth.localhost"}) {
    EXPECT_THAT(risks(config_with("127.0.0.1:8080", issuer)), IsEmpty()) << issuer;
  }
}

TEST(Risks, an_open_address_wants_encryption_and_an_issuer) {
  EXPECT_THAT(risks(config_with("0.0.0.0:8080", "")), ElementsAre(HasSubstr("unencrypted"), HasSubstr("the issuer")));
  EXPECT_THAT(risks(config_with("0.0.0.0:8080", "https://auth.example")), ElementsAre(HasSubstr("unencrypted")));
  EXPECT_THAT(risks(config_with("0.0.0.0:8080", "https://auth.example", {"10.0.0.0/8"})), IsEmpty());
  auto config = config_with("0.0.0.0:8443", "https://auth.example");
  config.tls = http::TlsFiles{"c", "k"};
  EXPECT_THAT(risks(config), IsEmpty());
}

}  // namespace
}  // namespace signet::server::app
