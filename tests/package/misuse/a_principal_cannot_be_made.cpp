// refused: is private within this context|calling a private constructor
#include <signet/http/guard.hpp>

auto right(const signet::http::Guard& guard) { return guard.check({"GET", {}, {}, {}}); }
#ifdef MISUSE
auto wrong(signet::VerifiedToken token) { return signet::http::Principal{std::move(token)}; }
#endif
