#include "signet/secret.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <new>
#include <stdexcept>
#include <string>
#include <type_traits>

// Sees memory as it is given back, to check that a secret's was zeroed first.
namespace {
struct Watch {
  std::atomic<void*> memory = nullptr;
  std::size_t size = 0;
  bool seen = false;
  bool zeroed = false;
};
Watch watch;

void give_back(void* memory) noexcept {
  if (memory != nullptr && memory == watch.memory.load(std::memory_order_relaxed)) {
    const auto* bytes = static_cast<const unsigned char*>(memory);
    watch.zeroed = std::all_of(bytes, bytes + watch.size, [](unsigned char byte) { return byte == 0; });
    watch.seen = true;
    watch.memory = nullptr;
  }
  std::free(memory);
}
}  // namespace

void* operator new(std::size_t size) {
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc{};
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return std::malloc(size == 0 ? 1 : size); }
void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { give_back(memory); }

namespace signet {
namespace {

void watch_memory_of(const Secret& secret) {
  watch.size = secret.size();
  watch.seen = watch.zeroed = false;
  watch.memory = const_cast<std::byte*>(secret.reveal().data());
}

class SecretFile : public testing::Test {
 protected:
  SecretFile() {
    std::string name = testing::TempDir() + "/signet-secret-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error{"mkdtemp"};
    folder_ = name;
  }
  ~SecretFile() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(std::string_view content) {
    const auto path = folder_ / "secret";
    std::ofstream{path, std::ios::binary}.write(content.data(), static_cast<std::streamsize>(content.size()));
    return path;
  }

