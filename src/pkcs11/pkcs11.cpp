#include "signet/pkcs11.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "src/pkcs11/session.hpp"

namespace signet {
namespace {

using Bytes = std::vector<std::byte>;

enum class Takes : std::uint8_t { input, digest };

// How the algorithm is said in PKCS#11, and what that wants to be given. Its ECDSA answers r || s already.
struct Way {
  Algorithm algorithm;
  CK_MECHANISM_TYPE mechanism;
  Takes takes;
  CK_RSA_PKCS_PSS_PARAMS pss = {};  // of PS*: a salt as long as the hash
};
constexpr std::array ways{
    Way{Algorithm::ES256, CKM_ECDSA, Takes::digest},
    Way{Algorithm::ES384, CKM_ECDSA, Takes::digest},
    Way{Algorithm::ES512, CKM_ECDSA, Takes::digest},
    Way{Algorithm::RS256, CKM_SHA256_RSA_PKCS, Takes::input},
    Way{Algorithm::RS384, CKM_SHA384_RSA_PKCS, Takes::input},
    Way{Algorithm::RS512, CKM_SHA512_RSA_PKCS, Takes::input},
    Way{Algorithm::PS256, CKM_SHA256_RSA_PKCS_PSS, Takes::input, {CKM_SHA256, CKG_MGF1_SHA256, 32}},
    Way{Algorithm::PS384, CKM_SHA384_RSA_PKCS_PSS, Takes::input, {CKM_SHA384, CKG_MGF1_SHA384, 48}},
    Way{Algorithm::PS512, CKM_SHA512_RSA_PKCS_PSS, Takes::input, {CKM_SHA512, CKG_MGF1_SHA512, 64}},
    Way{Algorithm::EdDSA, CKM_EDDSA, Takes::input},
    Way{Algorithm::Ed25519, CKM_EDDSA, Takes::input},
};
constexpr std::size_t longest_signature = 1024;  // RSA of 8192 bits

class Pkcs11Signer final : public ExternalSigner {
 public:
  Pkcs11Signer(std::shared_ptr<Pkcs11Module> module, Pkcs11Uri uri, const Way& way)
      : module_{std::move(module)}, uri_{std::move(uri)}, way_{way} {}

  ~Pkcs11Signer() override {
    if (kept_.empty()) return;
    if (const auto visit = module_->enter())
      for (const Session& session : kept_) close(*visit, session);
  }

  // A session that was kept may have died since; a new one fails when the token has gone, and after that the module
  // has to look for it anew.
  std::expected<Bytes, Error> sign(const SigningRequest& request) override {
    for (int round = 0;; ++round) {
      Error why{ErrorCode::signer_failed};
      {
        const auto visit = module_->enter();
        if (!visit) return std::unexpected(visit.error());
        auto signature = sign_in(*visit, request, round == 0);
        if (signature) return signature;
        why = std::move(signature).error();
      }
      if (round == 2 || (round == 1 && !module_->restart(why))) return std::unexpected(std::move(why));
    }
  }

 private:
  struct Session {
    CK_SESSION_HANDLE handle;
    CK_OBJECT_HANDLE key;
    unsigned start;
  };

  std::expected<Bytes, Error> sign_in(const Pkcs11Module::Visit& visit, const SigningRequest& request,
                                      bool one_that_was_kept) {
    const auto kept = one_that_was_kept ? take_kept(visit) : std::nullopt;
    const auto session = kept ? std::expected<Session, Error>{*kept} : open(visit);
    if (!session) return std::unexpected(session.error());
    auto signature = sign_with(visit.call(), *session, request);
    if (!signature) {
      close(visit, *session);
      return signature;
    }
    const std::lock_guard lock{mutex_};
    kept_.push_back(*session);
    return signature;
  }

