// refused: use of deleted function|call to deleted constructor
#include <signet/secret.hpp>

auto right(const signet::Secret& secret) { return secret.copy(); }
#ifdef MISUSE
signet::Secret wrong(const signet::Secret& secret) { return secret; }
#endif