  std::filesystem::path folder_;
};

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret> && std::is_nothrow_move_assignable_v<Secret>);

TEST(Secret, holds_the_bytes_it_was_made_of) {
  EXPECT_EQ(Secret::from_text("correct horse").reveal_text(), "correct horse");
  EXPECT_EQ(Secret::from_text(std::string_view{"\0\xFF", 2}).size(), 2U);
  EXPECT_EQ(Secret::from_text("").size(), 0U);
}

TEST(Secret, zeroes_its_memory_when_it_goes) {
  {
    const auto secret = Secret::from_text("a secret that must not stay in memory");
    watch_memory_of(secret);
  }
  EXPECT_TRUE(watch.seen);
  EXPECT_TRUE(watch.zeroed);
}

TEST(Secret, zeroes_what_it_held_when_another_is_moved_in) {
  auto secret = Secret::from_text("a secret that must not stay in memory");
  watch_memory_of(secret);
  secret = Secret::from_text("the next one");
  EXPECT_TRUE(watch.seen);
  EXPECT_TRUE(watch.zeroed);
  EXPECT_EQ(secret.reveal_text(), "the next one");
}

TEST(Secret, leaves_nothing_behind_when_it_moves) {
  auto from = Secret::from_text("moved");
  const Secret to{std::move(from)};
  EXPECT_EQ(to.reveal_text(), "moved");
  EXPECT_EQ(from.size(), 0U);  // NOLINT(bugprone-use-after-move): that it is empty is what is tested
}

TEST(Secret, survives_being_moved_into_itself) {
  auto secret = Secret::from_text("itself");
  auto& same = secret;
  secret = std::move(same);
  EXPECT_EQ(secret.reveal_text(), "itself");
}

TEST(Secret, equals_only_the_same_bytes) {
  const auto secret = Secret::from_text("abc");
  EXPECT_TRUE(secret.equals(Secret::from_text("abc")));
  EXPECT_TRUE(secret.equals(secret.copy()));
  for (const auto other : {"abd", "bbc", "ab", "abcd", ""})
    EXPECT_FALSE(secret.equals(Secret::from_text(other))) << other;
  EXPECT_TRUE(Secret::from_text("").equals(Secret::from_text("")));
}

TEST(Secret, random_ones_differ_and_use_every_byte_value) {
  EXPECT_EQ(Secret::random(0).size(), 0U);
  EXPECT_FALSE(Secret::random(32).equals(Secret::random(32)));
  const auto many = Secret::random(65536);
  std::array<int, 256> counts{};
  for (const auto byte : many.reveal()) ++counts[std::to_integer<std::size_t>(byte)];
  EXPECT_EQ(std::ranges::count(counts, 0), 0);  // fails by chance once in e^250 runs
}

TEST(Secret, reads_base64url_strictly_case_8) {
  EXPECT_EQ(Secret::from_base64url("c2VjcmV0")->reveal_text(), "secret");
  EXPECT_EQ(Secret::from_base64url("")->size(), 0U);
  // With padding, white space, a trailing bit, an impossible length, the standard alphabet.
  for (const auto text : {"c2VjcmV0=", "c2Vj cmV0", "c2VjcmV0\n", "c2VjcmV", "c2VjcmV0c", "c2Vj+/8A"}) {
    const auto secret = Secret::from_base64url(text);
    ASSERT_FALSE(secret) << text;
    EXPECT_EQ(secret.error().code(), ErrorCode::key_malformed);
    EXPECT_EQ(secret.error().detail().find("c2Vj"), std::string::npos) << "an error must not quote a secret";
  }
}

TEST(Secret, comes_from_the_environment) {
  ASSERT_EQ(::setenv("SIGNET_TEST_SECRET", "from the environment", 1), 0);
  EXPECT_EQ(Secret::from_env("SIGNET_TEST_SECRET")->reveal_text(), "from the environment");
  ASSERT_EQ(::setenv("SIGNET_TEST_SECRET", "", 1), 0);
  EXPECT_EQ(Secret::from_env("SIGNET_TEST_SECRET").error().code(), ErrorCode::input_output);
  ASSERT_EQ(::unsetenv("SIGNET_TEST_SECRET"), 0);
  const auto unset = Secret::from_env("SIGNET_TEST_SECRET");
  ASSERT_FALSE(unset);
  EXPECT_EQ(unset.error().code(), ErrorCode::input_output);
  EXPECT_NE(unset.error().detail().find("SIGNET_TEST_SECRET"), std::string::npos);
}

TEST_F(SecretFile, gives_its_bytes_less_one_line_end) {
  const std::pair<std::string_view, std::string_view> files[] = {
      {"secret", "secret"},     {"secret\n", "secret"},
      {"secret\r\n", "secret"}, {"secret\n\n", "secret\n"},
      {"secret\r", "secret\r"}, {" secret ", " secret "},
      {"a\nb\n", "a\nb"},       {std::string_view{"\0\n\xFF", 3}, std::string_view{"\0\n\xFF", 3}},
  };
  for (const auto& [content, expected] : files) {
    const auto secret = Secret::from_file(write(content));
    ASSERT_TRUE(secret) << content;
    EXPECT_EQ(secret->reveal_text(), expected);
  }
}

TEST_F(SecretFile, is_at_most_64_kib_and_not_empty) {
  EXPECT_EQ(Secret::from_file(write(std::string(65536, 'x')))->size(), 65536U);
  for (const auto& content : {std::string(65537, 'x'), std::string(200000, 'x'), std::string{}, std::string{"\n"}}) {
    const auto secret = Secret::from_file(write(content));
    ASSERT_FALSE(secret) << content.size();
    EXPECT_EQ(secret.error().code(), ErrorCode::input_output);
  }
}

TEST_F(SecretFile, that_cannot_be_read_is_an_error_that_names_it) {
  for (const auto& path : {folder_ / "absent", folder_}) {
    const auto secret = Secret::from_file(path);
    ASSERT_FALSE(secret) << path;
    EXPECT_EQ(secret.error().code(), ErrorCode::input_output);
    EXPECT_NE(secret.error().detail().find(path.string()), std::string::npos);
  }
}

}  // namespace
}  // namespace signet
