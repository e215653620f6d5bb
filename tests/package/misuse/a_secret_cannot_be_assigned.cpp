// refused: use of deleted function|overload resolution selected deleted operator
#include <signet/secret.hpp>

void right(signet::Secret& to, signet::Secret& from) { to = from.copy(); }
#ifdef MISUSE
void wrong(signet::Secret& to, signet::Secret& from) { to = from; }
#endif
