#include "cli/sign.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "cli/input.hpp"
#include "cli/sign_payload.hpp"
#include "cli/text.hpp"
#include "cli/time.hpp"
#include "signet/claims.hpp"
#include "signet/json.hpp"
#include "signet/signer.hpp"

namespace signet::cli {
namespace {

// Registered claims have flags of their own, which know their types.
constexpr std::array<std::string_view, 7> registered{"iss", "sub", "aud", "exp", "nbf", "iat", "jti"};

struct Assignment {
  std::string name;
  std::string value;
};

std::expected<Assignment, Trouble> split(std::string_view flag, const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return std::unexpected(Trouble{fmt::format("{} takes NAME=VALUE", flag)});
  }
  return Assignment{text.substr(0, equals), text.substr(equals + 1)};
}

std::expected<Assignment, Trouble> split_claim(std::string_view flag, const std::string& text,
                                               std::set<std::string>& seen) {
  auto claim = split(flag, text);
  if (!claim) return claim;
  if (std::ranges::find(registered, claim->name) != registered.end()) {
    return std::unexpected(Trouble{fmt::format("{}: {} has a flag of its own: --{}", flag, claim->name, claim->name)});
  }
  if (!seen.insert(claim->name).second) {
    return std::unexpected(Trouble{fmt::format("{}: claim {} is given twice", flag, claim->name)});
  }
  return claim;
}

// What the claims file holds of the claims that the flags have defaults for.
struct FileClaims {
  bool expiry = false, issued_at = false, id = false;
};

std::expected<FileClaims, Trouble> add_file(Claims& claims, const SignRequest& request, Console& console) {
  FileClaims found;
  if (request.claims_file.empty()) return found;
  if (request.claims_file == "-" && request.key.file == "-") {
    return std::unexpected(Trouble{"--key - and --claims - cannot both read standard input"});
  }
  const auto text = read_text("--claims", request.claims_file, 64 * 1024, console);
  if (!text) return std::unexpected(text.error());
  const auto object = json::parse(*text);
  if (!object) return std::unexpected(Trouble{fmt::format("--claims: {}", object.error().detail())});
  if (object->kind() != json::Kind::object) return std::unexpected(Trouble{"--claims: not a JSON object"});
  for (const json::Member& member : object->members()) {
    const bool is_time = member.name == "exp" || member.name == "nbf" || member.name == "iat";
    if (is_time && member.value.kind() != json::Kind::number) {
      return std::unexpected(Trouble{fmt::format("--claims: {} must be a number of seconds since 1970", member.name)});
    }
    if (member.name == "exp") found.expiry = true;
    if (member.name == "iat") found.issued_at = true;
    if (member.name == "jti") found.id = true;
    claims.set_json(member.name, one_line(member.value.text()));
  }
  return found;
}

std::expected<void, Trouble> add_times(Claims& claims, const SignRequest& request, const FileClaims& file, Time now) {
  const auto read = [&](std::string_view flag, const std::string& text) -> std::expected<Time, Trouble> {
    if (const auto time = parse_time(text, now)) return *time;
    return std::unexpected(Trouble{fmt::format("{} takes a time: {}", flag, time_forms)});
  };
  if (request.no_expiry && (!request.expires_at.empty() || file.expiry)) {
    return std::unexpected(Trouble{"--no-exp: an expiry is given all the same; drop one of the two"});
  }
  if (request.no_issued_at && (!request.issued_at.empty() || file.issued_at)) {
    return std::unexpected(Trouble{"--no-iat: an issue time is given all the same; drop one of the two"});
  }
  if (request.expires_at.empty() && !file.expiry && !request.no_expiry) {
    return std::unexpected(
        Trouble{"no expiry: say how long the token lives (--exp 15m), or that it never ends (--no-exp)"});
  }
  if (!request.expires_at.empty()) {
    const auto at = read("--exp", request.expires_at);
    if (!at) return std::unexpected(at.error());
    claims.expires_at(*at);
  }
  if (!request.not_before.empty()) {
    const auto at = read("--nbf", request.not_before);
    if (!at) return std::unexpected(at.error());
    claims.not_before(*at);
  }
  if (!request.issued_at.empty()) {
    const auto at = read("--iat", request.issued_at);
    if (!at) return std::unexpected(at.error());
    claims.issued_at(*at);
  } else if (!file.issued_at && !request.no_issued_at) {
    claims.issued_at(std::chrono::floor<std::chrono::seconds>(now));
  }
  return {};
}

std::expected<void, Trouble> add_identity(Claims& claims, const SignRequest& request, const FileClaims& file) {
  if (request.no_id && (!request.id.empty() || file.id)) {
    return std::unexpected(Trouble{"--no-jti: an id is given all the same; drop one of the two"});
  }
  if (!request.issuer.empty()) claims.issuer(request.issuer);
  if (!request.subject.empty()) claims.subject(request.subject);
  if (request.audiences.size() == 1) claims.audience(request.audiences.front());
  if (request.audiences.size() > 1) claims.audience(request.audiences);
  if (!request.id.empty()) {
    claims.id(request.id);
  } else if (!request.no_id && !file.id) {
    claims.random_id();
  }
  return {};
}

std::expected<void, Trouble> add_private_claims(Claims& claims, const SignRequest& request) {
  std::set<std::string> seen;
  for (const std::string& text : request.claims) {
    const auto claim = split_claim("--claim", text, seen);
    if (!claim) return std::unexpected(claim.error());
    claims.set(claim->name, claim->value);
  }
  for (const std::string& text : request.json_claims) {
    const auto claim = split_claim("--claim-json", text, seen);
    if (!claim) return std::unexpected(claim.error());
    const auto value = json::parse(claim->value);
    if (!value) {
      return std::unexpected(Trouble{
          fmt::format("--claim-json: {}: {}; for a plain string use --claim", claim->name, value.error().detail())});
    }
    claims.set_json(claim->name, one_line(value->text()));
  }
  return {};
}

// What only --payload has a use for.
bool asks_for_payload(const SignRequest& request) {
  return !request.form.empty() || !request.content_type.empty() || !request.also_keys.empty() || request.detached ||
         request.unencoded;
}

}  // namespace

Exit sign(const SignRequest& request, Console& console) {
  if (!request.payload_file.empty()) return sign_payload(request, console);
  if (asks_for_payload(request)) {
    return complain(console, {"--form, --cty, --also-key, --detached and --unencoded go with --payload"});
  }
  Claims claims;
  const auto file = add_file(claims, request, console);
  if (!file) return complain(console, file.error());
  if (auto done = add_identity(claims, request, *file); !done) return complain(console, done.error());
  if (auto done = add_times(claims, request, *file, console.clock.now()); !done) return complain(console, done.error());
  if (auto done = add_private_claims(claims, request); !done) return complain(console, done.error());
  if (request.no_type && !request.type.empty()) {
    return complain(console, {"--typ and --no-typ exclude each other"});
  }

  auto key = load_signing_key(request.key, console);
  if (!key) return complain(console, key.error());
  Signer signer{std::move(*key)};
  signer.clock(console.clock);
  if (!request.type.empty() || request.no_type) signer.type(request.type);
  for (const std::string& text : request.headers) {
    const auto header = split("--header", text);
    if (!header) return complain(console, header.error());
    signer.header(header->name, header->value);
  }
  const auto token = signer.sign(claims);
  if (!token) return complain(console, {fmt::format("cannot sign: {}", token.error().detail())});
  console.out << *token << '\n';
  return Exit::ok;
}

}  // namespace signet::cli
