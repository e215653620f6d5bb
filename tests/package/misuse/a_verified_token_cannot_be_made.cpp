// refused: is private within this context|calling a private constructor
#include <signet/verifier.hpp>

auto right(const signet::Verifier& verifier) { return verifier.verify("text"); }
#ifdef MISUSE
auto wrong(std::unique_ptr<const signet::jwt::TokenData> data) { return signet::VerifiedToken{std::move(data)}; }
#endif