  std::expected<Session, Error> open(const Pkcs11Module::Visit& visit) {
    const auto handle = open_session(*module_, visit, uri_);
    if (!handle) return std::unexpected(handle.error());
    const auto key = find_key(visit.call(), *handle, CKO_PRIVATE_KEY, uri_);
    if (key) return Session{*handle, *key, visit.start()};
    visit.call().C_CloseSession(*handle);
    return std::unexpected(key.error());
  }

  static void close(const Pkcs11Module::Visit& visit, const Session& session) {
    if (session.start == visit.start()) visit.call().C_CloseSession(session.handle);
  }

  std::optional<Session> take_kept(const Pkcs11Module::Visit& visit) {
    const std::lock_guard lock{mutex_};
    std::erase_if(kept_, [&](const Session& session) { return session.start != visit.start(); });
    if (kept_.empty()) return std::nullopt;
    const Session session = kept_.back();
    kept_.pop_back();
    return session;
  }

  std::expected<Bytes, Error> sign_with(CK_FUNCTION_LIST& call, const Session& session,
                                        const SigningRequest& request) const {
    const auto data = way_.takes == Takes::digest ? request.digest : std::as_bytes(std::span{request.input});
    CK_RSA_PKCS_PSS_PARAMS pss = way_.pss;
    const bool is_pss = pss.sLen != 0;
    CK_MECHANISM mechanism{way_.mechanism, is_pss ? &pss : nullptr, is_pss ? sizeof pss : 0};
    Bytes signature(longest_signature);
    CK_ULONG size = signature.size();
    CK_RV answer = call.C_SignInit(session.handle, &mechanism, session.key);
    if (answer == CKR_OK) {
      answer = call.C_Sign(session.handle, const_cast<CK_BYTE*>(reinterpret_cast<const CK_BYTE*>(data.data())),
                           data.size(), reinterpret_cast<CK_BYTE*>(signature.data()), &size);
    }
    if (answer != CKR_OK) return pkcs11_failed("the token does not sign", answer);
    signature.resize(std::min<std::size_t>(size, signature.size()));
    return signature;
  }

  std::shared_ptr<Pkcs11Module> module_;
  const Pkcs11Uri uri_;
  const Way& way_;
  std::mutex mutex_;
  std::vector<Session> kept_;  // as many as have ever signed at one time
};

}  // namespace

Pkcs11::Pkcs11(std::filesystem::path module, std::optional<Secret> pin, const Pkcs11Limits& limits)
    : module_{std::make_shared<Pkcs11Module>(std::move(module), std::move(pin), limits)} {}

std::expected<std::shared_ptr<ExternalSigner>, Error> Pkcs11::signer(Algorithm algorithm, std::string_view uri) const {
  auto parsed = Pkcs11Uri::parse(uri);
  if (!parsed) return std::unexpected(std::move(parsed).error());
  const auto* way = std::ranges::find(ways, algorithm, &Way::algorithm);
  if (way == ways.end()) {
    return std::unexpected(
        Error{ErrorCode::key_unsupported, "no PKCS#11 mechanism is known here for " + std::string{name(algorithm)}});
  }
  return std::make_shared<Pkcs11Signer>(module_, std::move(*parsed), *way);
}

std::expected<SigningKey, Error> Pkcs11::signing_key(Algorithm algorithm, std::string_view uri) const {
  auto one = signer(algorithm, uri);
  if (!one) return std::unexpected(std::move(one).error());
  const auto parsed = Pkcs11Uri::parse(uri);
  const auto visit = module_->enter();
  if (!visit) return std::unexpected(visit.error());
  const auto session = open_session(*module_, *visit, *parsed);
  if (!session) return std::unexpected(session.error());
  const auto key = read_public_key(visit->call(), *session, algorithm, *parsed);
  visit->call().C_CloseSession(*session);
  if (!key) return std::unexpected(key.error());
  return SigningKey::external(key->with_key_id(key->thumbprint()), std::move(*one));
}

}  // namespace signet
