#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/server/http/harness.hpp"

namespace signet::server::http {
namespace {

using namespace std::chrono_literals;
using test::Client;
using test::Harness;
namespace fs = std::filesystem;

const std::string hello = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";

// A self-signed P-256 certificate and its key, as PEM files.
void make_certificate(const fs::path& certificate, const fs::path& key, std::string_view name) {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pair(EVP_EC_gen("P-256"), EVP_PKEY_free);
  std::unique_ptr<X509, decltype(&X509_free)> x509(X509_new(), X509_free);
  X509_set_version(x509.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509.get()), 3600);
  X509_set_pubkey(x509.get(), pair.get());
  auto* subject = X509_get_subject_name(x509.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.data()),
                             static_cast<int>(name.size()), -1, 0);
  X509_set_issuer_name(x509.get(), subject);
  ASSERT_GT(X509_sign(x509.get(), pair.get(), EVP_sha256()), 0);
  std::unique_ptr<FILE, decltype(&fclose)> out(fopen(certificate.c_str(), "w"), fclose);
  ASSERT_EQ(PEM_write_X509(out.get(), x509.get()), 1);
  out.reset(fopen(key.c_str(), "w"));
  ASSERT_EQ(PEM_write_PrivateKey(out.get(), pair.get(), nullptr, nullptr, 0, nullptr, nullptr), 1);
}

class TlsClient {
 public:
  explicit TlsClient(const std::string& address, int version = 0, std::string_view protocols = {})
      : client_(address), context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
    if (version != 0) {
      SSL_CTX_set_min_proto_version(context_.get(), version);
      SSL_CTX_set_max_proto_version(context_.get(), version);
      SSL_CTX_set_security_level(context_.get(), 0);
    }
    ssl_.reset(SSL_new(context_.get()));
    if (!protocols.empty())
      SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                          static_cast<unsigned>(protocols.size()));
    SSL_set_fd(ssl_.get(), client_.descriptor());
    connected_ = SSL_connect(ssl_.get()) == 1;
    ERR_clear_error();
  }

  [[nodiscard]] bool connected() const { return connected_; }

  [[nodiscard]] std::string version() const { return SSL_get_version(ssl_.get()); }

  [[nodiscard]] std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &length);
    return {reinterpret_cast<const char*>(name), length};
  }

  [[nodiscard]] std::string server_name() const {
    std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl_.get()), X509_free);
    char name[64]{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name, sizeof name);
    return name;
  }

  [[nodiscard]] int descriptor() const { return client_.descriptor(); }

  void send(std::string_view bytes) { SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())); }

  // Everything until `suffix` has come, or the server ended.
  [[nodiscard]] std::string receive_until(std::string_view suffix) {
    std::string all;
    char buffer[16384];
    while (!all.ends_with(suffix)) {
      int count = SSL_read(ssl_.get(), buffer, sizeof buffer);
      if (count <= 0) break;
      all.append(buffer, static_cast<std::size_t>(count));
    }
    return all;
  }

  // The server said that it ends (close_notify), rather than just vanishing.
  [[nodiscard]] bool ended_properly() {
    char byte = 0;
    int count = SSL_read(ssl_.get(), &byte, 1);
    return count <= 0 && SSL_get_error(ssl_.get(), count) == SSL_ERROR_ZERO_RETURN;
  }

 private:
  Client client_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, SSL_free};
  bool connected_ = false;
};

class Tls : public testing::Test {
 protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);
    std::string name = (fs::temp_directory_path() / "signet-tls-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    make_certificate(folder_ / "cert.pem", folder_ / "key.pem", "first");
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] ServerOptions options() const {
    ServerOptions options;
    options.loops = 2;
    options.tls = TlsFiles{folder_ / "cert.pem", folder_ / "key.pem"};
    return options;
  }

  fs::path folder_;
};

TEST_F(Tls, a_key_that_others_can_write_is_refused) {
  for (const auto mode : {fs::perms::group_write, fs::perms::others_write}) {
    fs::permissions(folder_ / "key.pem", fs::perms::owner_read | mode);
    auto server = Server::bind(options(), Router{});
    ASSERT_FALSE(server);
    EXPECT_THAT(server.error(), testing::HasSubstr("can be written by others"));
  }
  fs::permissions(folder_ / "key.pem", fs::perms::owner_read | fs::perms::group_read);
  EXPECT_TRUE(Server::bind(options(), Router{}));
}

TEST_F(Tls, serves_over_1_3_and_1_2_and_nothing_older) {
  Harness harness(options());
  for (int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    TlsClient client(harness.server->address(), version);
    ASSERT_TRUE(client.connected());
    client.send(hello);
    EXPECT_THAT(client.receive_until("\r\n\r\nhello"), testing::HasSubstr("200 OK"));
    client.send("POST /store/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nping" + hello);
    EXPECT_THAT(client.receive_until("hello"), testing::HasSubstr("ping"));
  }
  EXPECT_EQ(TlsClient(harness.server->address()).version(), "TLSv1.3");
  EXPECT_FALSE(TlsClient(harness.server->address(), TLS1_1_VERSION).connected());
}

TEST_F(Tls, speaks_http_1_1_by_alpn_and_refuses_who_cannot) {
  Harness harness(options());
  TlsClient both(harness.server->address(), 0, "\x02h2\x08http/1.1");
  ASSERT_TRUE(both.connected());
  EXPECT_EQ(both.protocol(), "http/1.1");
  EXPECT_FALSE(TlsClient(harness.server->address(), 0, "\x02h2").connected());
}

