// DPoP proofs: method, URL, access token and nonce of a request, one a line, then the proof as it was sent, or the JSON
// of its header and claims, which a key signs whatever they say. A proof that is taken names the key that signed it,
// this method, this URL, this moment, this token and the server's nonce; it is never taken again.

#include "signet/dpop.hpp"

#include <string>

#include "fuzz/property.hpp"
#include "fuzz/token.hpp"
#include "src/dpop/proof.hpp"
#include "src/dpop/target_uri.hpp"

namespace {

using namespace signet;

DpopVerifier fresh(bool with_nonces) {
  DpopPolicy policy;
  if (with_nonces) policy.nonce_keys = {fuzz::key()};
  return *DpopVerifier::of(std::move(policy), std::make_shared<const ManualClock>(fuzz::now));
}

void try_proof(const DpopVerifier& server, std::string_view proof, const DpopTarget& target) {
  const auto taken = server.check({&proof, 1}, target);
  if (!taken) {
    const auto code = taken.error().code();
    fuzz::require(code == ErrorCode::proof_invalid || code == ErrorCode::proof_nonce_missing);
    return;
  }
  const auto read = danger::read_unverified(proof);
  fuzz::require(read.has_value());
  const auto says = [&](std::string_view name) { return read->claims().find(name).value().string(); };
  const auto alg = algorithm_from_name(read->header().find("alg").value().string().value());
  const auto jwk = read->header().find("jwk").value();
  json::Object numbers;  // what else stands beside them counts for nothing
  for (const std::string_view name : {"kty", "crv", "x", "y", "n", "e", "pub"}) {
    if (const auto member = jwk.find(name)) numbers.set_raw(name, member->text());
  }
  const auto signer = VerifyingKey::from_jwk(alg.value(), numbers.text());
  fuzz::require(signer && taken->thumbprint() == signer->thumbprint());
  fuzz::require(says("htm") == std::string{target.method});
  const auto url = dpop::normalised_target(target.url);
  fuzz::require(url && dpop::normalised_target(*says("htu")) == url && dpop::normalised_target(*url) == url);
  const double age = std::chrono::duration<double>(fuzz::now.time_since_epoch()).count() -
                     read->claims().find("iat")->number().value();
  fuzz::require(age >= -5.001 && age < 65);
  fuzz::require(target.access_token.empty() || says("ath") == dpop::token_hash(target.access_token));
  fuzz::require(server.nonce().empty() || says("nonce").has_value());
  fuzz::require(!server.check({&proof, 1}, target));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto rest = fuzz::text_of(data, size);
  const auto method = fuzz::take_line(rest), url = fuzz::take_line(rest), token = fuzz::take_line(rest),
             nonce = fuzz::take_line(rest);
  const DpopTarget target{.method = method, .url = url, .access_token = token};

  const bool two_lines = rest.find('\n') != std::string_view::npos;
  const auto first = fuzz::take_line(rest);
  for (const bool with_nonces : {false, true}) {
    const auto server = fresh(with_nonces);
    try_proof(server, two_lines ? fuzz::sealed(first, rest, fuzz::client_key()) : std::string{first}, target);

    // Ours for the same request holds, whatever the request is, if there is one at all.
    const ManualClock clock{fuzz::now};
    const auto own =
        make_dpop_proof(fuzz::client_key(), target, with_nonces ? server.nonce() : std::string{nonce}, clock);
    if (own) {
      const std::string_view line = *own;
      fuzz::require(server.check({&line, 1}, target).has_value());
    } else {
      fuzz::require(own.error().code() == ErrorCode::invalid_configuration);
    }
  }
  return 0;
}
