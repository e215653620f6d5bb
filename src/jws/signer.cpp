#include "signet/json.hpp"
#include "signet/jws.hpp"
#include "src/jose/base64url.hpp"
#include "src/jose/serialization.hpp"
#include "src/jws/plan.hpp"

namespace signet {
namespace jws {
namespace {

constexpr std::size_t longest_payload = std::size_t{1} << 30;

std::unexpected<Error> refused(std::string why) {
  return std::unexpected(Error{ErrorCode::invalid_configuration, std::move(why)});
}

std::expected<void, Error> check(const Plan& plan, std::string_view payload) {
  if (payload.size() > longest_payload) return refused("more than a gibibyte at once");
  if (!jwt::is_utf8(plan.type) || !jwt::is_utf8(plan.content_type)) return refused("typ or cty is not UTF-8");
  for (const Plan::Signature& one : plan.signatures) {
    const std::string& key_id = one.key.key_id();
    if (!jwt::is_utf8(key_id)) return refused("kid is not UTF-8");
    if (key_id.size() > Limits{}.key_id_bytes) return refused("kid is too long");
    if (plan.algorithm_name && !jwt::is_name_for(*plan.algorithm_name, one.key.algorithm())) {
      return refused("alg that is not the key's: " + jwt::quoted_for_log(*plan.algorithm_name));
    }
    if (auto good = jwt::check_own_members({&plan.protected_members, &one.header}); !good) return good;
  }
  return {};
}

void set_all(json::Object& header, const jwt::TextMembers& members) {
  for (const auto& [name, value] : members) header.set(name, value);
}

std::string protected_header(const Plan& plan, const SigningKey& key) {
  json::Object header;
  header.set("alg", plan.algorithm_name ? std::string_view{*plan.algorithm_name} : name(key.algorithm()));
  if (!plan.type.empty()) header.set("typ", plan.type);
  if (!key.key_id().empty()) header.set("kid", key.key_id());
  if (!plan.content_type.empty()) header.set("cty", plan.content_type);
  if (plan.is_unencoded) header.set("b64", false).set("crit", std::vector<std::string>{"b64"});
  set_all(header, plan.protected_members);
  return header.text();
}

std::string unprotected_header(const Plan::Signature& signature) {
  if (signature.header.empty()) return {};
  json::Object header;
  set_all(header, signature.header);
  return header.text();
}

bool is_readable(const std::string& header) {
  return header.empty() || (header.size() <= Limits{}.header_bytes && json::parse(header));
}

}  // namespace

std::expected<Message::Signature, Error> sign_under(const SigningKey& key, std::string protected_header,
                                                    std::string header, std::string_view payload) {
  Message::Signature made{.protected_text = jose::base64url_encode(protected_header),
                          .protected_header = std::move(protected_header),
                          .header = std::move(header),
                          .signature = {}};
  auto signature = key.sign(signing_input(made, payload));
  if (!signature) return std::unexpected(std::move(signature).error());
  made.signature = std::move(*signature);
  return made;
}

std::expected<Message, Error> sign(const Plan& plan, std::string_view payload) {
  if (auto good = check(plan, payload); !good) return std::unexpected(std::move(good).error());
  Message message{.payload = plan.is_unencoded ? std::string{payload} : jose::base64url_encode(payload),
                  .signatures = {}};
  for (const Plan::Signature& one : plan.signatures) {
    auto header = protected_header(plan, one.key), own = unprotected_header(one);
    if (!is_readable(header) || !is_readable(own)) return refused("the header is too large");
    auto signature = sign_under(one.key, std::move(header), std::move(own), *message.payload);
    if (!signature) return std::unexpected(std::move(signature).error());
    message.signatures.push_back(std::move(*signature));
  }
  if (plan.is_detached) message.payload.reset();
  return message;
}

namespace {

using Written = std::expected<std::string, Error>;

Written written(const Plan& plan, std::string_view payload, std::string (*write)(const Message&)) {
  const auto message = sign(plan, payload);
  if (!message) return std::unexpected(message.error());
  return write(*message);
}

// A payload that stands in the message as it is must be what the serialization can hold.
bool stands_as_it_is(const Plan& plan) { return plan.is_unencoded && !plan.is_detached; }

Written written_json(const Plan& plan, std::string_view payload, std::string (*write)(const Message&)) {
  if (stands_as_it_is(plan) && !fits_json(payload)) return refused("the unencoded payload is not UTF-8");
  return written(plan, payload, write);
}

}  // namespace
}  // namespace jws

JwsSigner::JwsSigner(SigningKey key)
    : plan_{std::make_shared<const jws::Plan>(jws::Plan{.signatures = {{std::move(key)}}})} {}

// A copy of its own, for another signer may share this one.
jws::Plan& JwsSigner::edit() {
  auto copy = std::make_shared<jws::Plan>(*plan_);
  jws::Plan& plan = *copy;
  plan_ = std::move(copy);
  return plan;
}

JwsSigner& JwsSigner::also_by(SigningKey key) {
  edit().signatures.push_back({std::move(key)});
  return *this;
}

JwsSigner& JwsSigner::type(std::string_view typ) {
  edit().type = typ;
  return *this;
}

JwsSigner& JwsSigner::content_type(std::string_view cty) {
  edit().content_type = cty;
  return *this;
}

JwsSigner& JwsSigner::header(std::string_view name, std::string_view value) {
  jws::Plan& plan = edit();
  if (name == "alg" && !plan.algorithm_name) {
    plan.algorithm_name = value;
  } else {
    plan.protected_members.emplace_back(name, value);
  }
  return *this;
}

JwsSigner& JwsSigner::unprotected_header(std::string_view name, std::string_view value) {
  edit().signatures.back().header.emplace_back(name, value);
  return *this;
}

JwsSigner& JwsSigner::unencoded() {
  edit().is_unencoded = true;
  return *this;
}

JwsSigner& JwsSigner::detached() {
  edit().is_detached = true;
  return *this;
}

std::expected<std::string, Error> JwsSigner::sign(std::string_view payload) const {
  const jws::Plan& plan = *plan_;
  if (plan.signatures.size() != 1) return jws::refused("a compact message has one signature");
  if (!plan.signatures.front().header.empty()) return jws::refused("a compact message has no unprotected header");
  if (jws::stands_as_it_is(plan) && !jws::fits_compact(payload)) {
    return jws::refused("the unencoded payload has bytes that compact cannot carry: detach it");
  }
  return jws::written(plan, payload, jws::write_compact);
}

std::expected<std::string, Error> JwsSigner::sign_flattened(std::string_view payload) const {
  if (plan_->signatures.size() != 1) return jws::refused("a flattened message has one signature");
  return jws::written_json(*plan_, payload, jws::write_flattened);
}

std::expected<std::string, Error> JwsSigner::sign_general(std::string_view payload) const {
  if (plan_->signatures.size() > jose::most_parts) return jws::refused("more than 32 signatures");
  return jws::written_json(*plan_, payload, jws::write_general);
}

}  // namespace signet
