// refused: no matching function for call to|no matching constructor|no matching conversion
#include <signet/verifier.hpp>

auto right(const signet::Verifier& verifier, std::string_view text) { return verifier.verify(text); }
#ifdef MISUSE
auto wrong(std::string_view text) { return signet::VerifiedToken{text}; }
#endif
