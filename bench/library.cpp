// The library beside its floor: one row an operation, as JSON, one a line.
//   bench_library [--quick] [--only TEXT] [--material FILE]

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "bench/floor.hpp"
#include "bench/measure.hpp"
#include "bench/typical.hpp"
#include "signet/signet.hpp"
#include "src/jose/base64url.hpp"

namespace signet::bench {
namespace {

using namespace std::chrono_literals;

// With a claim that makes the token about so long; the shortest has what is checked and nothing else.
Claims claims_of(std::size_t token_bytes) {
  if (token_bytes <= 100) return Claims{}.expires_in(1h);
  auto claims = typical_claims();
  if (token_bytes > 400) claims.set("data", std::string((token_bytes - 400) * 3 / 4, 'x'));
  return claims;
}

class Suite {
 public:
  // `material`: null, or where what other libraries need for the same verification is written, a line an algorithm.
  Suite(bool quick, std::string_view only, std::FILE* material)
      : quick_{quick}, only_{only}, material_{material}, stopwatch_{quick ? 400ms : 3000ms} {}

  void run() {
    for (const auto algorithm : {Algorithm::HS256, Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA}) {
      verify(algorithm);
      sign(algorithm);
    }
    sizes();
    keys();
    revocations();
    memory();
    if (quick_) return;
    others();
    threads();
  }

 private:
  void print(const Row& row) const {
    std::puts(to_json(row).c_str());
    std::fflush(stdout);
  }

  [[nodiscard]] bool wanted(std::string_view name) const { return name.find(only_) != std::string_view::npos; }

  void compare(const std::string& name, const Work& work, const Work& floor) const {
    print(stopwatch_.compare(name, work, floor));
  }

  void write_material(const SigningKey& key, std::string_view token) const {
    json::Object line;
    line.set("algorithm", signet::name(key.algorithm())).set("token", token);
    line.set("jwk", key.to_private_jwk().value().reveal_text());
    if (!is_symmetric(key.algorithm())) {
      line.set("public_pem", key.verifying_key().to_pem().value());
      line.set("private_pem", key.to_private_pem().value().reveal_text());
    }
    std::fprintf(material_, "%s\n", line.text().c_str());
    std::fflush(material_);
  }

  static Work verifying(const Verifier& verifier, const std::string& token) {
    if (const auto verified = verifier.verify(token); !verified) throw std::logic_error{verified.error().detail()};
    return repeated([verifier, token] { return verifier.verify(token).has_value(); });
  }

  static Work verifying_floor(const KeyPair& pair, const std::string& token, std::string_view iss = issuer,
                              std::string_view aud = audience) {
    const std::shared_ptr<Primitive> primitive = pair.primitive();
    if (!floor_verify(*primitive, token, iss, aud)) throw std::logic_error{"the floor refuses the token"};
    return repeated([=] { return floor_verify(*primitive, token, iss, aud); });
  }

  void verify(Algorithm algorithm) const {
    const auto name = "verify " + std::string{signet::name(algorithm)};
    if (!wanted(name)) return;
    const auto pair = make_key_pair(algorithm);
    const auto token = Signer{pair.key}.sign(typical_claims()).value();
    if (material_ != nullptr) write_material(pair.key, token);
    const auto verifier = rules().key(pair.key.verifying_key()).build().value();
    compare_over_keys(name, algorithm, verifying_with);

    if (algorithm == Algorithm::ES256) {
      const auto quick = rules().key(pair.key.verifying_key().with_table()).build().value();
      compare(name + ", key with a table", verifying(quick, token), verifying_floor(pair, token));
    }
    const auto caching = rules().key(pair.key.verifying_key()).cache(1024).build().value();
    compare(name + ", cache hit", verifying(caching, token), verifying_floor(pair, token));
    TokenBuffer buffer;
    compare(name + ", caller's buffer", repeated([&] { return verifier.verify(token, buffer).has_value(); }),
            verifying_floor(pair, token));
  }

  void sign(Algorithm algorithm) const {
    const auto name = "sign " + std::string{signet::name(algorithm)};
    if (!wanted(name)) return;
    const auto pair = make_key_pair(algorithm);
    compare_over_keys(name, algorithm, signing_with);
    const Signer signer{pair.key};
    compare(name + ", claims set", repeated([&] { return signer.sign(typical_claims())->size(); }),
            signing_floor(pair, typical_claims()));
  }

  // The algorithms that fewer tokens have.
  void others() const {
    using enum Algorithm;
    for (const auto algorithm : {HS384, HS512, RS384, RS512, PS256, PS384, PS512, ES384, ES512, ES256K, Ed448,
                                 ML_DSA_44, ML_DSA_65, ML_DSA_87}) {
      const std::string name{signet::name(algorithm)};
      if (!is_available(algorithm) || (!wanted("verify " + name) && !wanted("sign " + name))) continue;
      compare_over_keys("verify " + name, algorithm, verifying_with);
      compare_over_keys("sign " + name, algorithm, signing_with);
    }
  }

  struct Pair {
    Work work, floor;
  };

