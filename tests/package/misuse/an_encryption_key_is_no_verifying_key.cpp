// refused: (no matching function|cannot convert|no known conversion|could not convert)
#include <signet/jwe.hpp>
#include <signet/verifier.hpp>

auto right(const signet::VerifyingKey& key) { return signet::Verifier::builder().key(key).build(); }
#ifdef MISUSE
auto wrong(const signet::EncryptionKey& key) { return signet::Verifier::builder().key(key).build(); }
#endif
