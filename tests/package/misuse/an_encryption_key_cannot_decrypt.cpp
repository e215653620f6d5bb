// refused: (no matching function|cannot convert|no known conversion|could not convert)
#include <signet/jwe.hpp>

auto right(const signet::DecryptionKey& key) { return signet::Decrypter::builder().key(key).build(); }
#ifdef MISUSE
auto wrong(const signet::EncryptionKey& key) { return signet::Decrypter::builder().key(key).build(); }
#endif
