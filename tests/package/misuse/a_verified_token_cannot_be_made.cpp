// refused: is private within this context|calling a private constructor
#include <signet/verifier.hpp>

auto right(const signet::Verifier& verifier) { return verifier.verify("text"); }
#ifdef MISUSE
auto wrong(signet::jwt::TokenHandle data) { return signet::VerifiedToken{std::move(data)}; }
#endif
