#include "src/pkcs11/module.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <utility>

namespace signet {
namespace {

struct Answer {
  CK_RV value;
  std::string_view name;
};
// Those that an operator meets.
constexpr std::array answers{Answer{CKR_HOST_MEMORY, "CKR_HOST_MEMORY"},
                             Answer{CKR_GENERAL_ERROR, "CKR_GENERAL_ERROR"},
                             Answer{CKR_FUNCTION_FAILED, "CKR_FUNCTION_FAILED"},
                             Answer{CKR_DEVICE_ERROR, "CKR_DEVICE_ERROR"},
                             Answer{CKR_DEVICE_MEMORY, "CKR_DEVICE_MEMORY"},
                             Answer{CKR_DEVICE_REMOVED, "CKR_DEVICE_REMOVED"},
                             Answer{CKR_FUNCTION_NOT_SUPPORTED, "CKR_FUNCTION_NOT_SUPPORTED"},
                             Answer{CKR_KEY_HANDLE_INVALID, "CKR_KEY_HANDLE_INVALID"},
                             Answer{CKR_KEY_TYPE_INCONSISTENT, "CKR_KEY_TYPE_INCONSISTENT"},
                             Answer{CKR_KEY_FUNCTION_NOT_PERMITTED, "CKR_KEY_FUNCTION_NOT_PERMITTED"},
                             Answer{CKR_MECHANISM_INVALID, "CKR_MECHANISM_INVALID"},
                             Answer{CKR_OBJECT_HANDLE_INVALID, "CKR_OBJECT_HANDLE_INVALID"},
                             Answer{CKR_PIN_INCORRECT, "CKR_PIN_INCORRECT"},
                             Answer{CKR_PIN_INVALID, "CKR_PIN_INVALID"},
                             Answer{CKR_PIN_LEN_RANGE, "CKR_PIN_LEN_RANGE"},
                             Answer{CKR_PIN_EXPIRED, "CKR_PIN_EXPIRED"},
                             Answer{CKR_PIN_LOCKED, "CKR_PIN_LOCKED"},
                             Answer{CKR_SESSION_CLOSED, "CKR_SESSION_CLOSED"},
                             Answer{CKR_SESSION_COUNT, "CKR_SESSION_COUNT"},
                             Answer{CKR_SESSION_HANDLE_INVALID, "CKR_SESSION_HANDLE_INVALID"},
                             Answer{CKR_TOKEN_NOT_PRESENT, "CKR_TOKEN_NOT_PRESENT"},
                             Answer{CKR_TOKEN_NOT_RECOGNIZED, "CKR_TOKEN_NOT_RECOGNIZED"},
                             Answer{CKR_USER_NOT_LOGGED_IN, "CKR_USER_NOT_LOGGED_IN"},
                             Answer{CKR_USER_PIN_NOT_INITIALIZED, "CKR_USER_PIN_NOT_INITIALIZED"},
                             Answer{CKR_CRYPTOKI_NOT_INITIALIZED, "CKR_CRYPTOKI_NOT_INITIALIZED"}};

constexpr std::array pin_refusals{CKR_PIN_INCORRECT, CKR_PIN_INVALID, CKR_PIN_LEN_RANGE, CKR_PIN_EXPIRED,
                                  CKR_PIN_LOCKED};

std::unexpected<Error> failed(std::string why) {
  return std::unexpected(Error{ErrorCode::signer_failed, std::move(why)});
}

}  // namespace

std::string pkcs11_answer(CK_RV answer) {
  const auto* found = std::ranges::find(answers, answer, &Answer::value);
  return found == answers.end() ? "PKCS#11 error " + std::to_string(answer) : std::string{found->name};
}

std::unexpected<Error> pkcs11_failed(std::string_view what, CK_RV answer) {
  return failed(std::string{what} + ": " + pkcs11_answer(answer));
}

Pkcs11Module::Pkcs11Module(std::filesystem::path path, std::optional<Secret> pin, const Pkcs11Limits& limits)
    : path_{std::move(path)}, pin_{std::move(pin)}, limits_{limits} {}

Pkcs11Module::~Pkcs11Module() {
  stop();
  if (library_ != nullptr) ::dlclose(library_);
}

std::expected<Pkcs11Module::Visit, Error> Pkcs11Module::enter() {
  std::unique_lock lock{mutex_};
  if (!somebody_left_.wait_for(lock, limits_.wait, [this] { return visits_ < limits_.calls; })) {
    return failed("the token is busy, or hangs");
  }
  if (functions_ == nullptr) {
    if (why_not_ && std::chrono::steady_clock::now() - tried_at_ < limits_.pause) return std::unexpected(*why_not_);
    tried_at_ = std::chrono::steady_clock::now();
    why_not_.reset();
    if (auto started = start(); !started) {
      why_not_ = started.error();
      return std::unexpected(std::move(started).error());
    }
    ++start_;
  }
  ++visits_;
  return std::expected<Visit, Error>{std::in_place, *this, *functions_, start_};
}

void Pkcs11Module::leave() {
  {
    const std::lock_guard lock{mutex_};
    --visits_;
  }
  somebody_left_.notify_one();
}

bool Pkcs11Module::restart(const Error& why) {
  const std::lock_guard lock{mutex_};
  if (visits_ != 0 || pin_answer_ != CKR_OK) return false;
  const bool too_soon = std::chrono::steady_clock::now() - tried_at_ < limits_.pause;
  stop();
  why_not_ = why;
  return !too_soon;
}

std::expected<void, Error> Pkcs11Module::start() {
  if (library_ == nullptr) library_ = ::dlopen(path_.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library_ == nullptr) {
    const char* const why = ::dlerror();
    return failed(std::string{"the PKCS#11 module cannot be loaded: "} + (why != nullptr ? why : path_.c_str()));
  }
  const auto list = reinterpret_cast<CK_C_GetFunctionList>(::dlsym(library_, "C_GetFunctionList"));
  CK_FUNCTION_LIST* functions = nullptr;
  if (list == nullptr || list(&functions) != CKR_OK || functions == nullptr) {
    return failed(path_.string() + " is no PKCS#11 module");
  }
  CK_C_INITIALIZE_ARGS threads{};
  threads.flags = CKF_OS_LOCKING_OK;
  const CK_RV answer = functions->C_Initialize(&threads);
  if (answer != CKR_OK && answer != CKR_CRYPTOKI_ALREADY_INITIALIZED) {
    return pkcs11_failed("the PKCS#11 module does not start", answer);
  }
  is_ours_ = answer == CKR_OK;
  functions_ = functions;
  return {};
}

// Of what somebody else has started, the handles alone are forgotten.
void Pkcs11Module::stop() {
  if (functions_ != nullptr && is_ours_) functions_->C_Finalize(nullptr);
  functions_ = nullptr;
}

std::expected<void, Error> Pkcs11Module::log_in(const Visit& visit, CK_SESSION_HANDLE session) {
  if (!pin_) return {};
  // One at a time: a wrong PIN is tried once, and not by every thread.
  const std::lock_guard one{logging_in_};
  if (pin_answer_ == CKR_OK) {
    const auto pin = pin_->reveal();
    const CK_RV answer = visit.call().C_Login(
        session, CKU_USER, const_cast<CK_UTF8CHAR*>(reinterpret_cast<const CK_UTF8CHAR*>(pin.data())), pin.size());
    if (answer == CKR_OK || answer == CKR_USER_ALREADY_LOGGED_IN) return {};
    if (std::ranges::find(pin_refusals, answer) == pin_refusals.end())
      return pkcs11_failed("the token lets nobody log in", answer);
    pin_answer_ = answer;
  }
  return pkcs11_failed("the token refuses the PIN, which is not tried again", pin_answer_);
}

}  // namespace signet