  static Pair verifying_with(const KeyPair& pair) {
    const auto token = Signer{pair.key}.sign(typical_claims()).value();
    const auto verifier = rules().key(pair.key.verifying_key()).build().value();
    return {verifying(verifier, token), verifying_floor(pair, token)};
  }

  static Pair signing_with(const KeyPair& pair) {
    const auto claims = typical_claims();
    return {repeated([signer = Signer{pair.key}, claims] { return signer.sign(claims)->size(); }),
            signing_floor(pair, claims)};
  }

  // Three times with keys of their own, of which the one with the middle ratio counts: where its numbers lie in memory
  // is worth up to 5 % to a curve of OpenSSL's.
  void compare_over_keys(const std::string& name, Algorithm algorithm, Pair (*make)(const KeyPair&)) const {
    constexpr int times = 3;
    std::vector<Row> rows;
    for (int i = 0; i < times; ++i) {
      const auto pair = make_key_pair(algorithm);
      const auto [work, floor] = make(pair);
      rows.push_back(stopwatch_.compare(name, work, floor, times));
    }
    std::ranges::sort(rows, {}, [](const Row& row) { return row.ns / row.floor_ns; });
    print(rows[times / 2]);
  }

  static Work signing_floor(const KeyPair& pair, const Claims& claims) {
    const auto json = claims.to_json(SystemClock::instance().now()).value();
    const auto header = jose::base64url_encode(R"({"alg":"HS256","typ":"JWT"})") + '.';
    const std::shared_ptr<Primitive> primitive = pair.primitive();
    return repeated([=, token = std::string{}]() mutable {
      floor_sign(*primitive, header, json, token);
      return token.size();
    });
  }

  void sizes() const {
    const auto pair = make_key_pair(Algorithm::HS256);
    auto builder = Verifier::builder();
    const auto verifier = builder.key(pair.key.verifying_key()).any_issuer().any_audience().build().value();
    for (const auto& [bytes, what] : {std::pair{100, "100 bytes"}, {1'000, "1 kB"}, {8'000, "8 kB"}}) {
      const auto name = std::string{"verify HS256, "} + what;
      if (!wanted(name)) continue;
      const auto token = Signer{pair.key}.sign(claims_of(static_cast<std::size_t>(bytes))).value();
      const bool shortest = bytes == 100;
      compare(name, verifying(verifier, token),
              verifying_floor(pair, token, shortest ? "" : issuer, shortest ? "" : audience));
    }
  }

  void keys() const {
    for (const std::size_t count : {std::size_t{1}, std::size_t{1000}}) {
      const auto name = "verify HS256, " + std::to_string(count) + (count == 1 ? " key" : " keys");
      if (!wanted(name)) continue;
      const auto pair = make_key_pair(Algorithm::HS256);
      const auto chosen = pair.key.with_key_id("the-one-of-2026-01");
      std::vector<VerifyingKey> all{chosen.verifying_key()};
      while (all.size() < count) {
        const auto other = SigningKey::generate(Algorithm::HS256).value();
        all.push_back(other.verifying_key().with_key_id("another-of-" + std::to_string(all.size())));
      }
      const auto verifier = rules().keys(KeySet::of(std::move(all)).value()).build().value();
      const auto token = Signer{chosen}.sign(typical_claims()).value();
      compare(name, verifying(verifier, token), verifying_floor(pair, token));
    }
  }

  void revocations() const {
    constexpr std::string_view base = "verify HS256, new tokens";
    if (!wanted("verify HS256, 10 million revocations") && !wanted(base)) return;
    using Kind = RevocationKind;
    constexpr int many = 10'000'000;
    const auto none = std::make_shared<Revocations>();
    const auto of_tokens = taken_back(many, {Kind::token});
    const auto pair = make_key_pair(Algorithm::HS256);
    const Signer signer{pair.key};
    std::uint64_t number = 0;
    const auto make = [&](std::vector<std::string>& tokens) {
      for (auto& token : tokens) {
        const auto text = std::to_string(0x9e3779b97f4a7c15 * ++number);
        token = signer.sign(typical_claims().subject("subject-" + text).id("token-" + text).set("sid", text)).value();
      }
    };
    constexpr std::size_t times = 512;
    std::vector<std::string> tokens(1);
    std::vector<Contestant> contestants;
    const auto each_token = [&tokens](const auto& work) {
      for (std::size_t i = 0; i < times; ++i) work(tokens[i % tokens.size()]);
    };
    const auto enter = [&](std::string_view name, std::shared_ptr<const Revocations> taken_back) {
      auto builder = rules();
      builder.key(pair.key.verifying_key());
      if (taken_back) builder.revocations(taken_back);
      contestants.push_back({std::string{name}, [each_token, verifier = builder.build().value()] {
                               each_token([&](const std::string& token) {
                                 const auto verified = verifier.verify(token);
                                 if (!verified) throw std::logic_error{verified.error().detail()};
                                 keep(verified);
                               });
                             }});
    };
    const std::shared_ptr<Primitive> primitive = pair.primitive();
    const auto measure = [&](const std::function<void()>& renew, int part) {
      const auto floor = [&] {
        each_token([&](const std::string& token) { keep(floor_verify(*primitive, token, issuer, audience)); });
      };
      return stopwatch_.compare_fresh(renew, times, contestants, floor, part);
    };

    // A token that comes again: what the check looks at is near. Five of them, of which the one with the middle
    // difference counts: where it and what is looked at lie in memory is worth some ns.
    enter("verify HS256, no revocations", none);
    enter("verify HS256, 10 million revocations", of_tokens);
    constexpr int tries = 5;
    std::vector<std::vector<Row>> found;
    for (int i = 0; i < tries; ++i) {
      make(tokens);
      found.push_back(measure([] {}, tries));
    }
    std::ranges::sort(found, {}, [](const auto& rows) { return rows[1].ns - rows[0].ns; });
    for (const auto& row : found[tries / 2]) print(row);

    // Tokens that are new each time, with an id, a session and a subject that nobody asked for before: nothing that the
    // check looks at is near because of the last one.
    contestants.clear();
    tokens.resize(times);
    enter(base, nullptr);
    enter("verify HS256, new tokens, no revocations", none);
    enter("verify HS256, new tokens, 10 million revocations", of_tokens);
    enter("verify HS256, new tokens, 10 million revocations of three kinds",
          taken_back(many, {Kind::token, Kind::session, Kind::subject}));
    for (const auto& row : measure([&] { make(tokens); }, 1)) print(row);
  }

