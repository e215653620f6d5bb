// refused: could not convert|cannot convert|no viable conversion
#include <signet/verifier.hpp>

void right(signet::VerifierBuilder& builder, const signet::SigningKey& key) { builder.key(key.verifying_key()); }
#ifdef MISUSE
void wrong(signet::VerifierBuilder& builder, const signet::SigningKey& key) { builder.key(key); }
#endif
