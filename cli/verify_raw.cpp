#include "cli/verify_raw.hpp"

#include <fmt/format.h>

#include "cli/input.hpp"
#include "cli/show.hpp"
#include "cli/text.hpp"
#include "signet/json.hpp"
#include "signet/jws.hpp"
#include "src/jose/base64url.hpp"

namespace signet::cli {
namespace {

constexpr std::size_t largest_payload = std::size_t{16} * 1024 * 1024;

std::expected<void, Trouble> check(const VerifyRequest& request) {
  const bool asks_for_claims = !request.issuers.empty() || request.any_issuer || !request.audiences.empty() ||
                               request.all_audiences || request.any_audience || !request.subject.empty() ||
                               !request.type.empty() || request.any_type || !request.leeway.empty() ||
                               !request.maximum_age.empty() || request.allow_missing_expiry ||
                               request.require_not_before || !request.required.empty() || !request.at.empty();
  if (asks_for_claims) return std::unexpected(Trouble{"--raw looks at no claims: leave out what asks for them"});
  if (request.payload_file == "-" && (!request.token || request.token == "-")) {
    return std::unexpected(Trouble{"the payload and the messages cannot both come from standard input"});
  }
  return {};
}

std::expected<JwsVerifier, Trouble> make_verifier(const VerifyRequest& request, const VerifyingKeys& keys,
                                                  bool is_detached) {
  auto builder = JwsVerifier::builder();
  if (keys.one) builder.key(*keys.one);
  if (keys.set) builder.keys(*keys.set);
  if (!request.all_signatures) builder.any_signature();
  if (request.allow_unprotected_algorithm) builder.allow_unprotected_algorithms();
  if (is_detached) {
    Limits limits;
    limits.token_bytes = largest_payload;
    builder.limits(limits);
  }
  auto verifier = builder.build();
  if (!verifier) return std::unexpected(Trouble{verifier.error().detail()});
  return std::move(*verifier);
}

bool is_json(std::string_view line) {
  const auto start = line.find_first_not_of(" \t\r\n");
  return start != std::string_view::npos && line[start] == '{';
}

std::string header_text(const std::optional<json::View>& header) { return header ? one_line(header->text()) : "{}"; }

json::Object described(const VerifiedSignature& signature) {
  json::Object object;
  object.set("index", signature.index()).set("alg", name(signature.algorithm()));
  if (!signature.key().key_id().empty()) object.set("kid", signature.key().key_id());
  object.set_raw("header", header_text(signature.header()));
  if (const auto own = signature.unprotected_header()) object.set_raw("unprotected", one_line(own->text()));
  return object;
}

void show_valid(const VerifyRequest& request, const VerifiedJws& message, bool is_one_of_several, Console& console) {
  const std::string payload = jose::base64url_encode(message.payload());
  const VerifiedSignature first = message.signature();
  if (request.json) {
    json::Object line;
    line.set("valid", true).set_raw("header", header_text(first.header())).set("payload", payload);
    if (is_one_of_several) {
      json::Array signatures;
      for (const VerifiedSignature& one : message.signatures()) signatures.add(described(one));
      line.set("signatures", signatures);
    }
    console.out << printable(line.text()) << '\n';
    return;
  }
  if (!console.terminal) {
    console.out << "valid " << payload << '\n';
    return;
  }
  console.out << styled(console.out_colour, Style::good, "valid");
  for (const VerifiedSignature& one : message.signatures()) {
    console.out << "  " << name(one.algorithm());
    if (!one.key().key_id().empty()) console.out << ", key " << printable(one.key().key_id());
  }
  console.out << '\n' << printable(message.payload()) << '\n';
}

}  // namespace

Exit verify_raw(const VerifyRequest& request, Console& console) {
  if (auto sound = check(request); !sound) return complain(console, sound.error());
  const bool is_detached = !request.payload_file.empty();
  std::string payload;
  if (is_detached) {
    auto text = read_text("--payload", request.payload_file, largest_payload, console);
    if (!text) return complain(console, text.error());
    payload = std::move(*text);
  }
  const auto keys = load_verifying_keys(request.keys, console);
  if (!keys) return complain(console, keys.error());
  const auto verifier = make_verifier(request, *keys, is_detached);
  if (!verifier) return complain(console, verifier.error());

  Exit exit = Exit::ok;
  const auto count = for_each_token(request.token, console, [&](std::string_view line) {
    const bool json = is_json(line);
    const auto verified = !is_detached ? (json ? verifier->verify_json(line) : verifier->verify(line))
                          : json       ? verifier->verify_json_detached(line, payload)
                                       : verifier->verify_detached(line, payload);
    if (verified) {
      show_valid(request, *verified, json, console);
    } else {
      show_invalid(verified.error(), request.json, console);
      exit = Exit::refused;
    }
  });
  if (count == 0) return complain(console, {"no message: give one as an argument, or one a line on standard input"});
  return exit;
}

}  // namespace signet::cli
