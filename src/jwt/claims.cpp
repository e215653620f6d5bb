#include "signet/claims.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "signet/secret.hpp"
#include "src/jose/base64url.hpp"
#include "src/jose/json_check.hpp"
#include "src/jwt/compact.hpp"
#include "src/jwt/registered_claims.hpp"

namespace signet {

namespace {

// Copies the bytes as they are: what is not UTF-8 must be found by the parser when the token is signed, not repaired
// here.
void append_quoted(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += digits[static_cast<unsigned char>(c) >> 4U];
      out += digits[static_cast<unsigned char>(c) & 15U];
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string quoted(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

std::string quoted(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const auto& text : texts) {
    if (out.size() > 1) out += ',';
    append_quoted(out, text);
  }
  out += ']';
  return out;
}

// What is out of range stays so: `to_json` refuses it.
std::string written(Time at) { return jwt::in_range(at) ? jwt::to_numeric_date(at) : "-1"; }

std::unexpected<Error> refused(std::string_view claim, std::string_view why) {
  return std::unexpected(
      Error{ErrorCode::invalid_configuration, "claim " + jwt::quoted_for_log(claim) + ": " + std::string{why}});
}

// Notes the first registered claim that has not its shape.
class ShapeCheck final : public json::MemberSink {
 public:
  void take(const json::FoundMember& member) override {
    const auto which = jwt::registered(member.raw_name, member.key);
    if (which && wrong.empty() && !jwt::has_shape(member.value, jwt::row(*which).shape)) wrong = member.raw_name;
  }
  std::string_view wrong;
};

}  // namespace

Claims& Claims::issuer(std::string_view iss) { return set("iss", iss); }
Claims& Claims::subject(std::string_view sub) { return set("sub", sub); }
Claims& Claims::audience(std::string_view aud) { return set("aud", aud); }
Claims& Claims::audience(std::vector<std::string> aud) { return set("aud", aud); }
Claims& Claims::id(std::string_view jti) { return set("jti", jti); }
Claims& Claims::random_id() { return id(jose::base64url_encode(Secret::random(16).reveal())); }

Claims& Claims::expires_at(Time at) { return put("exp", written(at), Source::written); }
Claims& Claims::not_before(Time at) { return put("nbf", written(at), Source::written); }
Claims& Claims::issued_at(Time at) { return put("iat", written(at), Source::written); }

Claims& Claims::expires_in(std::chrono::seconds lifetime) {
  erase("exp");
  lifetime_ = lifetime;
  return *this;
}

Claims& Claims::set(std::string_view name, std::string_view value) { return put(name, quoted(value), Source::written); }

Claims& Claims::set(std::string_view name, bool value) { return put(name, value ? "true" : "false", Source::written); }

Claims& Claims::set(std::string_view name, double value) {
  // Not JSON, and found not to be when the token is signed.
  if (!std::isfinite(value)) return set_json(name, "not a finite number");
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return put(name, std::string{digits.data(), end}, Source::written);
}

Claims& Claims::set(std::string_view name, const std::vector<std::string>& values) {
  return put(name, quoted(values), Source::written);
}

Claims& Claims::set_json(std::string_view name, std::string json) { return put(name, std::move(json), Source::caller); }

Claims& Claims::put(std::string_view name, std::string json, Source source) {
  if (name == "exp") lifetime_.reset();
  const auto entry = std::ranges::find(entries_, name, &Entry::name);
  if (entry == entries_.end()) {
    entries_.push_back({std::string{name}, std::move(json), source});
  } else {
    entry->json = std::move(json);
    entry->source = source;
  }
  return *this;
}

void Claims::erase(std::string_view name) {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.name == name; });
}

std::expected<std::string, Error> Claims::to_json(Time now) const {
  constexpr std::size_t for_lifetime = 48;  // "iat" and "exp"
  auto size = for_lifetime;
  for (const auto& entry : entries_) size += entry.name.size() + entry.json.size() + 4;
  std::string json;
  json.reserve(size);
  json += '{';
  const auto append = [&](std::string_view name, std::string_view value) {
    if (json.size() > 1) json += ',';
    append_quoted(json, name);
    json.append(":").append(value);
  };

  bool issued_at_is_set = false;
  for (const auto& entry : entries_) {
    // By itself first: `1,"admin":true` would be fine in the whole.
    if (entry.source == Source::caller && !json::parse(entry.json)) return refused(entry.name, "not strict JSON");
    issued_at_is_set |= entry.name == "iat";
    append(entry.name, entry.json);
  }
  if (lifetime_) {
    constexpr std::chrono::seconds longest{jwt::last_second};
    if (*lifetime_ <= std::chrono::seconds::zero() || *lifetime_ > longest) return refused("exp", "out of range");
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    if (!issued_at_is_set) append("iat", written(second));
    append("exp", written(second + *lifetime_));
  }
  json += '}';

  ShapeCheck shapes;
  if (!json::parse(json, {}, &shapes)) {
    return std::unexpected(Error{ErrorCode::invalid_configuration, "the claims are not strict JSON in UTF-8"});
  }
  if (!shapes.wrong.empty()) return refused(shapes.wrong, "not of its registered shape, or out of range");
  return json;
}

}  // namespace signet
