// A service of your own behind a login server, with cpp-httplib:
//   curl -s http://127.0.0.1:8080/.well-known/jwks.json > jwks.json
//   example_httplib_service jwks.json http://127.0.0.1:8080 [PORT]

#include <signet/http/httplib.hpp>

#include <cstdlib>
#include <iostream>

#include "../service_keys.hpp"

int main(int argc, char** argv) {
  if (argc < 3) return std::cerr << "usage: " << argv[0] << " JWKS-FILE ISSUER [PORT]\n", 2;
  auto verifier = example::verifier_of(argv[1], argv[2]);
  if (!verifier) return std::cerr << verifier.error().detail() << '\n', 1;
  const signet::http::Guard guard{*verifier};

  httplib::Server server;
  server.Get("/hello", signet::http::require(guard, [](const httplib::Request&, httplib::Response& answer,
                                                       const signet::http::Principal& who) {
               answer.set_content("hello " + std::string{who.subject()} + "\n", "text/plain");
             }));
  server.Delete("/everything", signet::http::require(
                                   guard,
                                   [](const httplib::Request&, httplib::Response& answer,
                                      const signet::http::Principal&) { answer.set_content("gone\n", "text/plain"); },
                                   {"admin"}));

  int port = argc > 3 ? std::atoi(argv[3]) : 8081;
  if (port == 0) {
    port = server.bind_to_any_port("127.0.0.1");
  } else if (!server.bind_to_port("127.0.0.1", port)) {
    port = -1;
  }
  if (port < 0) return std::cerr << "cannot listen\n", 1;
  std::cout << "listening on http://127.0.0.1:" << port << std::endl;
  return server.listen_after_bind() ? 0 : 1;
}
