// What is answered from memory takes none from the heap, from the bytes of the request to the bytes of the answer: over
// real sockets, with metrics and the access log. A binary of its own, for it replaces `operator new`.
#include <gtest/gtest.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "server/app/access_log.hpp"
#include "server/app/log.hpp"
#include "server/app/metrics.hpp"
#include "server/app/monitor.hpp"
#include "tests/jwt/counting_allocator.hpp"
#include "tests/server/api/world.hpp"
#include "tests/server/http/harness.hpp"

namespace signet::server::api {
namespace {

using http::test::Client;

std::unique_ptr<http::Server> started(http::Router router, app::Metrics& metrics) {
  // How often the loop's thread has allocated. The answer itself takes what it takes, but always the same.
  router.add("GET", "/allocations", http::Lane::loop, [](const http::Request&) {
    http::Response response;
    response.body = std::to_string(test::allocations);
    return response;
  });
  http::ServerOptions options{.listen = "127.0.0.1:0"};
  options.on_answered = [&metrics](const http::Answered& answered) {
    metrics.answered(answered);
    app::log_answered(answered);
  };
  auto bound = http::Server::bind(std::move(options), std::move(router));
  if (!bound) throw std::runtime_error{bound.error()};
  (*bound)->start();
  return std::move(*bound);
}

class Allocations : public testing::Test {
 protected:
  Allocations() {
    testing::internal::CaptureStderr();  // of the access log
    app::start_log({.format = app::LogFormat::json, .level = app::LogLevel::info, .access = true});
    world_.sign_up("ada");
    access_ = world_.log_in("ada").access;
    main_ = started(world_.router, metrics_);
    monitor_ =
        started(app::monitor_router({.not_ready = [] { return std::vector<std::string>{}; }, .metrics = {}}), metrics_);
  }
  ~Allocations() override {
    main_.reset();
    monitor_.reset();
    app::stop_log();
    (void)testing::internal::GetCapturedStderr();
  }

  [[nodiscard]] std::string get(std::string_view target) const {
    return "GET " + std::string{target} +
           " HTTP/1.1\r\nHost: auth.example\r\nUser-Agent: test\r\nAccept: */*\r\nAuthorization: Bearer " + access_ +
           "\r\n\r\n";
  }

  static constexpr std::size_t rounds = 50;

  // Of the answers to so many requests, asked `rounds` times, after as many before; all of them of that status.
  static std::size_t allocations_of(const http::Server& server, const std::string& requests, int count, int status) {
    Client client{server.address()};
    const auto so_far = [&] { return std::stoul(client.ask("GET /allocations HTTP/1.1\r\nHost: x\r\n\r\n")->body); };
    const auto ask = [&] {
      for (std::size_t round = 0; round < rounds; ++round) {
        client.send(requests);
        for (int i = 0; i < count; ++i) {
          const auto answer = client.receive();
          if (!answer || answer->status != status) throw std::runtime_error{"another answer"};
        }
      }
    };
    ask();
    (void)so_far();
    const auto begin = so_far(), one_more = so_far();
    ask();
    return so_far() - one_more - (one_more - begin);
  }

  World world_;
  app::Metrics metrics_;
  std::string access_;
  std::unique_ptr<http::Server> main_, monitor_;
};

TEST_F(Allocations, none_for_what_is_answered_from_memory) {
  for (const char* target : {"/profile", "/verify", "/verify?scope=profile", "/.well-known/jwks.json"})
    EXPECT_EQ(allocations_of(*main_, get(target), 1, 200), 0) << target;
  EXPECT_EQ(allocations_of(*monitor_, get("/healthz"), 1, 200), 0);
}

TEST_F(Allocations, none_for_requests_that_come_many_at_a_time) {
  std::string requests;
  for (int i = 0; i < 16; ++i) requests += get("/profile");
  EXPECT_EQ(allocations_of(*main_, requests, 16, 200), 0);
}

TEST_F(Allocations, some_where_an_answer_is_not_from_memory) {  // so they would be seen
  EXPECT_GT(allocations_of(*main_, get("/sessions/nobody"), 1, 405), rounds);
}

// A write is a segment, for the socket delays none, and one of loopback holds far more than these answers.
TEST_F(Allocations, answers_to_requests_that_come_together_leave_in_one_write) {
  std::string requests;
  for (int i = 0; i < 16; ++i) requests += "GET /.well-known/jwks.json HTTP/1.1\r\nHost: x\r\n\r\n";
  Client client{main_->address()};
  client.send(requests);
  for (int i = 0; i < 16; ++i) ASSERT_EQ(client.receive()->status, 200);
  tcp_info told{};
  socklen_t size = sizeof told;
  ASSERT_EQ(::getsockopt(client.descriptor(), IPPROTO_TCP, TCP_INFO, &told, &size), 0);
  EXPECT_EQ(told.tcpi_data_segs_in, 1);
}

}  // namespace
}  // namespace signet::server::api
