// refused: nodiscard
#include <signet/verifier.hpp>

bool right(const signet::Verifier& verifier) { return verifier.verify("text").has_value(); }
#ifdef MISUSE
void wrong(const signet::Verifier& verifier) { verifier.verify("text"); }
#endif
