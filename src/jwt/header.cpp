#include "src/jwt/header.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "src/jose/algorithms.hpp"
#include "src/jose/ascii.hpp"
#include "src/jose/utf8.hpp"

namespace signet::jwt {

namespace {

// RFC 7515 section 4.1, RFC 7516 section 4.1, RFC 7518 section 4, RFC 7797 section 3.
constexpr std::array<std::string_view, 21> registered_headers{"alg",      "jku", "jwk", "kid",  "x5u", "x5c", "x5t",
                                                              "x5t#S256", "typ", "cty", "crit", "enc", "zip", "epk",
                                                              "apu",      "apv", "iv",  "tag",  "p2s", "p2c", "b64"};

std::string_view without_application(std::string_view type) noexcept {
  constexpr std::string_view prefix = "application/";
  return jose::equal_without_case(type.substr(0, prefix.size()), prefix) ? type.substr(prefix.size()) : type;
}

Error malformed(std::string_view member) {
  return Error{ErrorCode::token_malformed, std::string{"header: "}.append(member)};
}

std::unexpected<Error> critical(std::string detail) {
  return std::unexpected(Error{ErrorCode::critical_header, std::move(detail)});
}

}  // namespace

std::expected<void, Error> check_critical(const json::View& crit, const json::View& header,
                                          std::span<const std::string> understood) {
  if (crit.kind() != json::Kind::array) return critical("crit is not an array");
  std::vector<std::string> seen;
  for (const auto element : crit.elements()) {
    auto name = element.string();
    if (!name) return critical("crit holds something else than names");
    const bool is_understood = std::ranges::find(understood, *name) != understood.end();
    if (is_registered_header(*name) && !is_understood) return critical("crit names " + quoted_for_log(*name));
    if (std::ranges::find(seen, *name) != seen.end()) return critical("crit names a member twice");
    if (!header.find(*name)) return critical("crit names a member that is absent: " + quoted_for_log(*name));
    if (!is_understood) return critical("crit names an extension that is not understood: " + quoted_for_log(*name));
    seen.push_back(std::move(*name));
  }
  if (seen.empty()) return critical("crit is empty");
  return {};
}

void HeaderReader::take(const json::FoundMember& member) {
  if (refusal_) return;
  const auto name = resolved_.name_of(member);
  std::optional<std::string_view>* text = name == "alg"   ? &algorithm_
                                          : name == "kid" ? &header_.key_id
                                          : name == "typ" ? &header_.type
                                          : name == "cty" ? &content_
                                                          : nullptr;
  if (text != nullptr) {
    if (member.value.kind() == json::Kind::string) {
      *text = resolved_.text_of(member);
    } else {
      refusal_ = malformed(name);
    }
  } else if (name == "crit") {
    crit_ = member.value;
  } else if (name == "b64") {
    refusal_ = Error{ErrorCode::critical_header, "b64 in a JWT"};
  } else if (name == "enc" || name == "zip") {
    refusal_ = malformed(name);
  }
}

std::expected<Header, Error> HeaderReader::header(const json::View& object, std::span<const std::string> understood,
                                                  const Limits& limits) && {
  if (refusal_) return std::unexpected(*std::move(refusal_));
  if (!algorithm_) return std::unexpected(malformed("alg"));
  header_.json = object;
  header_.algorithm = *algorithm_;
  if (header_.key_id && header_.key_id->size() > limits.key_id_bytes) {
    return std::unexpected(Error{ErrorCode::token_too_large, "header: kid"});
  }
  if (content_ && is_type(*content_, "jwt")) return std::unexpected(malformed("cty announces a nested token"));
  if (crit_) {
    if (auto checked = check_critical(*crit_, object, understood); !checked) {
      return std::unexpected(std::move(checked.error()));
    }
  }
  return header_;
}

bool is_registered_header(std::string_view name) noexcept {
  return std::ranges::find(registered_headers, name) != registered_headers.end();
}

bool may_be_set(std::string_view name) noexcept {
  return !name.empty() && (!is_registered_header(name) || name == "x5t" || name == "x5t#S256");
}

bool is_name_for(std::string_view name, Algorithm algorithm_of_key) noexcept {
  const auto algorithm = algorithm_from_name(name);
  return algorithm && jose::is_name_of(*algorithm, algorithm_of_key);
}

std::expected<void, Error> check_own_members(std::initializer_list<const TextMembers*> parts) {
  const auto refused = [](std::string why) {
    return std::unexpected(Error{ErrorCode::invalid_configuration, std::move(why)});
  };
  std::vector<std::string_view> names;
  for (const TextMembers* members : parts) {
    for (const auto& [name, value] : *members) {
      const auto quoted = quoted_for_log(name);
      if (!may_be_set(name)) return refused("header member that is not the caller's: " + quoted);
      if (!is_utf8(name) || !is_utf8(value)) return refused("header member that is not UTF-8: " + quoted);
      if (std::ranges::find(names, name) != names.end()) return refused("header member twice: " + quoted);
      names.push_back(name);
    }
  }
  return {};
}

bool is_utf8(std::string_view text) noexcept {
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    const std::size_t length = json::utf8_length(at, end);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::string normal_type(std::string_view type) {
  std::string out{without_application(type)};
  std::ranges::transform(out, out.begin(), jose::lower);
  return out;
}

bool is_type(std::string_view type, std::string_view normal) noexcept {
  return jose::equal_without_case(without_application(type), normal);
}

}  // namespace signet::jwt
