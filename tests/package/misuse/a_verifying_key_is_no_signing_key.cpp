// refused: no matching function for call to .*Signer|no matching constructor
#include <signet/signer.hpp>

auto right(const signet::SigningKey& key) { return signet::Signer{key}; }
#ifdef MISUSE
auto wrong(const signet::VerifyingKey& key) { return signet::Signer{key}; }
#endif
