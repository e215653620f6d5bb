// Tokens that are bound to a client's certificate (RFC 8705 section 3). The certificates and the thumbprint were made
// with the openssl command.

#include "signet/certificate_binding.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "src/jose/base64.hpp"
#include "tests/http/support.hpp"

namespace signet {
namespace {

constexpr std::string_view own =
    "MIIBcDCCARWgAwIBAgIUHx8QlqDZcgL/4PrIlFQZj91iwi0wCgYIKoZIzj0EAwIwDDEKMAgGA1UEAwwBYTAgFw0yNjExMjYwMjQ5"
    "NDdaGA8yMTI2MTEwMjAyNDk0N1owDDEKMAgGA1UEAwwBYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABOGX7gZK/KwkOK9EIp+s"
    "U+fsMYnqlY86jvUZ88vx8oURntBe9R3ViVItbouY7N8F3Zto/kC+ny5biNkwyuQmXhOjUzBRMB0GA1UdDgQWBBQ/Ub3rj6+wwKJo"
    "ch4TUJYGgVDBxDAfBgNVHSMEGDAWgBQ/Ub3rj6+wwKJoch4TUJYGgVDBxDAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kA"
    "MEYCIQCwAjN4ZLw8hiXB3PQeQ2pLHt964j2v2nSK7Act/QC8owIhAPO7zYCfydcUktxfVUxazTVUyWx5T12rxQir/GB5ORtY";
constexpr std::string_view own_thumbprint = "fgPgDrlgN4Ueg6tJwks05wSV8JEMAKHImby2sd7LRDc";
constexpr std::string_view anothers =
    "MIIBbzCCARWgAwIBAgIUH9rvUlr0W+vyJ2PflJFckqVP7rYwCgYIKoZIzj0EAwIwDDEKMAgGA1UEAwwBYjAgFw0yNjExMjYwMjQ5"
    "NDdaGA8yMTI2MTEwMjAyNDk0N1owDDEKMAgGA1UEAwwBYjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKLlx3rjxnN29AnfRnZD"
    "zJ4YIEh/07CqnzocDl3gmtx1QSb7jiJLGm6n+0wZ5FlVNJb8/6AkrZU2XeXP633voPijUzBRMB0GA1UdDgQWBBRSY41p+zUZWs5I"
    "GfQByanCmQ6sMTAfBgNVHSMEGDAWgBRSY41p+zUZWs5IGfQByanCmQ6sMTAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gA"
    "MEUCIDYYKlr6EEXBQ6ByiKm5K2Cwv9AFL0C4IQjAaBm+WoO7AiEAkrL8rfKiSv/rBF5q2Y7FFDphn0T3xjcUVr//KZLA11Q=";

std::vector<std::byte> der(std::string_view base64) {
  const auto bytes = jose::base64_decode(base64).value();
  return {bytes.begin(), bytes.end()};
}

std::string pem(std::string_view base64) {
  std::string text = "-----BEGIN CERTIFICATE-----\n";
  for (; base64.size() > 64; base64.remove_prefix(64)) text.append(base64.substr(0, 64)).append("\n");
  return text.append(base64).append("\n-----END CERTIFICATE-----\n");
}

TEST(CertificateBinding, names_a_certificate_by_its_hash) {  // section 3.1
  EXPECT_EQ(certificate_thumbprint(der(own)), own_thumbprint);
  EXPECT_EQ(certificate_thumbprint(pem(own)), own_thumbprint);
  auto longer = der(own);
  longer.push_back(std::byte{0});
  for (const auto& refused :
       {certificate_thumbprint(longer), certificate_thumbprint(std::vector<std::byte>{}),
        certificate_thumbprint(pem(own) + pem(anothers)), certificate_thumbprint("text"),
        certificate_thumbprint(SigningKey::generate(Algorithm::ES256)->verifying_key().to_pem().value())}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::key_malformed);
  }
}

TEST(CertificateBinding, reads_the_field_of_a_proxy_strictly) {  // RFC 9440 section 2.2
  const auto read = [](const std::vector<std::string>& lines) {
    const std::vector<std::string_view> views{lines.begin(), lines.end()};
    return http::client_certificate(views);
  };
  const std::string field = ":" + std::string{own} + ":";
  EXPECT_EQ(read({field}), der(own));
  for (const auto& lines : {std::vector<std::string>{},
                            {field, field},
                            {std::string{own}},
                            {":" + std::string{own}},
                            {":"},
                            {"::"},
                            {":AAAA:"},
                            {field + ", " + field},
                            {" " + field},
                            {pem(own)}}) {
    EXPECT_FALSE(read(lines)) << (lines.empty() ? "none" : lines.front());
  }
}

TEST(CertificateBinding, lets_the_token_pass_with_its_certificate_alone) {
  const auto bound = [](const std::string& cnf) { return test::token(test::claims().set_json("cnf", cnf)); };
  const std::string member = R"("x5t#S256":")" + std::string{own_thumbprint} + '"';
  const auto status = [](const http::Guard& guard, const std::string& token, std::string_view certificate) {
    const std::string line = "Bearer " + token;
    const std::vector<std::string_view> authorization{line};
    const auto shown = certificate.empty() ? std::vector<std::byte>{} : der(certificate);
    const auto who = guard.check(
        {.method = "GET", .authorization = authorization, .cookie = {}, .origin = {}, .client_certificate = shown});
    if (who) return 200;
    EXPECT_EQ(who.error().reason->code(), ErrorCode::proof_invalid);
    return who.error().status;
  };
  const auto guard = test::guard();
  const auto token = bound("{" + member + "}");
  EXPECT_EQ(status(guard, token, own), 200);
  EXPECT_EQ(status(guard, token, anothers), 401);
  EXPECT_EQ(status(guard, token, ""), 401);
  EXPECT_EQ(status(guard, test::token(), own), 200);  // not bound

  // Bound to more than can be looked at, or to nothing.
  for (const std::string& cnf :
       {"{" + member + R"(,"jkt":"x"})", std::string{"{}"}, std::string{R"({"x5t#S256":1})"},
        std::string{R"({"x5t#S256":""})"}, std::string{R"({"jkt":"x"})"}, std::string{"null"}}) {
    EXPECT_EQ(status(guard, bound(cnf), own), 401) << cnf;
  }

  // A guard that takes proofs takes certificates too, each for the tokens that name it.
  const test::BehindProxy proxied;
  EXPECT_EQ(status(proxied.guard, token, own), 200);
  EXPECT_EQ(status(proxied.guard, proxied.bound, own), 401);
}

TEST(CertificateBinding, is_none_for_cookies) {
  auto guard = test::guard();
  ASSERT_TRUE(guard.cookie("__Host-token", {"https://app.example"}));
  const auto cookie = "__Host-token=" + test::token(test::claims().set_json(
                                            "cnf", R"({"x5t#S256":")" + std::string{own_thumbprint} + "\"}"));
  const std::vector<std::string_view> cookies{cookie};
  const auto shown = der(own);
  const auto who =
      guard.check({.method = "GET", .authorization = {}, .cookie = cookies, .origin = {}, .client_certificate = shown});
  ASSERT_FALSE(who);
  EXPECT_EQ(who.error().status, 401);
}

}  // namespace
}  // namespace signet
