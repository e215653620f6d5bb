#include "server/api/body.hpp"

#include <algorithm>

#include "server/api/problem.hpp"
#include "server/printable.hpp"
#include "signet/json.hpp"
#include "src/crypto/secure_memory.hpp"

namespace signet::server::api {
namespace {

using http::Request;
using http::Response;

// A form has one level and a handful of members.
constexpr Limits json_limits{.json_depth = 4, .json_members = 64};
constexpr std::size_t form_pairs = 64;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// The media type without its parameters (RFC 9110 section 8.3.1).
bool has_content_type(const Request& request, std::string_view wanted) {
  auto values = request.all("Content-Type");
  if (values.size() != 1) return false;
  auto type = values.front().substr(0, values.front().find(';'));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.remove_suffix(1);
  return std::ranges::equal(type, wanted, {}, lower);
}

// Nothing compressed is read: a small body could become a large one.
bool is_encoded(const Request& request) {
  auto encoding = request.header("Content-Encoding");
  return encoding && !std::ranges::equal(*encoding, std::string_view{"identity"}, {}, lower);
}

std::unexpected<Response> refuse(Problem what, std::string_view description = {}) {
  return std::unexpected(problem(what, description));
}

std::string names(std::span<const Field> fields) {
  std::string out;
  for (const Field& field : fields) out += (out.empty() ? "" : ", ") + std::string{field.name};
  return out;
}

void put_text(const json::View& value, std::string& out) {
  if (auto plain = value.plain_string()) {
    out = *plain;
  } else {
    auto text = *value.string();
    out = text;
    crypto::cleanse(text);
  }
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<std::string> form_decoded(std::string_view encoded) {
  std::string out;
  out.reserve(encoded.size());
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] == '+') {
      out += ' ';
    } else if (encoded[i] != '%') {
      out += encoded[i];
    } else {
      if (i + 2 >= encoded.size()) return std::nullopt;
      const int high = hex_digit(encoded[i + 1]), low = hex_digit(encoded[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

JsonForm::~JsonForm() {
  for (auto& [name, text] : texts_) crypto::cleanse(text);
}

const std::string* JsonForm::text_if(std::string_view name) const {
  auto found = std::ranges::find(texts_, name, &std::pair<std::string, std::string>::first);
  return found == texts_.end() ? nullptr : &found->second;
}

const std::string& JsonForm::text(std::string_view name) const { return *text_if(name); }

std::optional<bool> JsonForm::flag_if(std::string_view name) const {
  auto found = std::ranges::find(flags_, name, &std::pair<std::string, bool>::first);
  return found == flags_.end() ? std::nullopt : std::optional{found->second};
}

bool JsonForm::flag(std::string_view name) const { return flag_if(name).value_or(false); }

std::optional<std::int64_t> JsonForm::number(std::string_view name) const {
  auto found = std::ranges::find(numbers_, name, &std::pair<std::string, std::int64_t>::first);
  return found == numbers_.end() ? std::nullopt : std::optional{found->second};
}

std::vector<std::string> JsonForm::texts(std::string_view name) const {
  std::vector<std::string> out;
  for (const auto& [list, text] : elements_) {
    if (list == name) out.push_back(text);
  }
  return out;
}

std::expected<void, Response> JsonForm::take(const Field& field, json::View value) {
  const std::string name{field.name};
  switch (field.kind) {
    case FieldKind::text:
    case FieldKind::optional_text: {
      if (value.kind() != json::Kind::string) {
        return refuse(Problem::invalid_request, "`" + name + "` is not a string.");
      }
      texts_.emplace_back(name, std::string{});
      put_text(value, texts_.back().second);
      break;
    }
    case FieldKind::optional_flag: {
      auto flag = value.boolean();
      if (!flag) return refuse(Problem::invalid_request, "`" + name + "` is not true or false.");
      flags_.emplace_back(name, *flag);
      break;
    }
    case FieldKind::optional_number: {
      auto number = value.integer();
      if (!number) return refuse(Problem::invalid_request, "`" + name + "` is not a whole number.");
      numbers_.emplace_back(name, *number);
      break;
    }
    case FieldKind::optional_texts: {
      if (value.kind() != json::Kind::array) return refuse(Problem::invalid_request, "`" + name + "` is not a list.");
      for (const json::View element : value.elements()) {
        auto text = element.string();
        if (!text) return refuse(Problem::invalid_request, "`" + name + "` is not a list of strings.");
        elements_.emplace_back(name, std::move(*text));
      }
      break;
    }
  }
  return {};
}

std::expected<JsonForm, Response> parse_json(const Request& request, std::span<const Field> fields) {
  if (!has_content_type(request, "application/json")) {
    return refuse(Problem::unsupported_media_type, "Send the body as application/json.");
  }
  if (is_encoded(request)) return refuse(Problem::unsupported_media_type, "Send the body without a content coding.");
  auto value = json::parse(request.body, json_limits);
  if (!value) return refuse(Problem::invalid_request, "The body is not strict JSON.");
  if (value->kind() != json::Kind::object) return refuse(Problem::invalid_request, "The body is not a JSON object.");

  JsonForm form;
  form.texts_.reserve(fields.size());  // so that no text is moved, which would leave a short one behind
  for (const json::Member& member : value->members()) {
    auto field = std::ranges::find(fields, std::string_view{member.name}, &Field::name);
    if (field == fields.end()) return refuse(Problem::invalid_request, "Members known here: " + names(fields) + ".");
    if (auto taken = form.take(*field, member.value); !taken) return std::unexpected(std::move(taken.error()));
  }
  for (const Field& field : fields) {
    if (field.kind == FieldKind::text && !form.text_if(field.name)) {
      return refuse(Problem::invalid_request, "`" + std::string{field.name} + "` is missing.");
    }
  }
  return form;
}

bool UrlForm::is_printable() const {
  return std::ranges::all_of(pairs_, [](const auto& pair) { return printable(pair.second) == pair.second; });
}

std::optional<std::string_view> UrlForm::find(std::string_view name) const {
  auto found = std::ranges::find(pairs_, name, &std::pair<std::string, std::string>::first);
  if (found == pairs_.end()) return std::nullopt;
  return found->second;
}

bool UrlForm::has_only(std::span<const std::string_view> names) const {
  return std::ranges::all_of(pairs_,
                             [&](const auto& pair) { return std::ranges::find(names, pair.first) != names.end(); });
}

std::optional<UrlForm> parse_pairs(std::string_view encoded) {
  UrlForm form;
  while (!encoded.empty()) {
    const auto pair = encoded.substr(0, encoded.find('&'));
    encoded.remove_prefix(std::min(pair.size() + 1, encoded.size()));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = form_decoded(pair.substr(0, equals));
    auto value = form_decoded(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value || form.find(*name) || form.pairs_.size() == form_pairs) return std::nullopt;
    form.pairs_.add({std::move(*name), std::move(*value)});
  }
  return form;
}

std::expected<UrlForm, Response> parse_form(const Request& request) {
  if (!has_content_type(request, "application/x-www-form-urlencoded")) {
    return refuse(Problem::unsupported_media_type, "Send the body as application/x-www-form-urlencoded.");
  }
  if (is_encoded(request)) return refuse(Problem::unsupported_media_type, "Send the body without a content coding.");
  auto form = parse_pairs(request.body);
  if (!form) return refuse(Problem::invalid_request, "The form is malformed, or a parameter comes twice.");
  return std::move(*form);
}

}  // namespace signet::server::api
