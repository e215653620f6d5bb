// refused: use of deleted function|call to deleted
#include <signet/claims.hpp>

auto right() { return signet::Claims{}.set("role", "admin").set("level", 3).set("beta", true).set("ratio", 0.5); }
#ifdef MISUSE
auto wrong(const int* level) { return signet::Claims{}.set("level", level); }
#endif
