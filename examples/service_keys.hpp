#pragma once
// What both example services begin with: the verifier of a login server's tokens, from the key set it published.

#include <signet/signet.hpp>

#include <fstream>
#include <iterator>
#include <string>

namespace example {

// `key_set`: a file with the server's /.well-known/jwks.json.
inline std::expected<signet::Verifier, signet::Error> verifier_of(const std::string& key_set,
                                                                  const std::string& issuer) {
  std::ifstream file{key_set};
  if (!file) return std::unexpected(signet::Error{signet::ErrorCode::input_output, "cannot read " + key_set});
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  auto keys = signet::KeySet::parse(text);
  if (!keys) return std::unexpected(keys.error());
  return signet::Verifier::builder().keys(*keys).issuer(issuer).audience("api").type("at+jwt").build();
}

}  // namespace example
