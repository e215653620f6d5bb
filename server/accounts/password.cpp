#include "server/accounts/password.hpp"

#include <sodium/utils.h>
#include <zxcvbn.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "server/accounts/unicode.hpp"

namespace signet::server {
namespace {

using unicode::CodePoint;

std::unexpected<PasswordProblem> refuse(PasswordFault fault, std::string reason) {
  return std::unexpected(PasswordProblem{fault, std::move(reason)});
}

// What zxcvbn is shown of a text: it counts bytes, so each letter outside ASCII becomes one byte of its own, in lower
// case. Seen as UTF-8, repeated or sequential letters of other scripts would pass for random. Zeroed when it goes.
class Estimated {
 public:
  explicit Estimated(std::string_view utf8) {
    auto text = unicode::normalize(utf8, unicode::Form::nfc);
    if (!text) return;
    for (const CodePoint point : text->points()) {
      if (bytes_.size() == longest) break;
      bytes_.push_back(static_cast<char>(point < 0x80 ? point : 0x80 | (unicode::to_lower(point) & 0x7F)));
    }
  }
  Estimated(const Estimated&) = delete;
  Estimated& operator=(const Estimated&) = delete;
  ~Estimated() { sodium_memzero(bytes_.data(), bytes_.size()); }

  [[nodiscard]] const char* text() const noexcept { return bytes_.c_str(); }
  [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

 private:
  // Its time grows with the square of the length, and what follows can only make a password harder to guess.
  static constexpr std::size_t longest = 100;
  std::string bytes_ = reserved();
  static std::string reserved() {
    std::string bytes;
    bytes.reserve(longest);  // no copies left behind by growing
    return bytes;
  }
};

void lower(std::string& text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
}

// The words an attacker tries first for this account: the username, its parts, the service's names.
std::vector<std::string> first_guesses(std::string_view username, const PasswordPolicy& policy) {
  std::vector<std::string> words;
  const auto add = [&](std::string word) {
    lower(word);
    if (word.size() >= 3) words.push_back(std::move(word));
  };
  const std::string name = Estimated{username}.bytes();
  add(name);
  std::string part;
  for (const char c : name) {
    if (std::string_view{".-_@+"}.contains(c)) {
      add(std::exchange(part, {}));
    } else {
      part.push_back(c);
    }
  }
  if (part.size() < name.size()) add(std::move(part));
  for (const auto& word : policy.blocked_words) add(Estimated{word}.bytes());
  return words;
}

std::string_view explain(int type) {
  if (type & MULTIPLE_MATCH) type = REPEATS_MATCH;
  switch (type) {
    case USER_MATCH:
    case USER_LEET_MATCH:
      return "It is too close to the username or to the name of this service.";
    case DICTIONARY_MATCH:
    case DICT_LEET_MATCH:
      return "It is, or is made of, words and passwords that are guessed first.";
    case REPEATS_MATCH:
      return "Repeated characters are guessed first.";
    case SEQUENCE_MATCH:
      return "Sequences like abc or 123 are guessed first.";
    case SPATIAL_MATCH:
      return "Rows of keys on the keyboard are guessed first.";
    case DATE_MATCH:
    case YEAR_MATCH:
      return "Dates and years are guessed first.";
    default:
      return "It is too short to be hard to guess.";
  }
}

unsigned score_of(double bits) {
  const double guesses_log10 = bits * std::log10(2.0);
  unsigned score = 0;
  for (const double limit : {3.0, 6.0, 8.0, 10.0}) score += guesses_log10 >= limit;
  return score;
}

}  // namespace

std::expected<Secret, PasswordProblem> prepare_password(std::string_view text) {
  const auto too_long = [] { return refuse(PasswordFault::too_long, "A password can have at most 1024 bytes."); };
  if (text.empty()) return refuse(PasswordFault::too_short, "A password cannot be empty.");
  if (text.size() > password_bytes) return too_long();
  auto prepared = unicode::normalize(text, unicode::Form::nfc);
  if (!prepared) return refuse(PasswordFault::not_utf8, "A password must be valid UTF-8.");
  // Some spaces are composed away by NFC and some are not: mapping them after it gives the same as before it.
  std::ranges::replace_if(prepared->points(), unicode::is_space, ' ');
  if (!std::ranges::all_of(prepared->points(), unicode::in_freeform_class)) {
    return refuse(PasswordFault::forbidden_character,
                  "A password cannot have control characters or characters that do not show.");
  }
  auto utf8 = unicode::encode(prepared->points());
  auto secret = Secret::from_text(utf8);
  sodium_memzero(utf8.data(), utf8.size());
  if (secret.size() > password_bytes) return too_long();
  return secret;
}

std::expected<void, PasswordProblem> check_strength(const Secret& prepared, std::string_view username,
                                                    const PasswordPolicy& policy) {
  const auto is_first_byte = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  const auto length = static_cast<std::size_t>(std::ranges::count_if(prepared.reveal_text(), is_first_byte));
  if (length < policy.minimum_length) {
    return refuse(PasswordFault::too_short,
                  "A password needs at least " + std::to_string(policy.minimum_length) + " characters.");
  }
  const Estimated password{prepared.reveal_text()};
  const auto words = first_guesses(username, policy);
  std::vector<const char*> guesses;
  for (const auto& word : words) guesses.push_back(word.c_str());
  guesses.push_back(nullptr);
  ZxcMatch_t* found = nullptr;
  const double bits = ZxcvbnMatch(password.text(), guesses.data(), &found);
  const std::unique_ptr<ZxcMatch_t, decltype(&ZxcvbnFreeInfo)> matches{found, ZxcvbnFreeInfo};
  if (score_of(bits) >= policy.minimum_score) return {};

  int type = BRUTE_MATCH, longest = 0;
  for (const auto* match = matches.get(); match; match = match->Next) {
    if ((match->Type & ~MULTIPLE_MATCH) == BRUTE_MATCH || match->Length <= longest) continue;
    type = match->Type;
    longest = match->Length;
  }
  return refuse(PasswordFault::guessable, "This password is easy to guess. " + std::string{explain(type)} +
                                              " Several unrelated words are easy to remember and hard to guess.");
}

}  // namespace signet::server
