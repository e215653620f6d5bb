#include "server/keys/external_key.hpp"

#include <utility>

namespace signet::server {

class ExternalKey::Watched final : public ExternalSigner {
 public:
  enum class State : std::uint8_t { unknown, answers, silent };

  Watched(std::shared_ptr<ExternalSigner> signer, std::string_view location, const ExternalKeys& keys)
      : signer_{std::move(signer)}, location_{location}, told_{keys.told} {}

  std::expected<std::vector<std::byte>, Error> sign(const SigningRequest& request) override {
    if (state() == State::silent) {
      return std::unexpected(Error{ErrorCode::signer_failed, "the key at " + location_ + " does not answer"});
    }
    auto signature = signer_->sign(request);
    note(signature ? nullptr : &signature.error());
    return signature;
  }

  void note(const Error* why) {
    const auto next = why != nullptr ? State::silent : State::answers;
    const auto before = state_.exchange(next);
    if (before != next && (before == State::silent || next == State::silent) && told_) told_(location_, why);
  }

  [[nodiscard]] State state() const noexcept { return state_.load(); }

 private:
  std::shared_ptr<ExternalSigner> signer_;
  const std::string location_;
  const std::function<void(std::string_view, const Error*)> told_;
  std::atomic<State> state_ = State::unknown;
};

std::expected<std::shared_ptr<ExternalKey>, Error> ExternalKey::of(const VerifyingKey& public_key,
                                                                   std::string_view location,
                                                                   const ExternalKeys& keys) {
  if (!keys.signer) {
    return std::unexpected(Error{ErrorCode::invalid_configuration,
                                 "the key is at " + std::string{location} + ", and no way there is configured"});
  }
  auto signer = keys.signer(public_key.algorithm(), location);
  if (!signer) return std::unexpected(std::move(signer).error());
  auto unwatched = SigningKey::external(public_key, *signer);
  if (!unwatched) return std::unexpected(std::move(unwatched).error());
  auto watched = std::make_shared<Watched>(std::move(*signer), location, keys);
  auto key = SigningKey::external(public_key, watched);
  if (!key) return std::unexpected(std::move(key).error());
  return std::shared_ptr<ExternalKey>{new ExternalKey{std::move(*key), std::move(*unwatched), std::move(watched)}};
}

bool ExternalKey::answers() const noexcept { return watched_->state() != Watched::State::silent; }

void ExternalKey::probe() {
  if (watched_->state() == Watched::State::answers) return;
  const auto signature = unwatched_.sign("does this key answer?");
  watched_->note(signature ? nullptr : &signature.error());
}

}  // namespace signet::server
