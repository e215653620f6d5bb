// refused: no member named .sign.
#include <signet/key.hpp>

auto right(const signet::SigningKey& key) { return key.sign("text"); }
#ifdef MISUSE
auto wrong(const signet::VerifyingKey& key) { return key.sign("text"); }
#endif
