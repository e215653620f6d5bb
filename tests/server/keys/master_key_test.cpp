#include "server/keys/master_key.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "server/keys/master_key_file.hpp"
#include "tests/server/store/engines.hpp"

namespace signet::server {
namespace {

using testing::TemporaryDirectory;

Secret counting_bytes(std::size_t size) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<std::byte>(i));
  return Secret::from_bytes(bytes);
}
MasterKey counting_key() { return std::move(MasterKey::from_bytes(counting_bytes(32)).value()); }

std::string hex(const Secret& secret) {
  std::string text;
  for (const auto byte : secret.reveal()) {
    text += "0123456789abcdef"[std::to_integer<int>(byte) >> 4];
    text += "0123456789abcdef"[std::to_integer<int>(byte) & 15];
  }
  return text;
}

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span{text}); }

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}
void write_file(const std::filesystem::path& path, std::string_view text, mode_t mode = 0600) {
  std::ofstream{path} << text;
  ASSERT_EQ(::chmod(path.c_str(), mode), 0);
}
mode_t mode_of(const std::filesystem::path& path) {
  struct stat status{};
  EXPECT_EQ(::lstat(path.c_str(), &status), 0);
  return status.st_mode & 07777;
}
std::size_t files_in(const std::filesystem::path& directory) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator{directory}, {}));
}

class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_{name} { ::setenv(name, value.c_str(), 1); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() { ::unsetenv(name_); }

 private:
  const char* name_;
};

// HKDF-SHA-256 of bytes 00..1f, no salt, info "signet sub-key refresh tokens", computed with Python's hmac module.
TEST(MasterKey, derives_a_key_for_each_use_as_rfc_5869_does) {
  EXPECT_EQ(hex(counting_key().sub_key("refresh tokens", 42)),
            "21e27a97a66efb766e367a3de87b800ac5a3bdf184cb5b34ea75fed9e796449413d41b39bc08fca6c15d");
  EXPECT_EQ(counting_key().sub_key("refresh tokens").size(), 32U);
  EXPECT_NE(hex(counting_key().sub_key("refresh tokens")), hex(counting_key().sub_key("cookies")));
  EXPECT_NE(hex(MasterKey::random().sub_key("cookies")), hex(MasterKey::random().sub_key("cookies")));
}

TEST(MasterKey, has_exactly_32_bytes) {
  for (const std::size_t size : {0, 16, 31, 33, 64}) EXPECT_FALSE(MasterKey::from_bytes(counting_bytes(size))) << size;
}

TEST(MasterKey, opens_what_it_sealed_and_nothing_is_left_readable) {
  const auto key = counting_key();
  for (const std::string_view text : {"", "x", "a private key of some length, spelled out"}) {
    const auto sealed = key.seal(bytes_of(text), "row 1");
    const auto opened = key.open(sealed, "row 1");
    ASSERT_TRUE(opened) << opened.error().detail();
    EXPECT_EQ(opened->reveal_text(), text);
    EXPECT_NE(sealed, key.seal(bytes_of(text), "row 1")) << "a nonce of its own each time";
    if (text.size() > 1) {
      EXPECT_TRUE(std::ranges::search(sealed, bytes_of(text).first(8)).empty());
    }
  }
}

TEST(MasterKey, refuses_sealed_bytes_of_which_any_bit_was_changed) {
  const auto key = counting_key();
  const auto sealed = key.seal(bytes_of("secret"), "row 1");
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    auto changed = sealed;
    changed[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    ASSERT_FALSE(key.open(changed, "row 1")) << bit;
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    ASSERT_FALSE(key.open(std::span{sealed}.first(size), "row 1")) << size;
  }
  auto longer = sealed;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(key.open(longer, "row 1"));
}

TEST(MasterKey, refuses_what_was_sealed_for_elsewhere_or_under_another_key) {
  const auto key = counting_key();
  const auto sealed = key.seal(bytes_of("secret"), "row 1");
  for (const auto context : {"row 2", "", "row 11", "row "}) {
    const auto opened = key.open(sealed, context);
    ASSERT_FALSE(opened) << context;
    EXPECT_EQ(opened.error().code(), ErrorCode::key_malformed);
  }
  const auto opened = MasterKey::random().open(sealed, "row 1");
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().detail().find("another master key"), std::string::npos) << opened.error().detail();
}

