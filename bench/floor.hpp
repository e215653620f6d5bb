#pragma once
// The least that a verification or a signature has to do on the same bytes: the bare primitive of what the dependencies
// offer, base64url, and one look at each byte of the claims. No policy, no strictness, no error that says anything.

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "signet/algorithm.hpp"
#include "signet/key.hpp"

namespace signet::bench {

// A primitive with its key, used from one thread.
class Primitive {
 public:
  virtual ~Primitive() = default;
  [[nodiscard]] virtual bool verifies(std::string_view input, std::string_view signature) = 0;
  // Into `signature`; how many bytes it has. ECDSA: as DER, for putting it into JWS form is not the primitive's.
  [[nodiscard]] virtual std::size_t sign(std::string_view input, char* signature) = 0;
};

// A fresh key as both sides take it, and the fastest primitive for it.
struct KeyPair {
  SigningKey key;
  std::function<std::unique_ptr<Primitive>()> primitive;  // one for each thread
};
[[nodiscard]] KeyPair make_key_pair(Algorithm algorithm);

[[nodiscard]] bool floor_verify(Primitive& primitive, std::string_view token, std::string_view issuer,
                                std::string_view audience);

// `header` is encoded already and ends with its dot.
void floor_sign(Primitive& primitive, std::string_view header, std::string_view claims, std::string& token);

}  // namespace signet::bench
