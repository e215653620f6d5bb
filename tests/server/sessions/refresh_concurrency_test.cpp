#include <set>
#include <thread>

#include "tests/server/sessions/login.hpp"

namespace signet::server::testing {
namespace {

using namespace std::chrono_literals;

class RefreshConcurrency : public SessionTest {};
SIGNET_OVER_EVERY_ENGINE(RefreshConcurrency);

TEST_P(RefreshConcurrency, fifty_with_one_token_get_one_rotation_and_one_successor) {
  auto login = opened();
  clock.advance(1h);
  std::vector<std::expected<Granted, SessionProblem>> answers(50, std::unexpected(SessionProblem::unavailable));
  {
    std::vector<std::jthread> threads;
    for (auto& answer : answers) threads.emplace_back([&] { answer = refresh(login.refresh_token); });
  }
  std::set<std::string> successors;
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer);
    successors.insert(answer->refresh_token);
  }
  EXPECT_EQ(successors.size(), 1u);
  EXPECT_EQ(kept(login.session.id)->counter, 1u);

  clock.advance(10s);
  EXPECT_EQ(refresh(login.refresh_token).error(), SessionProblem::reuse);
  EXPECT_EQ(refresh(*successors.begin()).error(), SessionProblem::invalid_grant);
}

TEST_P(RefreshConcurrency, fifty_with_a_spent_token_end_the_session_once) {
  auto login = opened();
  ASSERT_TRUE(refresh(login.refresh_token));
  clock.advance(1h);
  std::atomic<int> told = 0, refused = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 50; ++i) {
      threads.emplace_back([&] {
        auto answer = refresh(login.refresh_token);
        told += answer.error() == SessionProblem::reuse;
        refused += answer.error() == SessionProblem::invalid_grant;
      });
    }
  }
  EXPECT_EQ(told, 1);
  EXPECT_EQ(refused, 49);
  EXPECT_EQ(logged().size(), 1u);
}

TEST_P(RefreshConcurrency, many_sessions_rotate_side_by_side) {
  std::vector<Granted> logins;
  for (int i = 0; i < 16; ++i) logins.push_back(opened());
  {
    std::vector<std::jthread> threads;
    for (auto& login : logins) {
      threads.emplace_back([&] {
        for (int n = 0; n < 20; ++n) {
          auto next = refresh(login.refresh_token);
          ASSERT_TRUE(next);
          login = std::move(*next);
        }
      });
    }
  }
  for (const auto& login : logins) EXPECT_EQ(kept(login.session.id)->counter, 20u);
}

// A thief copied the victim's token. Every order in which the two refresh, with every pause between the refreshes that
// is longer than the grace, or shorter for one of them: when both have come once more, at most one still could, and
// then the session is dead for both.
TEST_P(RefreshConcurrency, a_thief_and_his_victim_never_both_stay_signed_in) {
  constexpr int steps = 5;
  for (unsigned order = 0; order < 1u << steps; ++order) {
    for (int hurried = -1; hurried < steps; ++hurried) {
      auto stolen = opened();
      std::string token[2] = {stolen.refresh_token, stolen.refresh_token};
      bool dead = false;
      auto come = [&](unsigned who) {
        auto answer = refresh(token[who]);
        if (dead) {
          EXPECT_FALSE(answer) << "order " << order << ", hurried " << hurried;
        }
        if (answer) {
          token[who] = answer->refresh_token;
        } else {
          dead = true;
        }
      };
      for (int step = 0; step < steps; ++step) {
        clock.advance(step == hurried ? 2s : 11s);
        come(order >> step & 1);
      }
      // Each once more, apart.
      for (unsigned who : {0u, 1u, 0u}) {
        clock.advance(11s);
        come(who);
      }
      EXPECT_TRUE(dead) << "order " << order << ", hurried " << hurried;
      EXPECT_FALSE(kept(stolen.session.id));
      EXPECT_TRUE(enforced_on(stolen.session.id));
    }
  }
}

// The same with both at once, each at a node of his own. Whoever comes at the same moment gets the same successor, so
// what counts is who comes apart next: from then on there is one holder, and the other one's next try ends it.
TEST_P(RefreshConcurrency, a_thief_who_races_his_victim_at_another_node_is_out_after_one_of_them_comes_alone) {
  const auto elsewhere = database->open();
  Revocations enforced_there;
  Sessions there{*elsewhere, enforced_there, clock, RefreshTokenCodec{test_master()}};
  Sessions* const nodes[] = {&sessions, &there};
  for (unsigned order = 0; order < 8; ++order) {
    auto stolen = opened();
    std::string token[2] = {stolen.refresh_token, stolen.refresh_token};
    for (int round = 0; round < 3; ++round) {
      clock.advance(11s);
      std::expected<Granted, SessionProblem> answer[2] = {std::unexpected(SessionProblem::unavailable),
                                                          std::unexpected(SessionProblem::unavailable)};
      {
        std::vector<std::jthread> both;
        for (unsigned who : {0u, 1u})
          both.emplace_back([&, who] { answer[who] = nodes[who]->refresh(token[who], {}, caller); });
      }
      for (unsigned who : {0u, 1u}) {
        ASSERT_TRUE(answer[who]) << "order " << order << ", round " << round;
        token[who] = answer[who]->refresh_token;
      }
      ASSERT_EQ(token[0], token[1]) << "one successor";
    }
    int refused = 0;
    for (int step = 0; step < 3; ++step) {
      clock.advance(11s);
      const auto who = order >> step & 1;
      auto answer = nodes[who]->refresh(token[who], {}, caller);
      if (answer) token[who] = answer->refresh_token;
      refused += answer ? 0 : 1;
    }
    // Whoever did not come among these three comes now, with what is long spent.
    for (unsigned who : {0u, 1u}) {
      clock.advance(11s);
      refused += nodes[who]->refresh(token[who], {}, caller) ? 0 : 1;
    }
    clock.advance(11s);
    EXPECT_GT(refused, 0) << "order " << order;
    EXPECT_FALSE(nodes[0]->refresh(token[0], {}, caller) && nodes[1]->refresh(token[1], {}, caller));
    EXPECT_FALSE(kept(stolen.session.id)) << "order " << order;
  }
}

TEST_P(RefreshConcurrency, a_spent_token_that_comes_while_its_successor_is_refreshed_ends_the_session_in_either_order) {
  const auto elsewhere = database->open();
  Revocations enforced_there;
  Sessions there{*elsewhere, enforced_there, clock, RefreshTokenCodec{test_master()}};
  for (int round = 0; round < 20; ++round) {
    auto stolen = opened();
    clock.advance(11s);
    auto next = refresh(stolen.refresh_token);
    ASSERT_TRUE(next);
    clock.advance(11s);
    std::expected<Granted, SessionProblem> victim = std::unexpected(SessionProblem::unavailable), thief = victim;
    {
      std::jthread one{[&] { victim = refresh(next->refresh_token); }};
      std::jthread two{[&] { thief = there.refresh(stolen.refresh_token, {}, caller); }};
    }
    ASSERT_FALSE(thief) << round;
    EXPECT_EQ(thief.error(), SessionProblem::reuse) << round;
    EXPECT_FALSE(kept(stolen.session.id)) << round;
    const auto left = victim ? victim->refresh_token : next->refresh_token;
    EXPECT_EQ(refresh(left).error(), SessionProblem::invalid_grant) << round;
    EXPECT_EQ(there.refresh(left, {}, caller).error(), SessionProblem::invalid_grant) << round;
  }
}

}  // namespace
}  // namespace signet::server::testing