TEST(MasterKey, file_is_made_at_first_start_for_its_owner_only_and_read_at_the_second) {
  const TemporaryDirectory directory;
  const auto data = directory.path() / "new" / "data";
  const auto first = MasterKey::open_or_create(data);
  ASSERT_TRUE(first) << first.error().detail();
  EXPECT_EQ(mode_of(data / "master.key"), 0600U);
  EXPECT_EQ(mode_of(data), 0700U);
  EXPECT_EQ(read_file(data / "master.key").size(), 44U) << "43 characters and a line end";
  EXPECT_EQ(files_in(data), 1U) << "no unfinished file is left";
  const auto second = MasterKey::open_or_create(data);
  ASSERT_TRUE(second);
  EXPECT_EQ(hex(first->sub_key("x")), hex(second->sub_key("x")));
}

TEST(MasterKey, of_many_processes_that_start_at_once_all_get_the_same) {
  const TemporaryDirectory directory;
  std::vector<std::string> keys(16);
  {
    std::vector<std::jthread> threads;
    for (auto& key : keys) {
      threads.emplace_back([&] {
        if (const auto master = MasterKey::open_or_create(directory.path())) key = hex(master->sub_key("x"));
      });
    }
  }
  EXPECT_FALSE(keys[0].empty());
  for (const auto& key : keys) EXPECT_EQ(key, keys[0]);
  EXPECT_EQ(files_in(directory.path()), 1U);
}

TEST(MasterKey, file_that_others_may_read_or_write_is_refused) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(MasterKey::open_or_create(directory.path()));
  const auto path = directory.path() / "master.key";
  for (const mode_t mode : {0644U, 0640U, 0604U, 0620U, 0602U, 0610U, 0666U}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    const auto key = MasterKey::open_or_create(directory.path());
    ASSERT_FALSE(key) << std::oct << mode;
    EXPECT_EQ(key.error().code(), ErrorCode::input_output);
    EXPECT_NE(key.error().detail().find("master.key"), std::string::npos);
  }
  for (const mode_t mode : {0600U, 0400U}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    EXPECT_TRUE(MasterKey::open_or_create(directory.path())) << std::oct << mode;
  }
}

TEST(MasterKey, directory_that_others_may_write_is_refused) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(MasterKey::open_or_create(directory.path()));
  for (const mode_t mode : {0770U, 0702U, 01777U}) {
    ASSERT_EQ(::chmod(directory.path().c_str(), mode), 0);
    EXPECT_FALSE(MasterKey::open_or_create(directory.path())) << std::oct << mode;
  }
  ASSERT_EQ(::chmod(directory.path().c_str(), 0750), 0);
  EXPECT_TRUE(MasterKey::open_or_create(directory.path()));
}

TEST(MasterKey, file_that_is_a_link_or_a_directory_is_refused) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "master.key";
  ASSERT_TRUE(MasterKey::open_or_create(directory.path() / "real"));
  std::filesystem::create_symlink(directory.path() / "real" / "master.key", path);
  EXPECT_FALSE(MasterKey::open_or_create(directory.path()));
  std::filesystem::remove(path);
  std::filesystem::create_symlink(directory.path() / "nowhere", path);
  EXPECT_FALSE(MasterKey::open_or_create(directory.path())) << "a dangling link is not followed into a new key";
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "nowhere"));
  std::filesystem::remove(path);
  std::filesystem::create_directory(path);
  EXPECT_FALSE(MasterKey::open_or_create(directory.path()));
}

TEST(MasterKey, file_that_does_not_hold_one_is_refused_and_left_alone) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "master.key";
  const std::string good(43, 'A');
  for (const auto& text :
       {std::string{}, std::string{"\n"}, std::string(42, 'A'), std::string(44, 'A'), good + "\n\n", good + "=",
        std::string(42, 'A') + "!", std::string(42, 'A') + "B", " " + good, std::string(5000, 'A')}) {
    write_file(path, text);
    const auto key = MasterKey::open_or_create(directory.path());
    ASSERT_FALSE(key) << text;
    EXPECT_EQ(key.error().code(), ErrorCode::key_malformed);
    EXPECT_EQ(read_file(path), text);
    if (!text.empty() && text != "\n") {
      EXPECT_EQ(key.error().detail().find(text), std::string::npos);
    }
  }
  for (const auto& text : {good, good + "\n", good + "\r\n"}) {
    write_file(path, text);
    EXPECT_TRUE(MasterKey::open_or_create(directory.path())) << text.size();
  }
}

