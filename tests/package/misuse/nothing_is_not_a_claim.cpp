// refused: use of deleted function|call to deleted
#include <signet/claims.hpp>

auto right() { return signet::Claims{}.set("nickname", ""); }
#ifdef MISUSE
auto wrong() { return signet::Claims{}.set("nickname", nullptr); }
#endif
