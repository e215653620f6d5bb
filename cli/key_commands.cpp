#include "cli/key_commands.hpp"

#include <CLI/CLI.hpp>

namespace signet::cli {
namespace {

constexpr const char* set_help = "The JWK Set, a file";
constexpr const char* passphrase_help = "File that holds the passphrase of an encrypted key";

Command add_convert(CLI::App& root, ConvertRequest& request) {
  CLI::App& app = *root.add_subcommand("convert", "Write a key in another form: JWK, PEM or DER");
  add_positional(app, "FILE", request.file, "The key, or a certificate: JWK, PEM or DER; - is standard input")
      ->required();
  add_value(app, "--to", request.to, "jwk, pem or der; otherwise PEM of a JWK, and a JWK of the others", "FORM");
  app.add_flag("--public", request.public_half, "The public half of a private key");
  add_value(app, "--alg", request.algorithm, "Algorithm of the JWK, when the key does not say", "ALG");
  add_value(app, "--kid", request.key_id, "Key id of the JWK; otherwise its own, or the RFC 7638 thumbprint", "KID");
  add_value(app, "--passphrase-file", request.passphrase_file, passphrase_help, "FILE");
  add_value(app, "--new-passphrase-file", request.new_passphrase_file,
            "File that holds the passphrase to encrypt the key with", "FILE");
  app.add_flag("--pbkdf2", request.pbkdf2, "Hash that passphrase with PBKDF2 instead of scrypt");
  add_value(app, "--out", request.out, "Write to a new file, of mode 0600 when the key is private", "FILE");
  app.footer("Example: signet convert k.pem --alg RS256 --public > k.pub.jwk");
  return {&app, [&request](Console& console) { return convert(request, console); }};
}

Command add_keyset_list(CLI::App& keyset, KeysetListRequest& request) {
  CLI::App& app = *keyset.add_subcommand("list", "List the keys of a set");
  add_positional(app, "SET", request.set, set_help)->required();
  app.add_flag("--json", request.json, "One JSON object a line");
  return {&app, [&request](Console& console) { return list_keyset(request, console); }};
}

Command add_keyset_add(CLI::App& keyset, KeysetAddRequest& request) {
  CLI::App& app = *keyset.add_subcommand("add", "Add keys to a set, which is made when there is none");
  add_positional(app, "SET", request.set, set_help)->required();
  app.add_option("FILE", request.files, "Keys: JWK, PEM or DER")->type_name("")->required();
  add_value(app, "--alg", request.algorithm, "Algorithm of keys that name none", "ALG");
  app.add_flag("--public", request.public_half, "The public half of private keys");
  add_value(app, "--passphrase-file", request.passphrase_file, passphrase_help, "FILE");
  return {&app, [&request](Console& console) { return add_to_keyset(request, console); }};
}

Command add_keyset_remove(CLI::App& keyset, KeysetRemoveRequest& request) {
  CLI::App& app = *keyset.add_subcommand("remove", "Remove keys from a set");
  add_positional(app, "SET", request.set, set_help)->required();
  app.add_option("KID", request.key_ids, "The keys' ids")->type_name("")->required();
  return {&app, [&request](Console& console) { return remove_from_keyset(request, console); }};
}

Command add_keyset_rotate(CLI::App& keyset, KeysetRotateRequest& request) {
  CLI::App& app = *keyset.add_subcommand("rotate", "Put a new key first, and let the last ones go");
  add_positional(app, "SET", request.set, set_help)->required();
  add_positional(app, "FILE", request.file, "The new key; without it, a private set makes one like its first");
  add_value(app, "--keep", request.keep, "How many keys stay (2)", "N");
  add_value(app, "--alg", request.algorithm, "Algorithm of the key, when it names none", "ALG");
  app.add_flag("--public", request.public_half, "The public half of a private key");
  add_value(app, "--passphrase-file", request.passphrase_file, passphrase_help, "FILE");
  return {&app, [&request](Console& console) { return rotate_keyset(request, console); }};
}

}  // namespace

void add_key_commands(CLI::App& root, KeyRequests& requests, std::vector<Command>& commands) {
  commands.push_back(add_convert(root, requests.convert));
  CLI::App& keyset = *root.add_subcommand("keyset", "List, add, remove and rotate keys of a JWK Set in a file");
  commands.push_back(add_keyset_list(keyset, requests.keyset_list));
  commands.push_back(add_keyset_add(keyset, requests.keyset_add));
  commands.push_back(add_keyset_remove(keyset, requests.keyset_remove));
  commands.push_back(add_keyset_rotate(keyset, requests.keyset_rotate));
}

}  // namespace signet::cli