TEST(MasterKey, comes_from_the_environment_or_the_file_it_names_before_the_folder) {
  const TemporaryDirectory directory;
  const std::string zeros(43, 'A');
  const auto expected = hex(MasterKey::from_bytes(Secret::from_bytes(std::vector<std::byte>(32)))->sub_key("x"));
  {
    const Environment variable{"SIGNET_MASTER_KEY", zeros};
    const auto key = MasterKey::load(directory.path() / "data");
    ASSERT_TRUE(key) << key.error().detail();
    EXPECT_EQ(hex(key->sub_key("x")), expected);
    const Environment file{"SIGNET_MASTER_KEY_FILE", "/etc/hostname"};
    EXPECT_EQ(MasterKey::load(directory.path() / "data").error().code(), ErrorCode::invalid_configuration);
  }
  {
    write_file(directory.path() / "secret", zeros + "\n", 0440);  // as orchestrators mount them
    const Environment file{"SIGNET_MASTER_KEY_FILE", (directory.path() / "secret").string()};
    const auto key = MasterKey::load(directory.path() / "data");
    ASSERT_TRUE(key) << key.error().detail();
    EXPECT_EQ(hex(key->sub_key("x")), expected);
  }
  for (const mode_t mode : {0444U, 0604U, 0620U, 0602U}) {
    ASSERT_EQ(::chmod((directory.path() / "secret").c_str(), mode), 0);
    const Environment file{"SIGNET_MASTER_KEY_FILE", (directory.path() / "secret").string()};
    const auto key = MasterKey::load(directory.path() / "data");
    ASSERT_FALSE(key) << std::oct << mode;
    EXPECT_NE(key.error().detail().find("SIGNET_MASTER_KEY_FILE: "), std::string::npos) << key.error().detail();
  }
  {
    const Environment variable{"SIGNET_MASTER_KEY", "not a key but a secret"};
    const auto key = MasterKey::load(directory.path() / "data");
    ASSERT_FALSE(key);
    EXPECT_NE(key.error().detail().find("SIGNET_MASTER_KEY"), std::string::npos);
    EXPECT_EQ(key.error().detail().find("not a key but"), std::string::npos);
  }
  {
    const Environment file{"SIGNET_MASTER_KEY_FILE", (directory.path() / "missing").string()};
    EXPECT_FALSE(MasterKey::load(directory.path() / "data"));
  }
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "data")) << "none of this makes a file";
  EXPECT_TRUE(MasterKey::load(directory.path() / "data"));
  EXPECT_TRUE(std::filesystem::exists(directory.path() / "data" / "master.key"));
}

TEST(MasterKey, the_first_of_several_lines_is_current_and_the_others_only_open) {
  const auto text = [](char c) { return std::string(42, c) + "A"; };
  const auto old = MasterKey::from_text(text('b'), "here");
  const auto both = MasterKey::from_text(text('c') + "\n" + text('b') + "\n", "here");
  const auto next = MasterKey::from_text(text('c') + "\r\n", "here");
  ASSERT_TRUE(old && both && next);
  const auto before = old->seal(bytes_of("private"), "row"), after = both->seal(bytes_of("private"), "row");
  EXPECT_TRUE(both->open(before, "row") && both->open(after, "row"));
  EXPECT_FALSE(old->open(after, "row") || next->open(before, "row"));
  EXPECT_TRUE(next->open(after, "row"));
  EXPECT_TRUE(both->is_current(after) && !both->is_current(before) && !both->is_current({}));
  EXPECT_EQ(hex(both->sub_key("x")), hex(next->sub_key("x")));
  const auto retired = both->retired_sub_keys("x");
  ASSERT_EQ(retired.size(), 1U);
  EXPECT_EQ(hex(retired[0]), hex(old->sub_key("x")));
  EXPECT_TRUE(old->retired_sub_keys("x").empty());
  std::string many;
  for (std::size_t i = 0; i < MasterKey::most_keys; ++i) many += text('d') + "\n";
  EXPECT_TRUE(MasterKey::from_text(many, "here"));
  for (const auto& bad :
       {many + text('e'), text('b') + "\n\n" + text('c'), text('b') + " " + text('c'), std::string{}}) {
    EXPECT_FALSE(MasterKey::from_text(bad, "here"));
  }
}

