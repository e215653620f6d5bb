#include "cli/command_line.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/decrypt.hpp"
#include "cli/dpop.hpp"
#include "cli/encrypt.hpp"
#include "cli/input.hpp"
#include "cli/inspect.hpp"
#include "cli/jwks.hpp"
#include "cli/key_commands.hpp"
#include "cli/key_file.hpp"
#include "cli/keygen.hpp"
#include "cli/server_commands.hpp"
#include "cli/sign.hpp"
#include "cli/thumbprint.hpp"
#include "cli/verify.hpp"
#include "server/app/app.hpp"
#include "signet/version.hpp"
#include "src/jose/algorithms.hpp"
#include "src/jwe/algorithms.hpp"

namespace signet::cli {
namespace {

constexpr const char* time_help = "TIME";

// One value an occurrence, as often as wanted: `--aud a --aud b TOKEN` must not swallow TOKEN.
CLI::Option* add_repeatable(CLI::App& app, const char* flag, std::vector<std::string>& values, const char* help,
                            const char* type) {
  return app.add_option(flag, values, help)->type_name(type)->allow_extra_args(false);
}

// Optional, because an empty token is not the same as none: `verify "$TOKEN"` must not read standard input instead.
void add_token(CLI::App& app, std::optional<std::string>& token, const char* help) {
  app.add_option("TOKEN", token, help)->type_name("");
}

Command add_keygen(CLI::App& root, KeygenRequest& request) {
  CLI::App& app = *root.add_subcommand("keygen", "Make a key: a private JWK, or PEM");
  add_positional(app, "ALG", request.algorithm, "The one algorithm of the key")->required();
  add_value(app, "--kid", request.key_id, "Key id; otherwise the RFC 7638 thumbprint", "KID");
  app.add_flag("--no-kid", request.no_key_id, "No key id");
  add_value(app, "--bits", request.bits, "Size of an RSA key: 2048 to 8192 (3072)", "N");
  add_value(app, "--curve", request.curve, "Curve of an ECDH-ES key: P-256 P-384 P-521 X25519 X448 (P-256)", "CURVE");
  app.add_flag("--pem", request.pem, "PKCS#8 PEM instead of a JWK");
  add_value(app, "--out", request.out, "Write the private key to a new file of mode 0600", "FILE");
  add_value(app, "--public-out", request.public_out, "Write the public key to a new file", "FILE");
  app.footer(
      "Algorithms: " + algorithm_names() +
      "\nFor encryption: ECDH-ES RSA-OAEP-256 A256KW ..., and a content encryption for a key that encrypts directly"
      "\nExample: signet keygen ES256 --out k.jwk --public-out k.pub.jwk");
  return {&app, [&request](Console& console) { return keygen(request, console); }};
}

Command add_sign(CLI::App& root, SignRequest& request) {
  CLI::App& app = *root.add_subcommand("sign", "Sign a token");
  add_value(app, "--key", request.key.file, "Private key, JWK or PEM; - is standard input", "FILE");
  add_value(app, "--secret-env", request.key.secret_env, "Environment variable that holds the HMAC secret", "NAME");
  add_value(app, "--alg", request.key.algorithm, "Algorithm, when the key does not say", "ALG");
  add_passphrase(app, request.key.passphrase_env);
  add_value(app, "--iss", request.issuer, "Issuer", "ISS");
  add_value(app, "--sub", request.subject, "Subject", "SUB");
  add_repeatable(app, "--aud", request.audiences, "Audience; several make a list", "AUD");
  add_value(app, "--exp", request.expires_at, "Expiry: 15m, 2h, 7d from now, or an instant", time_help);
  app.add_flag("--no-exp", request.no_expiry, "A token that never expires");
  add_value(app, "--nbf", request.not_before, "Not valid before", time_help);
  add_value(app, "--iat", request.issued_at, "Issue time; otherwise now", time_help);
  app.add_flag("--no-iat", request.no_issued_at, "No issue time");
  add_value(app, "--jti", request.id, "Token id; otherwise 128 random bits", "ID");
  app.add_flag("--no-jti", request.no_id, "No token id");
  add_repeatable(app, "--claim", request.claims, "A claim whose value is a string", "NAME=TEXT");
  add_repeatable(app, "--claim-json", request.json_claims, "A claim whose value is JSON", "NAME=JSON");
  add_value(app, "--claims", request.claims_file, "Claims from a JSON object; other flags override it", "FILE");
  add_value(app, "--typ", request.type, "Header typ; otherwise JWT", "TYP");
  app.add_flag("--no-typ", request.no_type, "No header typ");
  add_repeatable(app, "--header", request.headers, "Another header member", "NAME=TEXT");
  add_value(app, "--payload", request.payload_file, "Sign these bytes instead of claims: a JWS", "FILE");
  add_value(app, "--form", request.form, "With --payload: compact, flattened or general", "FORM");
  add_value(app, "--cty", request.content_type, "With --payload: header cty", "CTY");
  add_repeatable(app, "--also-key", request.also_keys, "With --payload: another signature, by this key", "FILE");
  app.add_flag("--detached", request.detached, "With --payload: a message without its payload");
  app.add_flag("--unencoded", request.unencoded, "With --payload: not in base64url (RFC 7797)");
  app.footer("Example: signet sign --key k.jwk --sub user-42 --aud api --exp 15m");
  return {&app, [&request](Console& console) { return sign(request, console); }};
}

Command add_verify(CLI::App& root, VerifyRequest& request) {
  CLI::App& app = *root.add_subcommand("verify", "Verify tokens");
  add_token(app, request.token, "The token; without it, or with -, one a line from standard input");
  add_value(app, "--key", request.keys.key, "Key: PEM, certificate or JWK", "FILE");
  add_value(app, "--jwk", request.keys.jwk, "Key: JWK", "FILE");
  add_value(app, "--jwks", request.keys.jwks, "Keys: JWK Set, a file or an https address", "FILE|URL");
  add_value(app, "--secret-env", request.keys.secret_env, "Environment variable that holds the HMAC secret", "NAME");
  add_value(app, "--alg", request.keys.algorithm, "Algorithm, when the key does not say", "ALG");
  add_value(app, "--cacert", request.keys.cacert, "Authorities for the address, PEM", "FILE");
  add_repeatable(app, "--iss", request.issuers, "Expected issuer; of several, any", "ISS");
  app.add_flag("--any-iss", request.any_issuer, "Any issuer will do");
  add_repeatable(app, "--aud", request.audiences, "Expected audience; of several, any", "AUD");
  app.add_flag("--all-aud", request.all_audiences, "All of the --aud, not any");
  app.add_flag("--any-aud", request.any_audience, "Any audience will do");
  add_value(app, "--sub", request.subject, "Expected subject", "SUB");
  add_value(app, "--typ", request.type, "Expected header typ; otherwise JWT, at+jwt or none", "TYP");
  app.add_flag("--any-typ", request.any_type, "Any typ will do");
  add_value(app, "--leeway", request.leeway, "Allowance for clocks that differ, at most 10m", "DURATION");
  app.add_flag("--allow-missing-exp", request.allow_missing_expiry, "Accept a token that never expires");
  app.add_flag("--require-nbf", request.require_not_before, "Refuse a token without nbf");
  add_value(app, "--max-age", request.maximum_age, "Refuse a token issued longer ago", "DURATION");
  add_repeatable(app, "--require", request.required, "Refuse a token without this claim", "CLAIM");
  add_value(app, "--at", request.at, "Verify as of this instant instead of now", time_help);
  app.add_flag("--raw", request.raw, "The payload is not claims: a JWS, compact or JSON");
  add_value(app, "--payload", request.payload_file, "With --raw: the payload of detached messages", "FILE");
  app.add_flag("--all-signatures", request.all_signatures, "With --raw: of several, all must hold, not any");
  app.add_flag("--allow-unprotected-alg", request.allow_unprotected_algorithm,
               "With --raw: alg may stand outside the protected header");
  app.add_flag("--json", request.json, "One JSON object a line");
  app.footer(
      "Exit status: 0 all valid, 1 one is not, 2 wrong use.\n"
      "Example: signet verify --jwks https://auth.example/.well-known/jwks.json --aud api TOKEN");
  return {&app, [&request](Console& console) { return verify(request, console); }};
}

Command add_encrypt(CLI::App& root, EncryptRequest& request) {
  CLI::App& app = *root.add_subcommand("encrypt", "Encrypt for those who have the keys");
  add_positional(app, "FILE", request.file, "What to encrypt; without it, or with -, standard input");
  add_repeatable(app, "--key", request.keys, "Recipient's key: JWK, PEM or certificate; several make it general",
                 "FILE");
  add_value(app, "--password-env", request.source.password_env, "Environment variable that holds a password", "NAME");
  add_value(app, "--alg", request.source.algorithm, "Key management algorithm, when the key does not say", "ALG");
  add_passphrase(app, request.source.passphrase_env);
  add_value(app, "--enc", request.content_encryption, "Content encryption; otherwise A256GCM", "ENC");
  add_value(app, "--typ", request.type, "Header typ", "TYP");
  add_value(app, "--cty", request.content_type, "Header cty", "CTY");
  add_value(app, "--form", request.form, "compact, flattened or general", "FORM");
  app.footer("Example: signet encrypt --key bob.pub.jwk --cty text/plain note.txt > note.jwe");
  return {&app, [&request](Console& console) { return encrypt(request, console); }};
}

Command add_decrypt(CLI::App& root, DecryptRequest& request) {
  CLI::App& app = *root.add_subcommand("decrypt", "Decrypt a message");
  add_positional(app, "FILE", request.file, "The message; without it, or with -, standard input");
  add_value(app, "--key", request.key.file, "Private or octet key: JWK or PEM", "FILE");
  add_value(app, "--password-env", request.key.password_env, "Environment variable that holds the password", "NAME");
  add_value(app, "--alg", request.key.algorithm, "Key management algorithm, when the key does not say", "ALG");
  add_passphrase(app, request.key.passphrase_env);
  app.add_flag("--allow-zip", request.allow_compression, "Accept compressed content, up to 250000 bytes");
  app.add_flag("--allow-unprotected-alg", request.allow_unprotected_algorithm,
               "alg and enc may stand outside the protected header");
  app.add_flag("--json", request.json, "One JSON object");
  app.footer("Exit status: 0 decrypted, 1 not, 2 wrong use.\nExample: signet decrypt --key bob.jwk note.jwe");
  return {&app, [&request](Console& console) { return decrypt(request, console); }};
}

Command add_inspect(CLI::App& root, InspectRequest& request) {
  CLI::App& app = *root.add_subcommand("inspect", "Show what a token says, without verifying it");
  add_token(app, request.token, "The token; without it, or with -, a line from standard input");
  app.add_flag("--json", request.json, "One JSON object");
  return {&app, [&request](Console& console) { return inspect(request, console); }};
}

Command add_jwks(CLI::App& root, JwksRequest& request) {
  CLI::App& app = *root.add_subcommand("jwks", "Make a public JWK Set of keys");
  app.add_option("FILE", request.files, "Keys: JWK, PEM or certificate, private or public; - is standard input")
      ->type_name("")
      ->required();
  add_value(app, "--alg", request.algorithm, "Algorithm of RSA keys that name none", "ALG");
  app.footer("Example: signet jwks current.jwk next.jwk > jwks.json");
  return {&app, [&request](Console& console) { return jwks(request, console); }};
}

Command add_thumbprint(CLI::App& root, std::string& file) {
  CLI::App& app = *root.add_subcommand("thumbprint", "Print the RFC 7638 thumbprint of a key");
  add_positional(app, "FILE", file, "Key: JWK, PEM or certificate, private or public; - is standard input")->required();
  return {&app, [&file](Console& console) { return thumbprint(file, console); }};
}

Command add_dpop(CLI::App& root, DpopRequest& request) {
  CLI::App& app = *root.add_subcommand("dpop", "Prove possession of a key for one request (RFC 9449)");
  add_value(app, "--key", request.key.file, "Private key, JWK or PEM; - is standard input", "FILE");
  add_value(app, "--alg", request.key.algorithm, "Algorithm, when the key does not say", "ALG");
  add_passphrase(app, request.key.passphrase_env);
  add_value(app, "--method", request.method, "The request's method", "METHOD");
  add_value(app, "--url", request.url, "The request's URL; query and fragment do not count", "URL");
  add_value(app, "--access-token-file", request.token_file,
            "The access token that is sent with it; - is standard input", "FILE");
  add_value(app, "--nonce", request.nonce, "What the server last sent as DPoP-Nonce", "NONCE");
  app.footer("Example: signet dpop --key k.jwk --method POST --url https://auth.example/login");
  return {&app, [&request](Console& console) { return dpop(request, console); }};
}

struct ServeRequest {
  server::app::Flags flags;
  bool check_config = false;
};

Command add_serve(CLI::App& root, ServeRequest& request) {
  CLI::App& app = *root.add_subcommand("serve", "Run the login server");
  server::app::Flags& flags = request.flags;
  app.add_option("--config", flags.config, "Configuration, TOML (SIGNET_CONFIG)")->type_name("FILE");
  app.add_option("--listen", flags.listen, "Where to listen (SIGNET_LISTEN, 127.0.0.1:8080)")->type_name("ADDR:PORT");
  app.add_option("--monitor-listen", flags.monitor_listen,
                 "Where health and metrics listen (SIGNET_MONITOR_LISTEN, 127.0.0.1:9090)")
      ->type_name("ADDR:PORT");
  app.add_option("--data", flags.data, "Database, keys and secrets (SIGNET_DATA, ./signet-data)")->type_name("DIR");
  app.add_option("--issuer", flags.issuer, "The iss of tokens (SIGNET_ISSUER, the address listened on)")
      ->type_name("URL");
  app.add_flag("--check-config", request.check_config, "Check the configuration and start nothing");
  app.footer("Secrets come from the environment or from files, never from flags: see signet-serve(1).");
  return {
      &app, [&request](Console& console) {
        for (const auto& [flag, path] : {std::pair{"--config", request.flags.config}, {"--data", request.flags.data}}) {
          if (auto sound = check_path(flag, path.value_or("")); !sound) return complain(console, sound.error());
        }
        const int status =
            request.check_config ? server::app::check_config(request.flags) : server::app::serve(request.flags);
        return static_cast<Exit>(status);
      }};
}

// Every command's request, filled by the parse.
struct Requests {
  ServeRequest serve;
  KeygenRequest keygen;
  SignRequest sign;
  VerifyRequest verify;
  EncryptRequest encrypt;
  DecryptRequest decrypt;
  InspectRequest inspect;
  JwksRequest jwks;
  std::string thumbprint_file;
  KeyRequests keys;
  DpopRequest dpop;
  ServerRequests server;
};

// In the order in which `signet --help` shows them.
std::vector<Command> add_commands(CLI::App& root, Requests& requests) {
  std::vector<Command> commands{
      add_serve(root, requests.serve),
      add_keygen(root, requests.keygen),
      add_sign(root, requests.sign),
      add_verify(root, requests.verify),
      add_encrypt(root, requests.encrypt),
      add_decrypt(root, requests.decrypt),
      add_inspect(root, requests.inspect),
      add_jwks(root, requests.jwks),
      add_thumbprint(root, requests.thumbprint_file),
      add_dpop(root, requests.dpop),
  };
  add_key_commands(root, requests.keys, commands);
  add_server_commands(root, requests.server, commands);
  return commands;
}

// What nothing wants is collected at every level, for one message that says it (see unexpected_argument).
void allow_extras(CLI::App& app) {
  app.allow_extras();
  for (CLI::App* const below : app.get_subcommands([](CLI::App*) { return true; })) allow_extras(*below);
}

// The command that was called, at its deepest: `signet users add`.
const CLI::App& called(const CLI::App& app) {
  const auto below = app.get_subcommands();
  return below.empty() ? app : called(*below.front());
}

std::string full_name(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name() : full_name(*app.get_parent()) + " " + app.get_name();
}

std::string help_text(const CLI::App& app) {
  return app.help(app.get_parent() == nullptr ? "" : full_name(*app.get_parent()));
}

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= 24 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string_view::npos;
}

bool has_subcommands(const CLI::App& app) {
  return !app.get_subcommands([](const CLI::App*) { return true; }).empty();
}

// An argument that nothing wants. Only what cannot be a secret is repeated: a flag's name, or a plain word where a
// command belongs.
Trouble unexpected_argument(const CLI::App& app, const std::vector<std::string>& rest) {
  const std::string help = fmt::format("see `{} --help`", full_name(app));
  for (const std::string& argument : rest) {
    const std::string_view flag = std::string_view{argument}.substr(0, argument.find('='));
    if (flag.starts_with("--") && is_word(flag.substr(2))) return {fmt::format("unknown option {}: {}", flag, help)};
    if (flag.starts_with('-') && flag.size() > 1) return {fmt::format("unknown option: {}", help)};
  }
  if (is_word(rest.front()) && has_subcommands(app)) return {fmt::format("unknown command {}: {}", rest.front(), help)};
  if (is_word(rest.front()) && app.get_name() == "serve") {
    return {fmt::format("{} is not an argument of serve: {}", rest.front(), help)};
  }
  return {fmt::format("one argument too many: {}", help)};
}

// An option given with nothing in it, most often an unset variable of a script: `--sub "$ID"`. Nothing is ever left out
// because of that. A user may well have no scope.
std::optional<Trouble> empty_option(const CLI::App& app) {
  for (const CLI::Option* const option : app.get_options()) {
    const std::string name = option->get_name();
    if (!name.starts_with("--") || name == "--scope") continue;
    if (std::ranges::find(option->results(), "") != option->results().end()) {
      return Trouble{fmt::format("{}: an empty value; leave the option out when that is meant", name)};
    }
  }
  return std::nullopt;
}

Trouble parse_trouble(const CLI::App& app, const CLI::ParseError& error) {
  const std::string help = fmt::format("see `{} --help`", full_name(app));
  // Only these texts are sure to name the option and not repeat its value.
  const bool names_only = dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr ||
                          dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  if (names_only) return {fmt::format("{}: {}", error.what(), help)};
  return {fmt::format("wrong arguments: {}", help)};
}

// The arguments, with ids that begin with a dash, as one base64url text in 64 does, where they are no options: at the
// end, after "--".
std::vector<std::string> arguments(int argc, const char* const* argv) {
  constexpr std::size_t session_id = 22, key_id = 43;
  std::vector<std::string> given{argv + std::min(argc, 1), argv + argc};
  if (given.size() < 3 || given[1] != "revoke" || std::ranges::find(given, "--") != given.end()) return given;
  std::vector<std::string> ids;
  std::erase_if(given, [&](const std::string& argument) {
    const bool is_id = argument.starts_with('-') && (argument.size() == session_id || argument.size() == key_id) &&
                       argument.find('=') == std::string::npos;
    if (is_id) ids.push_back(argument);
    return is_id;
  });
  if (ids.empty()) return given;
  given.emplace_back("--");
  given.insert(given.end(), ids.begin(), ids.end());
  return given;
}

template <class Rows>
std::string names_of(const Rows& rows) {
  std::string names;
  for (const auto& row : rows) names.append(names.empty() ? "" : " ").append(row.name);
  return names;
}

std::string version_text() {
  std::string absent;
  for (const auto& row : jose::signature_algorithms) {
    if (!is_available(row.algorithm)) absent.append(" ").append(row.name);
  }
  if (!absent.empty()) absent = fmt::format("absent, for lack of OpenSSL 3.5:{}\n", absent);
  return fmt::format("signet {}\nsignature algorithms: {}\n{}key management: {}\ncontent encryption: {}\n", version(),
                     algorithm_names(), absent, names_of(jwe::key_management_algorithms),
                     names_of(jwe::content_encryption_algorithms));
}

}  // namespace

