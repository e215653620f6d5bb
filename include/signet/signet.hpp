#pragma once
// Everything a service needs to issue and verify tokens, and to encrypt. The HTTP guard and its adapters are in
// signet/http/.

#include "signet/algorithm.hpp"
#include "signet/claims.hpp"
#include "signet/clock.hpp"
#include "signet/danger.hpp"
#include "signet/encryption_key.hpp"
#include "signet/error.hpp"
#include "signet/json.hpp"
#include "signet/jwe.hpp"
#include "signet/jws.hpp"
#include "signet/key.hpp"
#include "signet/key_set.hpp"
#include "signet/limits.hpp"
#include "signet/nested.hpp"
#include "signet/revocation_source.hpp"
#include "signet/revocations.hpp"
#include "signet/secret.hpp"
#include "signet/signer.hpp"
#include "signet/verified_token.hpp"
#include "signet/verifier.hpp"
#include "signet/version.hpp"
