// refused: use of deleted function|call to deleted
#include <signet/claims.hpp>

auto right() { return signet::Claims{}.set("grade", "A"); }
#ifdef MISUSE
auto wrong() { return signet::Claims{}.set("grade", 'A'); }
#endif
