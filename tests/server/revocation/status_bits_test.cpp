#include "server/revocation/status_bits.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "signet/json.hpp"
#include "src/jose/base64url.hpp"

namespace signet::server {
namespace {

StatusBits::Bytes decompressed(std::string_view lst, std::size_t bytes) {
  const auto packed = jose::base64url_decode(lst);
  StatusBits::Bytes out(bytes);
  auto size = static_cast<uLongf>(bytes);
  if (!packed || uncompress(out.data(), &size, reinterpret_cast<const Bytef*>(packed->data()),
                            static_cast<uLong>(packed->size())) != Z_OK)
    return {};
  out.resize(size);
  return out;
}

// Section 4.1: {0xB9, 0xA3} for these bits.
TEST(StatusBits, the_lowest_bit_of_a_byte_is_the_first) {
  StatusBits bits;
  for (std::uint32_t index : {0U, 3U, 4U, 5U, 7U, 8U, 9U, 13U, 15U}) bits.set({7, index});
  bits.set({8, 0});
  EXPECT_EQ(bits.lists().at(7), (StatusBits::Bytes{0xB9, 0xA3}));
  EXPECT_EQ(decompressed(compressed(bits.lists().at(7), 16), 2), (StatusBits::Bytes{0xB9, 0xA3}));
  EXPECT_EQ(decompressed("eNrbuRgAAhcBXQ", 2), (StatusBits::Bytes{0xB9, 0xA3})) << "the draft's own example";
}

TEST(StatusBits, all_below_a_place_are_set_and_none_beyond_it) {
  StatusBits bits;
  bits.set({7, 21});
  bits.set_all_below({7, 11});
  EXPECT_EQ(bits.lists().at(7), (StatusBits::Bytes{0xff, 0x07, 0x20}));
  bits.set_all_below({7, 8});
  bits.set_all_below({8, 0});
  bits.set_all_below({9, 16});
  EXPECT_EQ(bits.lists().at(7), (StatusBits::Bytes{0xff, 0x07, 0x20}));
  EXPECT_FALSE(bits.lists().contains(8));
  EXPECT_EQ(bits.lists().at(9), (StatusBits::Bytes{0xff, 0xff}));
}

TEST(StatusBits, a_list_is_as_long_as_it_is_told_or_longer) {
  EXPECT_EQ(decompressed(compressed({}, 17), 100).size(), 3u);
  EXPECT_EQ(decompressed(compressed({1, 2, 3, 4}, 17), 100).size(), 4u);
}

TEST(StatusBits, lists_go_when_they_are_over) {
  StatusBits bits;
  bits.set({7, 0});
  bits.set({8, 0});
  bits.forget_expired(status_list_end(7));
  EXPECT_EQ(bits.lists().size(), 2u);
  bits.forget_expired(status_list_end(8));
  EXPECT_FALSE(bits.lists().contains(7));
  EXPECT_TRUE(bits.lists().contains(8));
}

TEST(StatusBits, are_those_of_the_drafts_vectors) {
  const char* folder = std::getenv("SIGNET_VECTORS");
  if (folder == nullptr) GTEST_SKIP() << "SIGNET_VECTORS is not set";
  std::ifstream file{std::string{folder} + "/token-status-list/lists.json"};
  std::stringstream text;
  text << file.rdbuf();
  const auto read = text.str();
  const auto vectors = json::parse(read, Limits{.json_members = 100'000});
  ASSERT_TRUE(vectors);
  int compared = 0;
  for (const auto& vector : vectors->find("lists")->elements()) {
    if (vector.find("bits")->integer() != 1) continue;
    const auto places = static_cast<std::size_t>(vector.find("size")->integer().value());
    StatusBits bits;
    for (const auto& member : vector.find("set")->members())
      bits.set({1, static_cast<std::uint32_t>(std::stoul(member.name))});
    const auto ours = compressed(bits.lists().at(1), places);
    EXPECT_EQ(decompressed(ours, places / 8), decompressed(vector.find("lst")->string().value(), places / 8));
    EXPECT_EQ(decompressed(ours, places / 8).size(), places / 8);
    ++compared;
  }
  EXPECT_GE(compared, 1);
}

}  // namespace
}  // namespace signet::server