Exit run(int argc, const char* const* argv, Console& console) {
  CLI::App root{"Signs, verifies and serves JSON Web Tokens."};
  root.name("signet");
  bool show_version = false;
  root.add_flag("--version", show_version, "Print the version, and the algorithms that there are");
  root.set_help_flag("-h,--help", "Print this help");

  Requests requests;
  const std::vector<Command> commands = add_commands(root, requests);
  allow_extras(root);

  try {
    auto given = arguments(argc, argv);
    std::ranges::reverse(given);  // as CLI11 wants it
    root.parse(std::move(given));
  } catch (const CLI::CallForHelp&) {
    console.out << help_text(called(root));
    return Exit::ok;
  } catch (const CLI::ParseError& error) {
    return complain(console, parse_trouble(called(root), error));
  }
  const CLI::App& app = called(root);
  auto rest = root.remaining(true);
  std::erase(rest, "--");  // says only that no options follow
  if (!rest.empty()) return complain(console, unexpected_argument(app, rest));
  if (const auto empty = empty_option(app)) return complain(console, *empty);
  if (show_version) {
    console.out << version_text();
    return Exit::ok;
  }
  for (const Command& command : commands) {
    if (command.app == &app) return command.run(console);
  }
  console.err << help_text(app);
  return Exit::misuse;
}

}  // namespace signet::cli
