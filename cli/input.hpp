#pragma once
// What commands read: files, standard input, environment variables. All of it bounded.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "cli/console.hpp"
#include "signet/secret.hpp"
#include "src/crypto/secure_memory.hpp"

namespace signet::cli {

// Errors when `path` is a key or a token itself, which then is not repeated.
[[nodiscard]] std::expected<void, Trouble> check_path(std::string_view flag, std::string_view path);

// A file descriptor that is closed when it goes.
class Descriptor {
 public:
  explicit Descriptor(int number) noexcept : number_{number} {}
  Descriptor(Descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();
  [[nodiscard]] int number() const noexcept { return number_; }
  [[nodiscard]] explicit operator bool() const noexcept { return number_ >= 0; }

 private:
  int number_;
};

// All of it, or false with errno.
[[nodiscard]] bool write_all(const Descriptor& file, std::string_view bytes);

// A whole file, or standard input for `-`, that may hold a private key. `flag` is named in errors.
[[nodiscard]] std::expected<Secret, Trouble> read_secret(std::string_view flag, const std::string& path,
                                                         Console& console, std::size_t limit = std::size_t{64} * 1024);

// A file whose text, less one line end, opens a private key or hides one.
[[nodiscard]] std::expected<Secret, Trouble> read_passphrase(std::string_view flag, const std::string& path,
                                                             Console& console);

// The same for public text of at most `limit` bytes.
[[nodiscard]] std::expected<std::string, Trouble> read_text(std::string_view flag, const std::string& path,
                                                            std::size_t limit, Console& console);

// The secret in the environment variable `variable`. The error does not repeat the name: it may be a secret that was
// put where its variable's name belongs.
[[nodiscard]] std::expected<Secret, Trouble> read_environment(std::string_view flag, const std::string& variable);

// Writes `text` and a line end (unless it has one, or is no text) to a new file of that mode. Refuses to overwrite.
// Durable when it returns; no half-written file is left behind.
enum class LineEnd : std::uint8_t { added, as_it_is };
[[nodiscard]] std::expected<void, Trouble> write_new_file(std::string_view flag, const std::string& path,
                                                          std::string_view text, unsigned mode,
                                                          LineEnd ending = LineEnd::added);

// Lines without their end (LF or CR LF). Of a longer line than `limit` only the first limit + 1 bytes are kept, so that
// whoever reads it sees that it is too long; nothing is ever held beyond that. A line may be a password: it is wiped.
class LineReader {
 public:
  LineReader(std::istream& in, std::size_t limit) : in_{in}, limit_{limit} {}

  // False at the end of the input. The view lives until the next call.
  [[nodiscard]] bool next(std::string_view& line);

  // Whether the next line may have to be waited for.
  [[nodiscard]] bool may_wait() { return in_.rdbuf()->in_avail() <= 0; }

 private:
  std::istream& in_;
  std::size_t limit_;
  crypto::SecretText line_;
};

// What may have been meant by a text that is no token: an encrypted one, one with its scheme before it, the name of a
// file. Empty when nothing comes to mind.
[[nodiscard]] std::string hint_at_token(std::string_view text);

// Gives `answer` the token that was an argument or, without one or with `-`, each line of standard input, no longer
// than a token may be. How many there were.
std::size_t for_each_token(const std::optional<std::string>& token, Console& console,
                           const std::function<void(std::string_view)>& answer);

}  // namespace signet::cli
