// A compact token, as it stands and with its signature made good, so that what lies behind the signature is reached
// too. An accepted token is the one text of its signing input under the key, and holds the claims that were asked for.

#include "fuzz/property.hpp"
#include "fuzz/token.hpp"

namespace {

using namespace signet;

void try_token(std::string_view compact) {
  static const Verifier verifier = fuzz::verifier();
  const auto token = verifier.verify(compact);
  if (!token) {
    fuzz::require(token.error().code() != ErrorCode::internal);
    fuzz::require(!token.error().detail().empty());
    return;
  }
  fuzz::require(fuzz::signed_text(compact.substr(0, compact.rfind('.'))) == compact);
  fuzz::require(token->algorithm() == Algorithm::HS256);
  fuzz::require(token->issuer() == "https://auth.example");
  fuzz::require(token->expires_at().has_value() && fuzz::now < *token->expires_at());
  fuzz::require(json::parse(token->header().text()).has_value());
  fuzz::require(json::parse(token->claims().text()).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  try_token(text);

  // Two lines: a header and claims in JSON, which the key signs whatever they say.
  if (const auto line = text.find('\n'); line != std::string_view::npos) {
    try_token(fuzz::sealed(text.substr(0, line), text.substr(line + 1)));
  }
  (void)danger::read_unverified(text);
  return 0;
}
