// refused: use of deleted function|overload resolution selected deleted operator|is ambiguous|ambiguous overload
#include <signet/secret.hpp>

#include <ostream>

void right(std::ostream& out, const signet::Secret& secret) { out << secret.size(); }
#ifdef MISUSE
void wrong(std::ostream& out, const signet::Secret& secret) { out << secret; }
#endif
