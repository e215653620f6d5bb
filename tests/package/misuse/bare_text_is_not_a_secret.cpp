// refused: no matching function for call to|cannot convert|no viable conversion
#include <signet/key.hpp>

auto right(std::string_view text) {
  return signet::SigningKey::hmac(signet::Algorithm::HS256, signet::Secret::from_text(text));
}
#ifdef MISUSE
auto wrong(std::string_view text) { return signet::SigningKey::hmac(signet::Algorithm::HS256, text); }
#endif