TEST_F(Tls, carries_large_answers_and_pipelines) {
  Harness harness(options());
  TlsClient client(harness.server->address());
  ASSERT_TRUE(client.connected());
  client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n" + hello +
              "GET /items/last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_GT(client.receive_until("\r\n\r\nlast").size(), 1'000'000);
  EXPECT_TRUE(client.ended_properly());
}

TEST_F(Tls, closes_on_plain_http_and_on_garbage) {
  Harness harness(options());
  for (const auto& bytes : {hello, std::string("\x16\x03\x01garbage that is no handshake"), std::string(1000, '\0')}) {
    auto client = harness.connect();
    client.send(bytes);
    client.end_sending();
    EXPECT_THAT(client.receive_rest(), testing::Not(testing::HasSubstr("HTTP/1.1 200")));
  }
  TlsClient client(harness.server->address());
  ASSERT_TRUE(client.connected());
  client.send(hello);
  EXPECT_THAT(client.receive_until("hello"), testing::HasSubstr("200 OK"));
}

TEST_F(Tls, closes_handshakes_that_take_too_long) {
  auto quick = options();
  quick.limits.header_time = 50ms;
  Harness harness(quick);
  EXPECT_TRUE(harness.connect().closed());
}

TEST_F(Tls, new_handshakes_use_the_files_new_content_after_a_reload) {
  Harness harness(options());
  TlsClient before(harness.server->address());
  ASSERT_TRUE(before.connected());
  EXPECT_EQ(before.server_name(), "first");

  make_certificate(folder_ / "cert.pem", folder_ / "key.pem", "second");
  ASSERT_TRUE(harness.server->reload_tls(*options().tls));
  EXPECT_EQ(TlsClient(harness.server->address()).server_name(), "second");
  before.send(hello);
  EXPECT_THAT(before.receive_until("hello"), testing::HasSubstr("200 OK")) << "connections outlive the reload";
}

TEST_F(Tls, a_broken_pair_leaves_the_old_one_in_place_and_says_why) {
  Harness harness(options());
  auto reload_error = [&] {
    auto reloaded = harness.server->reload_tls(*options().tls);
    return reloaded ? std::string("reloaded") : reloaded.error();
  };
  auto certificate = (folder_ / "cert.pem").string();
  auto key = (folder_ / "key.pem").string();

  make_certificate(folder_ / "cert.pem", folder_ / "other.pem", "mismatched");
  EXPECT_EQ(reload_error(), "cannot use the key " + key + ": key values mismatch");
  std::ofstream(certificate) << "not a certificate";
  EXPECT_EQ(reload_error(), "cannot use the certificate " + certificate + ": no start line");
  fs::remove(certificate);
  EXPECT_EQ(reload_error(), "cannot use the certificate " + certificate + ": No such file or directory");

  TlsClient client(harness.server->address());
  ASSERT_TRUE(client.connected());
  EXPECT_EQ(client.server_name(), "first");
}

TEST_F(Tls, does_not_start_without_a_usable_pair) {
  auto broken = options();
  broken.listen = "127.0.0.1:0";
  broken.tls->key = folder_ / "absent.pem";
  auto server = Server::bind(broken, Router{});
  ASSERT_FALSE(server);
  EXPECT_THAT(server.error(), testing::EndsWith("absent.pem: No such file or directory"));
  Harness plain;
  EXPECT_FALSE(plain.server->reload_tls(*options().tls));
}

TEST_F(Tls, carries_a_stream_and_draining_ends_it_properly) {
  Harness harness(options());
  TlsClient client(harness.server->address());
  client.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.receive_until("6\r\nbegun\n\r\n"), testing::HasSubstr("Transfer-Encoding: chunked\r\n"));
  harness.channel->send("one");
  EXPECT_EQ(client.receive_until("one\r\n"), "3\r\none\r\n");
  std::jthread draining([&] { harness.server->drain(60s); });
  EXPECT_EQ(client.receive_until("0\r\n\r\n"), "0\r\n\r\n");
  EXPECT_TRUE(client.ended_properly());
}

TEST_F(Tls, a_refused_request_leaves_its_answer_to_a_client_that_goes_on_sending) {
  auto small = options();
  small.limits.body_bytes = 1000;
  Harness harness(small);
  TlsClient client(harness.server->address());
  ASSERT_TRUE(client.connected());
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n");
  // Only once the server has answered and said that it ends.
  char byte = 0;
  ASSERT_EQ(recv(client.descriptor(), &byte, 1, MSG_PEEK), 1);
  for (int i = 0; i < 20; ++i) client.send(std::string(16000, 'x'));
  EXPECT_THAT(client.receive_until(R"("the body is too large"})"), testing::HasSubstr("413 "));
  EXPECT_TRUE(client.ended_properly());
}

TEST_F(Tls, draining_ends_connections_properly) {
  Harness harness(options());
  auto client = std::make_unique<TlsClient>(harness.server->address());
  ASSERT_TRUE(client->connected());
  client->send(hello);
  EXPECT_THAT(client->receive_until("hello"), testing::HasSubstr("200 OK"));
  std::jthread draining([&] { harness.server->drain(10s); });
  EXPECT_TRUE(client->ended_properly());
  client.reset();
}

}  // namespace
}  // namespace signet::server::http
