#include "signet/revocations.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace signet {
namespace {

using std::chrono::seconds;

constexpr Time at(long second) { return Time{seconds{second}}; }

// A token with everything a revocation can name, issued at second 100.
RevocationQuery token() {
  return {
      .id = "jti-1", .session = "sid-1", .subject = "user-1", .client = "web", .key = "key-1", .issued_at = at(100)};
}

struct Row {
  RevocationKind kind;
  const char* key;
};
constexpr Row rows[] = {
    {RevocationKind::token, "jti-1"}, {RevocationKind::session, "sid-1"}, {RevocationKind::subject, "user-1"},
    {RevocationKind::client, "web"},  {RevocationKind::key, "key-1"},     {RevocationKind::everyone, ""},
};

TEST(Revocations, cover_nothing_at_first) {
  const Revocations none;
  EXPECT_FALSE(none.covers(token()));
  EXPECT_FALSE(none.covers({}));
  EXPECT_EQ(none.size(), 0U);
}

TEST(Revocations, of_keys_of_every_length_cover_those_and_no_others) {
  Revocations revocations;
  const std::string text = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (std::size_t size = 1; size < text.size(); size += 2) {
    revocations.add({RevocationKind::session, text.substr(0, size), {}, at(1000)});
  }
  for (std::size_t size = 1; size < text.size(); ++size) {
    auto key = text.substr(0, size);
    EXPECT_EQ(revocations.covers({.session = key}), size % 2 == 1) << size;
    for (std::size_t changed = 0; changed < size; ++changed) {  // every byte counts
      key[changed] = '_';
      EXPECT_FALSE(revocations.covers({.session = key})) << size << ' ' << changed;
      key[changed] = text[changed];
    }
  }
}

TEST(Revocations, of_each_kind_cover_the_token_they_name) {
  for (const auto& [kind, key] : rows) {
    Revocations revocations;
    revocations.add({kind, key, at(101), at(1000)});
    EXPECT_TRUE(revocations.covers(token())) << to_string(kind);
    EXPECT_EQ(revocations.size(), 1U);
  }
}

TEST(Revocations, do_not_cover_another_token) {
  for (const auto& [kind, key] : rows) {
    if (kind == RevocationKind::everyone) continue;
    Revocations revocations;
    revocations.add({kind, "another", at(101), at(1000)});
    EXPECT_FALSE(revocations.covers(token())) << to_string(kind);
    EXPECT_FALSE(revocations.covers({})) << to_string(kind);
  }
}

TEST(Revocations, of_one_kind_do_not_cover_the_same_text_in_another_claim) {
  const auto named = [](RevocationKind kind) {
    RevocationQuery query;
    query.issued_at = at(100);
    switch (kind) {
      case RevocationKind::token:
        query.id = "same";
        break;
      case RevocationKind::session:
        query.session = "same";
        break;
      case RevocationKind::subject:
        query.subject = "same";
        break;
      case RevocationKind::client:
        query.client = "same";
        break;
      case RevocationKind::key:
        query.key = "same";
        break;
      case RevocationKind::everyone:
        break;
    }
    return query;
  };
  for (const auto& revoked : rows) {
    if (revoked.kind == RevocationKind::everyone) continue;
    Revocations revocations;
    revocations.add({revoked.kind, "same", at(101), at(1000)});
    for (const auto& asked : rows) {
      EXPECT_EQ(revocations.covers(named(asked.kind)), asked.kind == revoked.kind)
          << to_string(revoked.kind) << ' ' << to_string(asked.kind);
    }
  }
}

TEST(Revocations, cut_off_what_was_issued_before_and_not_what_was_issued_at_that_moment) {
  for (const auto& [kind, key] : rows) {
    if (kind == RevocationKind::token || kind == RevocationKind::session) continue;
    Revocations revocations;
    revocations.add({kind, key, at(100), at(1000)});
    auto query = token();
    EXPECT_FALSE(revocations.covers(query)) << to_string(kind);
    query.issued_at = at(100) - std::chrono::milliseconds{1};
    EXPECT_TRUE(revocations.covers(query)) << to_string(kind);
    query.issued_at = {};  // no iat: before every cut-off
    EXPECT_TRUE(revocations.covers(query)) << to_string(kind);
  }
}

TEST(Revocations, of_a_token_or_a_session_are_whole_whatever_the_cut_off) {
  for (const auto kind : {RevocationKind::token, RevocationKind::session}) {
    Revocations revocations;
    revocations.add({kind, kind == RevocationKind::token ? "jti-1" : "sid-1", at(0), at(1000)});
    EXPECT_TRUE(revocations.covers(token())) << to_string(kind);
  }
}

TEST(Revocations, only_ever_grow) {
  for (const auto& [kind, key] : rows) {
    if (kind == RevocationKind::token || kind == RevocationKind::session) continue;
    Revocations revocations;
    revocations.add({kind, key, at(101), at(1000)});
    revocations.add({kind, key, at(50), at(500)});  // older: changes nothing
    EXPECT_TRUE(revocations.covers(token())) << to_string(kind);
    revocations.forget_expired(at(600));
    EXPECT_TRUE(revocations.covers(token())) << to_string(kind);
    revocations.add({kind, key, at(200), at(2000)});
    auto later = token();
    later.issued_at = at(199);
    EXPECT_TRUE(revocations.covers(later)) << to_string(kind);
    EXPECT_EQ(revocations.size(), 1U) << to_string(kind);
  }
}

TEST(Revocations, added_twice_are_one) {
  Revocations revocations;
  for (int i = 0; i < 3; ++i) revocations.add({RevocationKind::token, "jti-1", {}, at(1000)});
  EXPECT_EQ(revocations.size(), 1U);
}

TEST(Revocations, of_everyone_are_one_whatever_their_key_says) {
  Revocations revocations;
  revocations.add({RevocationKind::everyone, "", at(50), at(1000)});
  revocations.add({RevocationKind::everyone, "ignored", at(101), at(1000)});
  EXPECT_EQ(revocations.size(), 1U);
  EXPECT_TRUE(revocations.covers(token()));
}

TEST(Revocations, with_an_empty_key_cover_no_token_that_lacks_the_claim) {
  Revocations revocations;
  for (const auto& [kind, key] : rows) {
    if (kind != RevocationKind::everyone) revocations.add({kind, "", at(101), at(1000)});
  }
  EXPECT_FALSE(revocations.covers({}));
}

TEST(Revocations, are_forgotten_when_the_last_token_they_could_cover_has_expired) {
  Revocations revocations;
  revocations.add({RevocationKind::token, "jti-1", {}, at(1000)});
  revocations.add({RevocationKind::subject, "user-2", at(500), at(2000)});
  revocations.forget_expired(at(999));
  EXPECT_EQ(revocations.size(), 2U);
  revocations.forget_expired(at(1000));
  EXPECT_EQ(revocations.size(), 1U);
  EXPECT_FALSE(revocations.covers(token()));
  EXPECT_TRUE(revocations.covers({.subject = "user-2", .issued_at = at(1)}));
  revocations.forget_expired(at(2000));
  EXPECT_EQ(revocations.size(), 0U);
}

TEST(Revocations, are_forgotten_exactly_however_many_there_are) {
  constexpr int count = 20'000;
  Revocations revocations;
  const auto id = [](int i) { return "session-number-" + std::to_string(i); };
  for (int i = 0; i < count; ++i) {
    revocations.add({RevocationKind::session, id(i), {}, at(1000 + i % 10)});
    revocations.add({RevocationKind::subject, id(i), at(101), at(5000)});
  }
  EXPECT_EQ(revocations.size(), 2U * count);
  for (int step = 0; step < 10; ++step) {
    revocations.forget_expired(at(1000 + step));
    ASSERT_EQ(revocations.size(), static_cast<std::size_t>(count + count / 10 * (9 - step))) << step;
    for (int i = 0; i < count; ++i) {
      ASSERT_EQ(revocations.covers({.session = id(i)}), i % 10 > step) << i << " at step " << step;
      ASSERT_TRUE(revocations.covers({.subject = id(i), .issued_at = at(100)})) << i;
    }
  }
  revocations.forget_expired(at(5000));
  EXPECT_EQ(revocations.size(), 0U);
  EXPECT_FALSE(revocations.covers({.subject = id(7), .issued_at = at(100)}));
}

TEST(Revocations, that_were_forgotten_can_be_added_again) {
  for (const auto& [kind, key] : rows) {
    Revocations revocations;
    revocations.add({RevocationKind::session, "stays", {}, at(9000)});
    revocations.add({kind, key, at(500), at(1000)});
    revocations.forget_expired(at(1000));
    EXPECT_FALSE(revocations.covers(token())) << to_string(kind);
    revocations.add({kind, key, at(101), at(2000)});
    EXPECT_TRUE(revocations.covers(token())) << to_string(kind);
    EXPECT_EQ(revocations.size(), 2U) << to_string(kind);
    auto later = token();
    later.issued_at = at(101);  // the cut-off is the new one, not the forgotten
    EXPECT_EQ(revocations.covers(later), kind == RevocationKind::token || kind == RevocationKind::session);
    revocations.forget_expired(at(1999));
    EXPECT_TRUE(revocations.covers(token())) << to_string(kind);
    revocations.forget_expired(at(2000));
    EXPECT_EQ(revocations.size(), 1U) << to_string(kind);
  }
}

TEST(Revocations, tell_keys_of_every_length_apart) {
  Revocations revocations;
  std::string key;
  for (int length = 1; length <= 100; ++length) {
    key += 'x';
    if (length % 2 == 0) revocations.add({RevocationKind::subject, key, at(101), at(1000)});
  }
  key.clear();
  for (int length = 1; length <= 100; ++length) {
    key += 'x';
    EXPECT_EQ(revocations.covers({.subject = key, .issued_at = at(1)}), length % 2 == 0) << length;
    for (int at_byte = 0; at_byte < length; ++at_byte) {
      auto other = key;
      other[static_cast<std::size_t>(at_byte)] = '\0';
      EXPECT_FALSE(revocations.covers({.subject = other, .issued_at = at(1)})) << length << ' ' << at_byte;
    }
  }
}

TEST(Revocations, have_names) {
  EXPECT_EQ(to_string(RevocationKind::token), "token");
  EXPECT_EQ(to_string(RevocationKind::session), "session");
  EXPECT_EQ(to_string(RevocationKind::subject), "subject");
  EXPECT_EQ(to_string(RevocationKind::client), "client");
  EXPECT_EQ(to_string(RevocationKind::key), "key");
  EXPECT_EQ(to_string(RevocationKind::everyone), "everyone");
}

// What was added before is covered ever after, whoever writes or forgets beside it.
TEST(Revocations, hold_while_many_threads_read_add_and_forget) {
  constexpr int writers = 3;
  constexpr int readers = 4;
  constexpr int each = 400;
  Revocations revocations;
  std::atomic<int> published[writers] = {};
  std::atomic<int> writing = writers;
  std::atomic<long> wrong = 0;

  std::vector<std::thread> threads;
  for (int writer = 0; writer < writers; ++writer) {
    threads.emplace_back([&, writer] {
      for (int i = 0; i < each; ++i) {
        revocations.add({RevocationKind::token, std::to_string(writer) + "-" + std::to_string(i), {}, at(1000)});
        revocations.add({RevocationKind::subject, "passing " + std::to_string(i), at(10), at(5)});
        published[writer].store(i + 1, std::memory_order_release);
        if (i % 16 == 0) revocations.forget_expired(at(500));
      }
      --writing;
    });
  }
  for (int reader = 0; reader < readers; ++reader) {
    threads.emplace_back([&] {
      do {
        for (int writer = 0; writer < writers; ++writer) {
          const int known = published[writer].load(std::memory_order_acquire);
          if (known == 0) continue;
          const auto id = std::to_string(writer) + "-" + std::to_string(known - 1);
          if (!revocations.covers({.id = id, .issued_at = at(1)})) ++wrong;
          if (revocations.covers({.id = "never", .session = "never", .issued_at = at(1)})) ++wrong;
        }
      } while (writing.load() > 0);
    });
  }
  for (auto& thread : threads) thread.join();

  EXPECT_EQ(wrong.load(), 0);
  revocations.forget_expired(at(500));
  EXPECT_EQ(revocations.size(), static_cast<std::size_t>(writers * each));
  for (int writer = 0; writer < writers; ++writer) {
    for (int i = 0; i < each; ++i) {
      EXPECT_TRUE(revocations.covers({.id = std::to_string(writer) + "-" + std::to_string(i)}));
    }
  }
}

// Readers that never pause must not keep a writer out: with a lock that prefers readers this does not end.
TEST(Revocations, are_added_while_verifiers_never_stop_asking) {
  Revocations revocations;
  revocations.add({RevocationKind::session, "first", {}, at(1000)});
  std::atomic<bool> done = false;
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 8; ++reader) {
    readers.emplace_back([&] {
      while (!done) static_cast<void>(revocations.covers({.session = "other"}));
    });
  }
  for (int i = 0; i < 200; ++i) revocations.add({RevocationKind::session, std::to_string(i), {}, at(1000)});
  done = true;
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(revocations.size(), 201U);
}

}  // namespace
}  // namespace signet
