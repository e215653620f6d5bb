#include "cli/thumbprint.hpp"

#include "cli/key_file.hpp"

namespace signet::cli {

Exit thumbprint(const std::string& file, Console& console) {
  if (file.empty()) return complain(console, {"thumbprint needs the file of the key"});
  // The thumbprint does not depend on the algorithm (RFC 7638 section 3.2): any that fits an RSA key will do.
  const auto key = load_verifying_key(file, file, std::nullopt, Algorithm::RS256, console);
  if (!key) return complain(console, key.error());
  console.out << key->thumbprint() << '\n';
  return Exit::ok;
}

}  // namespace signet::cli
