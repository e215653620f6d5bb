#include "cli/verify.hpp"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "cli/input.hpp"
#include "cli/show.hpp"
#include "cli/text.hpp"
#include "cli/time.hpp"
#include "cli/verify_raw.hpp"
#include "signet/json.hpp"
#include "signet/limits.hpp"
#include "signet/verifier.hpp"

namespace signet::cli {
namespace {

// Verifiers that differ in the `typ` they expect: one unless the command line leaves it open.
using Verifiers = std::vector<Verifier>;

std::expected<void, Trouble> check(const VerifyRequest& request) {
  if (request.any_issuer && !request.issuers.empty()) {
    return std::unexpected(Trouble{"--iss and --any-iss exclude each other"});
  }
  if (request.any_audience && !request.audiences.empty()) {
    return std::unexpected(Trouble{"--aud and --any-aud exclude each other"});
  }
  if (request.all_audiences && request.audiences.empty()) {
    return std::unexpected(Trouble{"--all-aud needs --aud"});
  }
  if (request.any_type && !request.type.empty()) {
    return std::unexpected(Trouble{"--typ and --any-typ exclude each other"});
  }
  return {};
}

std::expected<VerifierBuilder, Trouble> policy(const VerifyRequest& request, const VerifyingKeys& keys,
                                               std::shared_ptr<const Clock> clock) {
  VerifierBuilder builder = Verifier::builder();
  if (keys.one) builder.key(*keys.one);
  if (keys.set) builder.keys(*keys.set);

  if (request.issuers.empty()) {
    builder.any_issuer();
  } else {
    builder.issuers(request.issuers);
  }
  if (request.audiences.empty()) {
    builder.any_audience();
  } else if (request.all_audiences) {
    builder.all_of_audiences(request.audiences);
  } else {
    builder.any_of_audiences(request.audiences);
  }
  if (!request.subject.empty()) builder.subject(request.subject);

  const auto duration = [](std::string_view flag, const std::string& text) {
    const auto parsed = parse_duration(text);
    return parsed ? std::expected<std::chrono::seconds, Trouble>{*parsed}
                  : std::unexpected(Trouble{fmt::format("{} takes a length of time: 30s, 15m, 2h, 7d", flag)});
  };
  if (!request.leeway.empty()) {
    const auto leeway = duration("--leeway", request.leeway);
    if (!leeway) return std::unexpected(leeway.error());
    builder.leeway(*leeway);
  }
  if (!request.maximum_age.empty()) {
    const auto age = duration("--max-age", request.maximum_age);
    if (!age) return std::unexpected(age.error());
    builder.maximum_age(*age);
  }
  if (request.allow_missing_expiry) builder.allow_missing_expiry();
  if (request.require_not_before) builder.require_not_before();
  for (const std::string& claim : request.required) builder.require(claim);
  builder.clock(std::move(clock));
  return builder;
}

std::expected<Verifiers, Trouble> make_verifiers(const VerifyRequest& request, const VerifyingKeys& keys,
                                                 std::shared_ptr<const Clock> clock) {
  auto builder = policy(request, keys, std::move(clock));
  if (!builder) return std::unexpected(builder.error());
  Verifiers verifiers;
  const auto add = [&]() -> std::expected<void, Trouble> {
    auto verifier = builder->build();
    if (!verifier) return std::unexpected(Trouble{verifier.error().detail()});
    verifiers.push_back(std::move(*verifier));
    return {};
  };
  if (request.any_type) builder->any_type();
  if (!request.type.empty()) builder->type(request.type);
  if (auto added = add(); !added) return std::unexpected(added.error());
  if (!request.any_type && request.type.empty()) {
    // A person who names no type means a plain token or an access token (RFC 9068), and no other kind (case 45).
    builder->type("at+jwt");
    if (auto added = add(); !added) return std::unexpected(added.error());
  }
  return verifiers;
}

// The instant of --at, or the time as it goes on: tokens may come for hours. Null when --at is no time.
std::shared_ptr<const Clock> clock_for(const VerifyRequest& request, const Console& console) {
  if (request.at.empty()) return {std::shared_ptr<void>{}, &console.clock};
  const auto at = parse_time(request.at, console.clock.now());
  return at ? std::make_shared<const ManualClock>(*at) : nullptr;
}

std::expected<VerifiedToken, Error> verify_with(const Verifiers& verifiers, std::string_view token) {
  auto result = verifiers.front().verify(token);
  for (std::size_t i = 1; i < verifiers.size() && !result && result.error().code() == ErrorCode::type_mismatch; ++i) {
    result = verifiers[i].verify(token);
  }
  return result;
}

std::string reasons(const Error& error) {
  if (error.failures().empty()) {
    const std::string detail = error.detail();
    return detail.empty() ? std::string{to_string(error.code())}
                          : fmt::format("{}: {}", to_string(error.code()), printable(detail));
  }
  std::string all;
  for (const Failure& failure : error.failures()) {
    if (!all.empty()) all += ", ";
    all += fmt::format("{} ({})", to_string(failure.code), printable(failure.claim));
  }
  return all;
}

class Report {
 public:
  Report(const VerifyRequest& request, Console& console, const Clock& clock)
      : request_{request}, console_{console}, clock_{clock} {}