TEST(MasterKey, is_renewed_in_front_of_the_old_one_and_the_file_stays_private) {
  TemporaryDirectory directory;
  const auto old = MasterKey::open_or_create(directory.path());
  ASSERT_TRUE(old);
  const auto path = directory.path() / "master.key";
  const auto before = read_file(path);
  const auto sealed = old->seal(bytes_of("private"), "row");
  ASSERT_TRUE(MasterKey::renew(directory.path()));
  const auto after = read_file(path);
  EXPECT_EQ(after.size(), 2 * before.size());
  EXPECT_TRUE(after.ends_with(before));
  EXPECT_EQ(mode_of(path), 0600U);
  EXPECT_EQ(files_in(directory.path()), 1U) << "nothing unfinished is left";
  const auto both = MasterKey::open_or_create(directory.path());
  ASSERT_TRUE(both);
  EXPECT_TRUE(both->open(sealed, "row"));
  EXPECT_FALSE(both->is_current(sealed));
  for (std::size_t i = 2; i < MasterKey::most_keys; ++i) ASSERT_TRUE(MasterKey::renew(directory.path()));
  EXPECT_EQ(MasterKey::renew(directory.path()).error().code(), ErrorCode::invalid_configuration);
  ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
  EXPECT_EQ(MasterKey::renew(directory.path()).error().code(), ErrorCode::input_output);
  TemporaryDirectory empty;
  EXPECT_FALSE(MasterKey::renew(empty.path()));
  EXPECT_EQ(files_in(empty.path()), 0U);
}

// A server that follows its file.
class MasterKeyFileTest : public ::testing::Test {
 protected:
  static std::string line(char c) { return std::string(42, c) + "A\n"; }
  static MasterKey keys(const std::string& lines) { return MasterKey::from_text(lines, "here").value(); }
  void put(const std::string& text, mode_t mode = 0600) {
    const auto next = directory.path() / "next";
    write_file(next, text, mode);
    std::filesystem::rename(next, path);
  }
  std::expected<bool, Error> look() {
    return file.follow(held, [this](const MasterKey& next) -> std::expected<void, Error> {
      if (failure) return std::unexpected(*failure);
      held = next;
      return {};
    });
  }
  void look_until_new_keys_seal() {
    for (unsigned i = 1; i < MasterKeyFile::looks_before_it_seals; ++i) ASSERT_EQ(look(), false) << i;
  }

  TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "master.key";
  MasterKey held = keys(line('b'));
  MasterKeyFile file{{path}};
  std::optional<Error> failure;
};

TEST_F(MasterKeyFileTest, a_new_key_reads_first_and_is_current_once_everybody_has_seen_it) {
  put(line('b'));
  EXPECT_EQ(look(), false) << "it is what the server has";
  put(line('c') + line('b'));
  EXPECT_EQ(look(), true);
  EXPECT_EQ(held, keys(line('b') + line('c')));
  look_until_new_keys_seal();
  EXPECT_EQ(held, keys(line('b') + line('c')));
  EXPECT_EQ(look(), true);
  EXPECT_EQ(held, keys(line('c') + line('b')));
  for (unsigned i = 0; i <= MasterKeyFile::looks_before_it_seals; ++i) EXPECT_EQ(look(), false);
  put(line('c'));
  EXPECT_EQ(look(), true);
  EXPECT_EQ(held, keys(line('c'))) << "a line that is gone is forgotten";
}

TEST_F(MasterKeyFileTest, a_new_key_waits_its_time_whatever_the_file_holds_meanwhile) {
  put(line('c') + line('b'));
  EXPECT_EQ(look(), true);
  put("garbage");
  EXPECT_FALSE(look());
  put(line('d') + line('c') + line('b'));
  EXPECT_EQ(look(), true);
  EXPECT_EQ(held, keys(line('b') + line('d') + line('c'))) << "another one, which has its own time";
  put(line('c') + line('b'));
  EXPECT_EQ(look(), true);
  EXPECT_EQ(held, keys(line('b') + line('c')));
  for (unsigned i = 2; i < MasterKeyFile::looks_before_it_seals; ++i) ASSERT_EQ(look(), false) << i;
  EXPECT_EQ(look(), true);
  EXPECT_EQ(held, keys(line('c') + line('b')));
}

