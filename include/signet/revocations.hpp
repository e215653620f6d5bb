#pragma once
// What a verifier knows of tokens taken back, all in its own memory.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "signet/clock.hpp"

namespace signet {

namespace revocation {
class Lookup;
}

// No verifier adds more than this to a token's `exp`.
inline constexpr std::chrono::seconds longest_leeway = std::chrono::minutes{10};

// What a revocation covers. `token`: one `jti`; `session`: one `sid`; `subject`, `client`, `key`: every token of that
// `sub`, `client_id` or `kid` issued before the cut-off; `everyone`: every token issued before it.
enum class RevocationKind : std::uint8_t { token, session, subject, client, key, everyone };

[[nodiscard]] std::string_view to_string(RevocationKind kind) noexcept;

struct Revocation {
  RevocationKind kind;
  std::string key;  // the jti, sid, sub, client_id or kid; empty for everyone
  Time cutoff;      // tokens with iat before it are revoked; not used for token and session, which are whole
  // It is forgotten then. To be no earlier than the latest `exp` that it could cover and the leeway of the verifiers
  // that ask (longest_leeway covers them all): until then they take such a token.
  Time expires_at;
};

// The part of a token that a revocation can name. Views into the token; empty when it has no such claim.
struct RevocationQuery {
  std::string_view id{}, session{}, subject{}, client{}, key{};
  Time issued_at{};  // a token without iat is before every cut-off
};

// Any number of threads ask while others add and forget: who asks takes no lock, waits for nobody and writes to no
// memory that another thread uses. Memory: 44 to 88 bytes a revocation, whatever its key's length (a key is held as a
// fingerprint of 128 bits, keyed with random numbers of the process); up to three times that while expired ones still
// have their places; and as much again for a moment for the 64th part that is growing. Live revocations are those of
// one token lifetime, so this is bounded by rate x lifetime.
class Revocations {
 public:
  Revocations();
  Revocations(const Revocations&) = delete;
  Revocations& operator=(const Revocations&) = delete;
  ~Revocations();

  // Adding one twice, or an older cut-off, changes nothing: a revocation only ever grows. When it returns, every thread
  // enforces it. Thread-safe. Throws std::bad_alloc, and has then changed nothing.
  void add(const Revocation& revocation);

  // Forgets what can no longer cover a living token: what has `expires_at` <= now, and nothing else. Thread-safe.
  void forget_expired(Time now);

  // Thread-safe. Throws std::bad_alloc, at a thread's first call only.
  [[nodiscard]] bool covers(const RevocationQuery& query) const;

  [[nodiscard]] std::size_t size() const noexcept;

 private:
  friend class revocation::Lookup;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace signet
