#include "pkcs11_signer.hpp"

#include <dlfcn.h>
#include <p11-kit/pkcs11.h>

#include <array>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace example {
namespace {

using signet::Algorithm;
using signet::Error;
using signet::ErrorCode;

std::unexpected<Error> failed(ErrorCode code, const std::string& what, CK_RV answer = CKR_OK) {
  return std::unexpected(Error{code, answer == CKR_OK ? what : what + ": PKCS#11 error " + std::to_string(answer)});
}

enum class Takes { input, digest };

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

// The module, from C_Initialize to C_Finalize. One a process: PKCS#11 knows no second.
class Module {
 public:
  explicit Module(const std::string& path) {
    library_ = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library_ == nullptr) return;
    const auto list = reinterpret_cast<CK_C_GetFunctionList>(::dlsym(library_, "C_GetFunctionList"));
    CK_C_INITIALIZE_ARGS threads{};
    threads.flags = CKF_OS_LOCKING_OK;
    if (list == nullptr || list(&call) != CKR_OK || call->C_Initialize(&threads) != CKR_OK) call = nullptr;
  }
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  ~Module() {
    if (call != nullptr) call->C_Finalize(nullptr);
    if (library_ != nullptr) ::dlclose(library_);
  }

  CK_FUNCTION_LIST* call = nullptr;  // null: there is no such module

 private:
  void* library_ = nullptr;
};

// The label's characters, padded with blanks as the standard has it.
bool is_called(const CK_TOKEN_INFO& info, std::string_view label) {
  std::string_view padded{reinterpret_cast<const char*>(info.label), sizeof info.label};
  return padded.substr(0, padded.find_last_not_of(' ') + 1) == label;
}

std::expected<CK_SLOT_ID, Error> slot_of(CK_FUNCTION_LIST& call, const std::string& label) {
  CK_ULONG count = 0;
  call.C_GetSlotList(CK_TRUE, nullptr, &count);
  std::vector<CK_SLOT_ID> slots(count);
  if (call.C_GetSlotList(CK_TRUE, slots.data(), &count) != CKR_OK) return failed(ErrorCode::signer_failed, "no slots");
  slots.resize(count);
  for (const CK_SLOT_ID slot : slots) {
    CK_TOKEN_INFO info{};
    if (call.C_GetTokenInfo(slot, &info) == CKR_OK && is_called(info, label)) return slot;
  }
  return failed(ErrorCode::key_not_found, "no token is called " + label);
}

// The one private key of that label: two would make a matter of luck which of them signs.
std::expected<CK_OBJECT_HANDLE, Error> private_key(CK_FUNCTION_LIST& call, CK_SESSION_HANDLE session,
                                                   std::string label) {
  CK_OBJECT_CLASS type = CKO_PRIVATE_KEY;
  std::array<CK_ATTRIBUTE, 2> wanted{CK_ATTRIBUTE{CKA_CLASS, &type, sizeof type},
                                     CK_ATTRIBUTE{CKA_LABEL, label.data(), label.size()}};
  std::array<CK_OBJECT_HANDLE, 2> found{};
  CK_ULONG count = 0;
  CK_RV answer = call.C_FindObjectsInit(session, wanted.data(), wanted.size());
  if (answer == CKR_OK) {
    answer = call.C_FindObjects(session, found.data(), found.size(), &count);
    call.C_FindObjectsFinal(session);
  }
  if (answer != CKR_OK) return failed(ErrorCode::signer_failed, "the token does not look for keys", answer);
  if (count != 1) return failed(ErrorCode::key_not_found, (count == 0 ? "no key called " : "two keys called ") + label);
  return found.front();
}

class Pkcs11Signer final : public signet::ExternalSigner {
 public:
  Pkcs11Signer(std::unique_ptr<Module> module, const Way& way) : module_{std::move(module)}, way_{way} {}
  ~Pkcs11Signer() override {
    if (session_ != 0) module_->call->C_CloseSession(session_);
  }

  std::expected<void, Error> open(const Pkcs11Key& key, const signet::Secret& pin) {
    CK_FUNCTION_LIST& call = *module_->call;
    const auto slot = slot_of(call, key.token);
    if (!slot) return std::unexpected(slot.error());
    CK_RV answer = call.C_OpenSession(*slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session_);
    if (answer != CKR_OK) return failed(ErrorCode::signer_failed, "the token opens no session", answer);
    const auto digits = pin.reveal();
    answer = call.C_Login(session_, CKU_USER,
                          const_cast<CK_UTF8CHAR*>(reinterpret_cast<const CK_UTF8CHAR*>(digits.data())), digits.size());
    if (answer != CKR_OK) return failed(ErrorCode::signer_failed, "the token refuses the PIN", answer);
    const auto found = private_key(call, session_, key.label);
    if (!found) return std::unexpected(found.error());
    key_ = *found;
    return {};
  }

  std::expected<std::vector<std::byte>, Error> sign(const signet::SigningRequest& request) override {
    const auto data = way_.takes == Takes::digest ? request.digest : std::as_bytes(std::span{request.input});
    CK_RSA_PKCS_PSS_PARAMS pss = way_.pss;
    const bool is_pss = pss.sLen != 0;
    CK_MECHANISM mechanism{way_.mechanism, is_pss ? &pss : nullptr, is_pss ? sizeof pss : 0};
    std::vector<std::byte> signature(1024);  // RSA of 8192 bits
    CK_ULONG size = signature.size();

    const std::lock_guard lock{mutex_};  // a session makes one signature at a time
    CK_RV answer = module_->call->C_SignInit(session_, &mechanism, key_);
    if (answer == CKR_OK) {
      answer = module_->call->C_Sign(session_, const_cast<CK_BYTE*>(reinterpret_cast<const CK_BYTE*>(data.data())),
                                     data.size(), reinterpret_cast<CK_BYTE*>(signature.data()), &size);
    }
    if (answer != CKR_OK) return failed(ErrorCode::signer_failed, "the token does not sign", answer);
    signature.resize(size);
    return signature;
  }

 private:
  std::unique_ptr<Module> module_;
  const Way& way_;
  std::mutex mutex_;
  CK_SESSION_HANDLE session_ = 0;
  CK_OBJECT_HANDLE key_ = 0;
};

}  // namespace

std::expected<std::shared_ptr<signet::ExternalSigner>, Error> open_pkcs11(const Pkcs11Key& key, Algorithm algorithm,
                                                                          const signet::Secret& pin) {
  const Way* way = nullptr;
  for (const Way& one : ways) {
    if (one.algorithm == algorithm) way = &one;
  }
  if (way == nullptr) {
    return failed(ErrorCode::key_unsupported, "no PKCS#11 mechanism here for " + std::string{name(algorithm)});
  }
  auto module = std::make_unique<Module>(key.module);
  if (module->call == nullptr) return failed(ErrorCode::signer_failed, key.module + " is no PKCS#11 module that works");
  auto signer = std::make_shared<Pkcs11Signer>(std::move(module), *way);
  if (auto opened = signer->open(key, pin); !opened) return std::unexpected(std::move(opened).error());
  return signer;
}

}  // namespace example
