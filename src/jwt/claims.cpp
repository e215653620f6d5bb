#include "signet/claims.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "signet/limits.hpp"
#include "signet/secret.hpp"
#include "src/jose/base64url.hpp"
#include "src/jose/json_check.hpp"
#include "src/jose/json_text.hpp"
#include "src/jose/utf8.hpp"
#include "src/jwt/compact.hpp"
#include "src/jwt/registered_claims.hpp"

namespace signet {

namespace {

// Copies the bytes as they are: what is not UTF-8 must be found by the parser when the token is signed, not repaired
// here. Whether it is UTF-8.
bool append_quoted(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  bool is_utf8 = true;
  out += '"';
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    const char* const begin = at;
    while (at != end && static_cast<signed char>(*at) >= 0x20 && *at != '"' && *at != '\\') ++at;
    out.append(begin, at);
    if (at == end) break;
    const auto c = static_cast<unsigned char>(*at);
    if (c < 0x20) {
      out += "\\u00";
      out += digits[c >> 4U];
      out += digits[c & 15U];
      ++at;
    } else if (c < 0x80) {
      out += '\\';
      out += *at++;
    } else {
      const std::size_t length = json::utf8_length(at, end);
      is_utf8 &= length != 0;
      const std::size_t taken = length == 0 ? 1 : length;
      out.append(at, taken);
      at += taken;
    }
  }
  out += '"';
  return is_utf8;
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

Claims& Claims::expires_at(Time at) { return put_time("exp", at); }
Claims& Claims::not_before(Time at) { return put_time("nbf", at); }
Claims& Claims::issued_at(Time at) { return put_time("iat", at); }

Claims& Claims::expires_in(std::chrono::seconds lifetime) {
  erase("exp");
  lifetime_ = lifetime;
  return *this;
}

Claims& Claims::set(std::string_view name, std::string_view value) {
  std::string text;
  const bool is_utf8 = append_quoted(text, value);
  const auto which = jwt::registered(name);
  const bool fits = !which || jwt::row(*which).shape != jwt::Shape::instant;
  return put(name, text, is_utf8 && fits ? Source::sound : Source::written);
}

Claims& Claims::set(std::string_view name, bool value) { return put_scalar(name, value ? "true" : "false"); }

Claims& Claims::set(std::string_view name, double value) {
  // Not JSON, and found not to be when the token is signed.
  if (!std::isfinite(value)) return set_json(name, "not a finite number");
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return put_scalar(name, {digits.data(), end});
}

Claims& Claims::set(std::string_view name, const std::vector<std::string>& values) {
  return put(name, quoted(values), Source::written);
}

Claims& Claims::set_json(std::string_view name, std::string json) { return put(name, json, Source::caller); }

// A number or a boolean. No registered claim is a boolean, and which numbers they are is seen when the token is signed.
Claims& Claims::put_scalar(std::string_view name, std::string_view json) {
  return put(name, json, jwt::registered(name) ? Source::written : Source::sound);
}

Claims& Claims::put_time(std::string_view name, Time at) {
  return put(name, written(at), jwt::in_range(at) ? Source::sound : Source::written);
}

Claims& Claims::put(std::string_view name, std::string_view json, Source source) {
  if (name == "exp") lifetime_.reset();
  if (const auto entry = find(name); entry != entries_.end()) {
    members_.replace(entry->value, entry->end - 1 - entry->value, json);
    const auto end = entry->value + json.size() + 1;
    for (auto later = entry + 1; later != entries_.end(); ++later) {
      for (auto* place : {&later->name, &later->value, &later->end}) *place += end - entry->end;
    }
    entry->end = end;
    entry->source = source;
    return *this;
  }
  if (entries_.empty()) {  // as much as most tokens take
    members_.reserve(256);
    entries_.reserve(8);
  }
  const auto begin = members_.size();
  if (!append_quoted(members_, name) && source == Source::sound) source = Source::written;
  members_ += ':';
  const auto value = members_.size();
  members_.append(json) += ',';
  entries_.push_back({.name = begin, .value = value, .end = members_.size(), .source = source});
  return *this;
}

void Claims::erase(std::string_view name) {
  const auto entry = find(name);
  if (entry == entries_.end()) return;
  const auto size = entry->end - entry->name;
  members_.erase(entry->name, size);
  for (auto later = entry + 1; later != entries_.end(); ++later) {
    for (auto* place : {&later->name, &later->value, &later->end}) *place -= size;
  }
  entries_.erase(entry);
}

std::vector<Claims::Entry>::iterator Claims::find(std::string_view name) {
  return std::ranges::find_if(entries_, [&](const Entry& entry) {
    return json::stands_for(std::string_view{members_}.substr(entry.name + 1, entry.value - entry.name - 3), name);
  });
}

bool Claims::all_sound() const noexcept {
  constexpr std::size_t few = 64;  // with iat and exp no more than the limit of a parser's
  static_assert(few + 2 <= Limits{}.json_members);
  return entries_.size() <= few &&
         std::ranges::all_of(entries_, [](const Entry& entry) { return entry.source == Source::sound; });
}

std::expected<std::string, Error> Claims::to_json(Time now) const {
  constexpr std::size_t for_lifetime = 48;  // "iat" and "exp"
  const std::string_view members{members_};
  constexpr std::string_view issued_at = R"("iat")";
  bool issued_at_is_set = false;
  for (const auto& entry : entries_) {
    const auto name = members.substr(entry.name, entry.value - 1 - entry.name);
    issued_at_is_set |= name == issued_at;
    // By itself first: `1,"admin":true` would be fine in the whole.
    if (entry.source == Source::caller && !json::parse(members.substr(entry.value, entry.end - 1 - entry.value))) {
      return refused(json::unescaped(name.substr(1, name.size() - 2)), "not strict JSON");
    }
  }

  std::string json;
  json.reserve(members.size() + for_lifetime);
  json.append("{").append(members);
  bool is_sound = all_sound();
  if (lifetime_) {
    constexpr std::chrono::seconds longest{jwt::last_second};
    if (*lifetime_ <= std::chrono::seconds::zero() || *lifetime_ > longest) return refused("exp", "out of range");
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    is_sound &= jwt::in_range(second) && jwt::in_range(second + *lifetime_);
    if (!issued_at_is_set) json.append("\"iat\":").append(written(second)).append(",");
    json.append("\"exp\":").append(written(second + *lifetime_)).append(",");
  }
  if (json.size() == 1) {
    json += '}';
  } else {
    json.back() = '}';
  }
  if (is_sound) return json;

  ShapeCheck shapes;
  if (!json::parse(json, {}, &shapes)) {
    return std::unexpected(Error{ErrorCode::invalid_configuration, "the claims are not strict JSON in UTF-8"});
  }
  if (!shapes.wrong.empty()) return refused(shapes.wrong, "not of its registered shape, or out of range");
  return json;
}

}  // namespace signet
