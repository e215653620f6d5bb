// refused: invalid initialization of reference|no matching function for call to|could not convert|no viable conversion
#include <signet/danger.hpp>
#include <signet/verified_token.hpp>

bool decide(const signet::VerifiedToken& token);
bool right(const signet::VerifiedToken& token) { return decide(token); }
#ifdef MISUSE
bool wrong(const signet::danger::UnverifiedToken& token) { return decide(token); }
#endif