  // What memory takes to answer where no cache of the processor's holds anything of it: a check among ten million for a
  // token that nobody asked for before reads one such word.
  void memory() const {
    constexpr std::string_view name = "one word at random of 32 MiB";
    if (!wanted(name)) return;
    struct alignas(64) Line {
      std::uint32_t next;
    };
    constexpr std::size_t count = (std::size_t{32} << 20) / sizeof(Line), huge_page = std::size_t{2} << 20;
    const std::unique_ptr<Line, decltype(&std::free)> lines{
        static_cast<Line*>(std::aligned_alloc(huge_page, count * sizeof(Line))), std::free};
    ::madvise(lines.get(), count * sizeof(Line), MADV_HUGEPAGE);  // as the library does
    // One cycle through all of them in random order (Sattolo), so that each read waits for the one before.
    for (std::uint32_t i = 0; i < count; ++i) lines.get()[i].next = i;
    std::mt19937 random{1};
    for (std::uint32_t i = count - 1; i > 0; --i) {
      std::swap(lines.get()[i].next, lines.get()[std::uniform_int_distribution<std::uint32_t>{0, i - 1}(random)].next);
    }
    std::uint32_t at = 0;
    const auto read = repeated([&] { return at = lines.get()[at].next; });
    compare(std::string{name}, read, read);
  }

  static std::shared_ptr<Revocations> taken_back(int count, std::initializer_list<RevocationKind> kinds) {
    const auto made = std::make_shared<Revocations>();
    const auto now = SystemClock::instance().now();
    for (int i = 0; i < count; ++i) {
      const auto kind = kinds.begin()[static_cast<std::size_t>(i) % kinds.size()];
      made->add({.kind = kind, .key = std::to_string(i), .cutoff = now, .expires_at = now + 1h});
    }
    return made;
  }

  void threads() const {
    for (const auto algorithm : {Algorithm::HS256, Algorithm::ES256}) {
      std::vector<Crew> crews;
      for (std::size_t count = 1; count <= std::thread::hardware_concurrency(); count *= 2) {
        auto name = "verify " + std::string{signet::name(algorithm)} + ", " + std::to_string(count) +
                    (count == 1 ? " thread" : " threads");
        if (wanted(name)) crews.push_back({std::move(name), count});
      }
      if (crews.empty()) continue;
      const auto pair = make_key_pair(algorithm);
      const auto token = Signer{pair.key}.sign(typical_claims()).value();
      const auto verifier = rules().key(pair.key.verifying_key()).build().value();
      for (const auto& row : stopwatch_.compare_in_threads(
               crews, [&] { return verifying(verifier, token); }, [&] { return verifying_floor(pair, token); })) {
        print(row);
      }
    }
  }

  bool quick_;
  std::string_view only_;
  std::FILE* material_;
  Stopwatch stopwatch_;
};

}  // namespace
}  // namespace signet::bench

int main(int argc, char** argv) {
  bool quick = false;
  std::string_view only;
  std::FILE* material = nullptr;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--quick") == 0) {
      quick = true;
    } else if (std::strcmp(argv[i], "--only") == 0 && i + 1 < argc) {
      only = argv[++i];
    } else if (std::strcmp(argv[i], "--material") == 0 && i + 1 < argc) {
      material = std::fopen(argv[++i], "w");
      if (material == nullptr) {
        std::perror(argv[i]);
        return 1;
      }
    } else {
      std::fputs("usage: bench_library [--quick] [--only TEXT] [--material FILE]\n", stderr);
      return 2;
    }
  }
  signet::bench::Suite{quick, only, material}.run();
}