  void valid(const VerifiedToken& token) {
    any_valid_ = true;
    const json::View header = token.header();
    const json::View claims = token.claims();
    if (request_.json) {
      json::Object line;
      line.set("valid", true).set_raw("header", one_line(header.text())).set_raw("claims", one_line(claims.text()));
      console_.out << printable(line.text()) << '\n';
    } else if (console_.terminal) {
      console_.out << styled(console_.out_colour, Style::good, "valid") << "  " << name(token.algorithm());
      if (const auto kid = token.key_id()) console_.out << ", key " << printable(*kid);
      console_.out << '\n';
      show_members(console_, claims, clock_.now());
    } else {
      console_.out << "valid " << printable(one_line(claims.text())) << '\n';
    }
  }

  // A good answer must not be taken for more than was asked.
  void unchecked() {
    if (request_.json || !any_valid_) return;
    std::string missing;
    if (request_.issuers.empty() && !request_.any_issuer) missing += " the issuer (--iss)";
    if (request_.audiences.empty() && !request_.any_audience) {
      missing += missing.empty() ? " the audience (--aud)" : ", the audience (--aud)";
    }
    if (missing.empty()) return;
    console_.err << styled(console_.err_colour, Style::warning, "not checked:") << missing << '\n';
  }

 private:
  const VerifyRequest& request_;
  Console& console_;
  const Clock& clock_;
  bool any_valid_ = false;
};

// What only --raw has a use for.
bool asks_for_raw(const VerifyRequest& request) {
  return !request.payload_file.empty() || request.all_signatures || request.allow_unprotected_algorithm;
}

}  // namespace

void show_invalid(const Error& error, bool json, Console& console) {
  if (json) {
    json::Array failures;
    for (const Failure& failure : error.failures()) {
      failures.add(json::Object{}.set("error", to_string(failure.code)).set("claim", failure.claim));
    }
    json::Object line;
    line.set("valid", false).set("error", to_string(error.code())).set("failures", failures);
    line.set("detail", error.detail());
    console.out << printable(line.text()) << '\n';
    return;
  }
  console.out << styled(console.out_colour, Style::bad, "invalid") << ' ' << reasons(error) << '\n';
}

Exit verify(const VerifyRequest& request, Console& console) {
  const bool from_input = !request.token || request.token == "-";
  if (from_input && (request.keys.key == "-" || request.keys.jwk == "-" || request.keys.jwks == "-")) {
    return complain(console, {"the key and the tokens cannot both come from standard input"});
  }
  if (request.raw) return verify_raw(request, console);
  if (asks_for_raw(request)) {
    return complain(console, {"--payload, --all-signatures and --allow-unprotected-alg go with --raw"});
  }
  if (auto sound = check(request); !sound) return complain(console, sound.error());
  const auto clock = clock_for(request, console);
  if (!clock) return complain(console, {fmt::format("--at takes a time: {}", time_forms)});
  const auto keys = load_verifying_keys(request.keys, console);
  if (!keys) return complain(console, keys.error());
  const auto verifiers = make_verifiers(request, *keys, clock);
  if (!verifiers) return complain(console, verifiers.error());

  Report report{request, console, *clock};
  Exit exit = Exit::ok;
  const auto count = for_each_token(request.token, console, [&](std::string_view token) {
    if (auto verified = verify_with(*verifiers, token)) {
      report.valid(*verified);
    } else {
      show_invalid(verified.error(), request.json, console);
      const auto hint = verified.error().code() == ErrorCode::token_malformed ? hint_at_token(token) : std::string{};
      if (!hint.empty() && !request.json) complain(console, {hint});
      exit = Exit::refused;
    }
  });
  if (count == 0) return complain(console, {"no token: give one as an argument, or one a line on standard input"});
  report.unchecked();
  return exit;
}

}  // namespace signet::cli
