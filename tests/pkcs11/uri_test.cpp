#include <gtest/gtest.h>
#include <signet/pkcs11.hpp>

namespace signet {
namespace {

TEST(Pkcs11Uri, names_a_token_and_a_key_and_the_same_place_has_one_text) {
  const auto uri = Pkcs11Uri::parse("pkcs11:type=private;object=login%202026;token=my%3bvault;id=%01%ff;serial=4:2");
  ASSERT_TRUE(uri) << uri.error().detail();
  EXPECT_EQ(uri->token, "my;vault");
  EXPECT_EQ(uri->object, "login 2026");
  EXPECT_EQ(uri->serial, "4:2");
  EXPECT_EQ(uri->id, "\x01\xff");
  EXPECT_EQ(uri->text(), "pkcs11:token=my%3Bvault;serial=4:2;object=login%202026;id=%01%FF");
  EXPECT_EQ(Pkcs11Uri::parse(uri->text()), *uri);
  const auto longest = "pkcs11:token=a;object=" + std::string(1002, ':');
  ASSERT_EQ(longest.size(), 1024U);
  EXPECT_EQ(Pkcs11Uri::parse(longest)->text(), longest);
}

TEST(Pkcs11Uri, refuses_what_is_not_a_place_of_a_key_and_never_quotes_it) {
  for (const auto* text : {"",
                           "pkcs11:",
                           "PKCS11:token=a;object=b",
                           "token=a;object=b",
                           "pkcs11:token=a",
                           "pkcs11:object=b",
                           "pkcs11:token=a;object=b;",
                           "pkcs11:;token=a;object=b",
                           "pkcs11:token=;object=b",
                           "pkcs11:token=a;object",
                           "pkcs11:token=a;token=c;object=b",
                           "pkcs11:token=a;object=b;pin-value=1234",
                           "pkcs11:token=a;object=b?pin-value=1234",
                           "pkcs11:token=a;object=b;slot-id=1",
                           "pkcs11:token=a;object=b;type=public",
                           "pkcs11:token=a;object=%",
                           "pkcs11:token=a;object=%4",
                           "pkcs11:token=a;object=%4g",
                           "pkcs11:token=a;object=b c",
                           "pkcs11:token=a;object=\xc3\xa9",
                           "pkcs11:token=a;object=b\n"}) {
    const auto uri = Pkcs11Uri::parse(text);
    ASSERT_FALSE(uri) << text;
    EXPECT_EQ(uri.error().code(), ErrorCode::invalid_configuration);
    EXPECT_EQ(uri.error().detail().find("1234"), std::string::npos) << "may be a PIN";
  }
  EXPECT_FALSE(Pkcs11Uri::parse("pkcs11:token=a;object=" + std::string(1100, 'b')));
}

}  // namespace
}  // namespace signet
