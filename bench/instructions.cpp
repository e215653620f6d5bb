// Operations for callgrind to count the instructions of: the same keys, texts and time in every run.
//   bench_instructions     what the counts depend on, as JSON; then the name of each operation before it is done
// bench/instructions runs it and says what is counted: only what happens inside of `signet_counted`.

#include <gnu/libc-version.h>
#include <openssl/crypto.h>
#include <sodium.h>

#include <array>
#include <cstdio>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bench/measure.hpp"
#include "bench/typical.hpp"
#include "signet/http/guard.hpp"
#include "signet/signet.hpp"
#include "src/jose/base64url.hpp"
#include "tests/jose/rfc_keys.hpp"

namespace {

constexpr std::size_t times = 64;

}  // namespace

// By this name, and by its end, callgrind knows what to count.
extern "C" [[gnu::noinline]] void signet_counted(const signet::bench::Work& work) { work(times); }

namespace signet::bench {
namespace {

using namespace std::chrono_literals;

constexpr Time noon{std::chrono::seconds{1'800'000'000}};
const ManualClock& stopped_clock() {
  static const ManualClock clock{noon};
  return clock;
}

void count(const char* name, const Work& work) {
  work(2);  // what is prepared once, is prepared now
  std::puts(name);
  std::fflush(stdout);
  signet_counted(work);
}

SigningKey key_of(Algorithm algorithm) {
  const auto jwk = algorithm == Algorithm::HS256   ? test::rfc::hs256_jwk
                   : algorithm == Algorithm::RS256 ? test::rfc::rs256_jwk
                   : algorithm == Algorithm::ES256 ? test::rfc::es256_jwk
                                                   : test::rfc::ed25519_jwk;
  return SigningKey::from_jwk(algorithm, Secret::from_text(std::string{jwk})).value();
}

// Claims with a time of their own, so that a cut-off in the past covers none of them.
std::string token_of(const SigningKey& key) {
  return Signer{key}.clock(stopped_clock()).sign(typical_claims()).value();
}

VerifierBuilder verifier_of(const SigningKey& key) {
  auto builder = rules();
  builder.key(key.verifying_key()).clock(std::make_shared<ManualClock>(noon));
  return builder;
}

template <class Once>
Work succeeding(Once once) {
  if (!once()) throw std::logic_error{"what is to be counted fails"};
  return repeated(std::move(once));
}

void verifying() {
  for (const auto& [algorithm, name] : {std::pair{Algorithm::HS256, "verify HS256"},
                                        {Algorithm::RS256, "verify RS256"},
                                        {Algorithm::ES256, "verify ES256"},
                                        {Algorithm::EdDSA, "verify EdDSA"}}) {
    const auto key = key_of(algorithm);
    const auto token = token_of(key);
    const auto verifier = verifier_of(key).build().value();
    count(name, succeeding([&] { return verifier.verify(token).has_value(); }));
  }
  const auto key = key_of(Algorithm::HS256);
  const auto token = token_of(key);
  const auto caching = verifier_of(key).cache(64).build().value();
  count("cache hit", succeeding([&] { return caching.verify(token).has_value(); }));

  std::vector<VerifyingKey> keys{key.with_key_id("the-one-of-2026-01").verifying_key()};
  while (keys.size() < 100) {
    keys.push_back(key.with_key_id("another-of-" + std::to_string(keys.size())).verifying_key());
  }
  const auto of_set =
      rules().keys(KeySet::of(std::move(keys)).value()).clock(std::make_shared<ManualClock>(noon)).build();
  const auto with_key_id = token_of(key.with_key_id("the-one-of-2026-01"));
  count("verify HS256, 100 keys", succeeding([&] { return of_set->verify(with_key_id).has_value(); }));
}

void signing() {
  const auto key = key_of(Algorithm::HS256);
  const auto signer = Signer{key}.clock(stopped_clock());
  const auto claims = typical_claims();
  count("sign HS256", succeeding([&] { return signer.sign(claims).has_value(); }));
  count("sign HS256, claims set", succeeding([&] { return signer.sign(typical_claims()).has_value(); }));
}

void reading() {
  const auto key = key_of(Algorithm::HS256);
  const auto token = token_of(key);
  const auto payload = token.substr(token.find('.') + 1, token.rfind('.') - token.find('.') - 1);
  std::vector<std::byte> bytes(jose::base64url_decoded_size(payload.size()));
  count("base64url decode", succeeding([&] { return jose::base64url_decode_into(payload, bytes.data()); }));
  count("base64url encode", succeeding([&] { return !jose::base64url_encode(bytes).empty(); }));
  const std::string_view json{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  count("claims' JSON", succeeding([&] { return json::parse(json).has_value(); }));
}

void revocations() {
  Revocations taken_back;
  for (int i = 0; i < 1000; ++i) {
    taken_back.add({.kind = RevocationKind::token, .key = std::to_string(i), .cutoff = {}, .expires_at = noon + 1h});
  }
  // Where a name stands depends on random numbers of the process: many names, so that the sum does not.
  std::vector<std::string> ids;
  for (int i = 0; i < 100; ++i) ids.push_back("Zx3kQ9pLm2Vt7Rw8Yb1N" + std::to_string(i));
  count("revocations, 100 checks", succeeding([&] {
          bool any = false;
          for (const auto& id : ids) {
            any |= taken_back.covers(
                {.id = id, .session = "s", .subject = "u", .client = "c", .key = "k", .issued_at = noon});
          }
          return !any;
        }));
}

void guarding() {
  const auto key = key_of(Algorithm::HS256);
  const auto header = "Bearer " + token_of(key);
  const http::Guard guard{verifier_of(key).build().value()};
  const std::array<std::string_view, 1> authorization{header};
  const http::Credentials credentials{.method = "GET", .authorization = authorization, .cookie = {}, .origin = {}};
  count("guard a request", succeeding([&] { return guard.check(credentials, {"profile:read"}).has_value(); }));
}

// What the counts depend on.
void print_facts() {
  std::puts(json::Object{}
                .set("compiler", __VERSION__)
                .set("openssl", OpenSSL_version(OPENSSL_VERSION))
                .set("libsodium", sodium_version_string())
                .set("glibc", gnu_get_libc_version())
                .set("times", times)
                .text()
                .c_str());
}

}  // namespace
}  // namespace signet::bench

int main() {
  using namespace signet::bench;
  print_facts();
  verifying();
  signing();
  reading();
  revocations();
  guarding();
}
