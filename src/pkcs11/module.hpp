#pragma once
// A vendor's PKCS#11 module between C_Initialize and C_Finalize, and who is in it.

#include <p11-kit/pkcs11.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <expected>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "signet/pkcs11.hpp"

namespace signet {

class Pkcs11Module {
 public:
  Pkcs11Module(std::filesystem::path path, std::optional<Secret> pin, const Pkcs11Limits& limits);
  Pkcs11Module(const Pkcs11Module&) = delete;
  Pkcs11Module& operator=(const Pkcs11Module&) = delete;
  ~Pkcs11Module();

  // A call into the module. While there is one, the module is not started anew.
  class Visit {
   public:
    Visit(Pkcs11Module& module, CK_FUNCTION_LIST& functions, unsigned start)
        : module_{&module}, call_{functions}, start_{start} {}
    Visit(Visit&& other) noexcept
        : module_{std::exchange(other.module_, nullptr)}, call_{other.call_}, start_{other.start_} {}
    Visit& operator=(Visit&&) = delete;
    ~Visit() {
      if (module_ != nullptr) module_->leave();
    }

    [[nodiscard]] CK_FUNCTION_LIST& call() const noexcept { return call_; }
    // Handles of another start are dead.
    [[nodiscard]] unsigned start() const noexcept { return start_; }

   private:
    Pkcs11Module* module_;
    CK_FUNCTION_LIST& call_;
    unsigned start_;
  };

  // Loads and starts the module if it is not yet. Errors: signer_failed.
  [[nodiscard]] std::expected<Visit, Error> enter();

  // Whether the module may be started anew by the next one who enters: something in it failed, `why`. False: it was
  // just now, or others are in it.
  [[nodiscard]] bool restart(const Error& why);

  // Logs in, with the PIN, unless there is none. Errors: signer_failed.
  [[nodiscard]] std::expected<void, Error> log_in(const Visit& visit, CK_SESSION_HANDLE session);

 private:
  std::expected<void, Error> start();
  void stop();
  void leave();

  const std::filesystem::path path_;
  const std::optional<Secret> pin_;
  const Pkcs11Limits limits_;

  std::mutex mutex_;
  std::condition_variable somebody_left_;
  std::size_t visits_ = 0;
  void* library_ = nullptr;
  CK_FUNCTION_LIST* functions_ = nullptr;  // null until it has started
  bool is_ours_ = false;                   // nobody else in the process had started it
  unsigned start_ = 0;
  std::chrono::steady_clock::time_point tried_at_{};
  std::optional<Error> why_not_;  // the last start failed

  std::mutex logging_in_;
  std::atomic<CK_RV> pin_answer_ = CKR_OK;  // once it is not that, the PIN is not tried again
};

// "CKR_PIN_INCORRECT", or its number.
[[nodiscard]] std::string pkcs11_answer(CK_RV answer);
[[nodiscard]] std::unexpected<Error> pkcs11_failed(std::string_view what, CK_RV answer);

}  // namespace signet
