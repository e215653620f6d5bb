#include "cli/dpop.hpp"

#include "cli/input.hpp"
#include "signet/dpop.hpp"

namespace signet::cli {

Exit dpop(const DpopRequest& request, Console& console) {
  if (request.method.empty() || request.url.empty()) {
    return complain(console, {"a proof is for one request: give its --method and --url"});
  }
  const auto key = load_signing_key(request.key, console);
  if (!key) return complain(console, key.error());
  Secret token = Secret::from_text("");
  if (!request.token_file.empty()) {
    auto read = read_secret("--access-token-file", request.token_file, console);
    if (!read) return complain(console, read.error());
    token = *std::move(read);
  }
  std::string_view text = token.reveal_text();
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  if (text.empty() && !request.token_file.empty()) return complain(console, {"--access-token-file: there is no token"});
  const auto proof = make_dpop_proof(*key, {.method = request.method, .url = request.url, .access_token = text},
                                     request.nonce, console.clock);
  if (!proof) return complain(console, {"no proof: " + proof.error().detail()});
  console.out << *proof << '\n';
  return Exit::ok;
}

}  // namespace signet::cli
