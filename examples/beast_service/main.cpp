// A service of your own behind a login server, with Boost.Beast: one connection after the other, to keep the example
// short.
//   curl -s http://127.0.0.1:8080/.well-known/jwks.json > jwks.json
//   example_beast_service jwks.json http://127.0.0.1:8080 [PORT]

#include <signet/http/beast.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <cstdlib>
#include <iostream>

#include "../service_keys.hpp"

namespace beast = boost::beast;
namespace asio = boost::asio;
using Request = beast::http::request<beast::http::string_body>;
using Response = beast::http::response<beast::http::string_body>;

namespace {

Response text(const Request& request, beast::http::status status, std::string body) {
  Response response{status, request.version()};
  response.set(beast::http::field::content_type, "text/plain");
  response.keep_alive(request.keep_alive());
  response.body() = std::move(body);
  response.prepare_payload();
  return response;
}

Response handle(const signet::http::Guard& guard, const Request& request) {
  if (request.target() == "/hello") {
    auto who = signet::http::require(guard, request);
    if (!who) return std::move(who.error());
    return text(request, beast::http::status::ok, "hello " + std::string{who->subject()} + "\n");
  }
  if (request.target() == "/everything" && request.method() == beast::http::verb::delete_) {
    auto who = signet::http::require(guard, request, {"admin"});
    if (!who) return std::move(who.error());
    return text(request, beast::http::status::ok, "gone\n");
  }
  return text(request, beast::http::status::not_found, "nothing here\n");
}

void serve(const signet::http::Guard& guard, asio::ip::tcp::socket socket) {
  beast::tcp_stream stream{std::move(socket)};
  beast::flat_buffer buffer;
  beast::error_code failed;
  for (;;) {
    Request request;
    beast::http::read(stream, buffer, request, failed);
    if (failed) return;
    const Response response = handle(guard, request);
    beast::http::write(stream, response, failed);
    if (failed || response.need_eof()) return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return std::cerr << "usage: " << argv[0] << " JWKS-FILE ISSUER [PORT]\n", 2;
  auto verifier = example::verifier_of(argv[1], argv[2]);
  if (!verifier) return std::cerr << verifier.error().detail() << '\n', 1;
  const signet::http::Guard guard{*verifier};

  const auto port = static_cast<unsigned short>(argc > 3 ? std::atoi(argv[3]) : 8081);
  asio::io_context context;
  asio::ip::tcp::acceptor acceptor{context, {asio::ip::make_address("127.0.0.1"), port}};
  std::cout << "listening on http://127.0.0.1:" << acceptor.local_endpoint().port() << std::endl;
  for (;;) serve(guard, acceptor.accept());
}
