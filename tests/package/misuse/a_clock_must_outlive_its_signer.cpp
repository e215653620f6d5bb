// refused: use of deleted function|call to deleted
#include <signet/signer.hpp>

auto right(signet::SigningKey key, const signet::ManualClock& clock) {
  return signet::Signer{std::move(key)}.clock(clock);
}
#ifdef MISUSE
auto wrong(signet::SigningKey key) { return signet::Signer{std::move(key)}.clock(signet::ManualClock{{}}); }
#endif
