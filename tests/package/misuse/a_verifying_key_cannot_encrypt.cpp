// refused: (no matching function|cannot convert|no known conversion|could not convert)
#include <signet/jwe.hpp>
#include <signet/key.hpp>

auto right(const signet::EncryptionKey& key) { return signet::Encrypter{key}; }
#ifdef MISUSE
auto wrong(const signet::VerifyingKey& key) { return signet::Encrypter{key}; }
#endif