TEST_F(MasterKeyFileTest, a_key_that_was_read_before_is_current_at_once) {
  put(line('b') + line('c'));
  EXPECT_EQ(look(), true);
  put(line('c') + line('b'));
  EXPECT_EQ(look(), true);
  EXPECT_EQ(held, keys(line('c') + line('b')));
}

TEST_F(MasterKeyFileTest, what_changed_between_the_start_and_the_first_look_is_seen) {
  put(line('b') + line('c'));
  EXPECT_EQ(look(), true);
  EXPECT_EQ(held.size(), 2U);
}

TEST_F(MasterKeyFileTest, a_bad_file_changes_nothing_and_a_mended_one_is_taken) {
  const auto before = held;
  const auto code = [this] {
    const auto looked = look();
    return looked ? std::nullopt : std::optional{looked.error().code()};
  };
  EXPECT_EQ(code(), ErrorCode::input_output) << "no file";
  put(line('b') + line('c'), 0640);
  EXPECT_EQ(code(), ErrorCode::input_output) << "others may read it";
  EXPECT_EQ(code(), ErrorCode::input_output) << "and still";
  put("garbage");
  EXPECT_EQ(code(), ErrorCode::key_malformed);
  put("");
  EXPECT_EQ(code(), ErrorCode::key_malformed);
  put(line('c') + line('d'));
  EXPECT_EQ(code(), ErrorCode::key_mismatch) << "without the current one";
  EXPECT_EQ(held, before);
  put(line('b') + line('c'), 0644);
  EXPECT_EQ(code(), ErrorCode::input_output);
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  EXPECT_EQ(look(), true);
  EXPECT_EQ(held.size(), 2U);
}

TEST_F(MasterKeyFileTest, what_could_not_be_taken_is_tried_again) {
  put(line('c') + line('b'));
  failure = Error{ErrorCode::input_output, "the store is away"};
  for (unsigned i = 0; i < 2 * MasterKeyFile::looks_before_it_seals; ++i) EXPECT_FALSE(look());
  failure.reset();
  EXPECT_EQ(look(), true);
  EXPECT_EQ(held, keys(line('b') + line('c'))) << "the new one has been readable here for no time at all";
  look_until_new_keys_seal();
  failure = Error{ErrorCode::input_output, "the store is away"};
  EXPECT_FALSE(look());
  failure.reset();
  EXPECT_EQ(look(), true);
  EXPECT_EQ(held, keys(line('c') + line('b')));
}

TEST_F(MasterKeyFileTest, a_file_that_an_operator_names_may_be_a_link_as_kubernetes_makes_them) {
  std::filesystem::create_directory(directory.path() / "one");
  std::filesystem::create_directory(directory.path() / "two");
  write_file(directory.path() / "one" / "key", line('b'), 0640);
  write_file(directory.path() / "two" / "key", line('b') + line('c'), 0640);
  std::filesystem::create_directory_symlink("one", directory.path() / "data");
  std::filesystem::create_symlink("data/key", directory.path() / "key");
  file = MasterKeyFile{{directory.path() / "key", false}};
  EXPECT_EQ(look(), false);
  std::filesystem::create_directory_symlink("two", directory.path() / "next");
  std::filesystem::rename(directory.path() / "next", directory.path() / "data");
  EXPECT_EQ(look(), true);
  EXPECT_EQ(held.size(), 2U);
}

TEST(MasterKey, in_the_environment_has_no_place_to_look_at) {
  EXPECT_EQ(MasterKey::place("data")->path, "data/master.key");
  const Environment named{"SIGNET_MASTER_KEY_FILE", "/run/secrets/key"};
  EXPECT_EQ(MasterKey::place("data")->path, "/run/secrets/key");
  EXPECT_FALSE(MasterKey::place("data")->is_ours);
  const Environment value{"SIGNET_MASTER_KEY", std::string(43, 'A')};
  EXPECT_FALSE(MasterKey::place("data"));
}

}  // namespace
}  // namespace signet::server
