#include "cli/jwks.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "cli/key_file.hpp"
#include "signet/key_set.hpp"

namespace signet::cli {

Exit jwks(const JwksRequest& request, Console& console) {
  if (request.files.empty()) return complain(console, {"jwks needs the files of the keys"});
  if (std::ranges::count(request.files, "-") > 1) return complain(console, {"standard input can be read only once"});
  std::optional<Algorithm> rsa_default;
  if (!request.algorithm.empty()) {
    const auto algorithm = parse_algorithm(request.algorithm);
    if (!algorithm) return complain(console, algorithm.error());
    if (!name(*algorithm).starts_with("RS") && !name(*algorithm).starts_with("PS")) {
      return complain(console, {"--alg names the algorithm of RSA keys that name none: RS256, PS256, ..."});
    }
    rsa_default = *algorithm;
  }
  std::vector<VerifyingKey> keys;
  for (const std::string& file : request.files) {
    auto key = load_verifying_key(file, file, std::nullopt, rsa_default, console);
    if (!key) return complain(console, key.error());
    if (is_symmetric(key->algorithm())) {
      return complain(console, {fmt::format("{}: an {} key is a secret; publishing it would let anyone sign", file,
                                            name(key->algorithm()))});
    }
    keys.push_back(key->key_id().empty() ? key->with_key_id(key->thumbprint()) : std::move(*key));
  }
  const auto set = KeySet::of(std::move(keys));
  if (!set) return complain(console, {set.error().detail()});
  console.out << set->to_json() << '\n';
  return Exit::ok;
}

}  // namespace signet::cli
