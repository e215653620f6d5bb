// refused: use of deleted function|call to deleted
#include <signet/verifier.hpp>

auto right(const signet::Verifier& verifier, signet::TokenBuffer& buffer) { return verifier.verify("a.b.c", buffer); }
#ifdef MISUSE
auto wrong(const signet::Verifier& verifier) { return verifier.verify("a.b.c", signet::TokenBuffer{}); }
#endif
