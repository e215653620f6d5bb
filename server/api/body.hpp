#pragma once
// What clients send, read strictly: JSON objects and forms.

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/few.hpp"
#include "server/http/message.hpp"
#include "signet/json.hpp"

namespace signet::server::api {

struct Field;

// The members of a JSON object, each of the type that was asked for. Strings are UTF-8, and wiped at the end: passwords
// are among them.
class JsonForm {
 public:
  JsonForm() = default;
  JsonForm(JsonForm&&) noexcept = default;
  JsonForm& operator=(JsonForm&&) = delete;
  ~JsonForm();

  [[nodiscard]] const std::string& text(std::string_view name) const;  // Precondition: a required text field
  [[nodiscard]] const std::string* text_if(std::string_view name) const;
  [[nodiscard]] bool flag(std::string_view name) const;  // false when absent
  [[nodiscard]] std::optional<bool> flag_if(std::string_view name) const;
  [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> texts(std::string_view name) const;  // empty when absent

 private:
  friend std::expected<JsonForm, http::Response> parse_json(const http::Request&, std::span<const Field>);
  std::expected<void, http::Response> take(const Field& field, json::View value);
  std::vector<std::pair<std::string, std::string>> texts_;
  std::vector<std::pair<std::string, bool>> flags_;
  std::vector<std::pair<std::string, std::int64_t>> numbers_;
  std::vector<std::pair<std::string, std::string>> elements_;  // of the lists
};

enum class FieldKind : unsigned char { text, optional_text, optional_flag, optional_number, optional_texts };

struct Field {
  std::string_view name;
  FieldKind kind;
};

// The body as one JSON object with exactly these members (RFC 8259, strict: see signet/json.hpp). A member nobody knows
// is an error, so that a misspelt option is not silently left out. The answer otherwise: 415 for another content type,
// 400 with the member's name.
[[nodiscard]] std::expected<JsonForm, http::Response> parse_json(const http::Request& request,
                                                                 std::span<const Field> fields);

// A name or a value of a form (WHATWG's application/x-www-form-urlencoded), but %-sequences must be whole.
[[nodiscard]] std::optional<std::string> form_decoded(std::string_view encoded);

// application/x-www-form-urlencoded. A name that comes twice is an error (RFC 6749 section 3.2), names nobody knows are
// not: the same section says to leave them out.
class UrlForm {
 public:
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  [[nodiscard]] bool has_only(std::span<const std::string_view> names) const;
  // Whether each value is UTF-8 without control characters, as a database takes it.
  [[nodiscard]] bool is_printable() const;

 private:
  friend std::optional<UrlForm> parse_pairs(std::string_view);
  Few<std::pair<std::string, std::string>> pairs_;
};

[[nodiscard]] std::expected<UrlForm, http::Response> parse_form(const http::Request& request);

// The query of the URL. Nothing when it is malformed or a name comes twice.
[[nodiscard]] std::optional<UrlForm> parse_pairs(std::string_view encoded);

}  // namespace signet::server::api
