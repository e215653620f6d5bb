#include "server/keys/master_key_file.hpp"

#include <sys/stat.h>

namespace signet::server {

MasterKeyFile::Stamp MasterKeyFile::stamp() const noexcept {
  struct stat status{};
  if (::stat(place_.path.c_str(), &status) != 0) return {};
  const auto ns = [](const timespec& at) { return std::int64_t{at.tv_sec} * 1'000'000'000 + at.tv_nsec; };
  return {.device = status.st_dev,
          .file = status.st_ino,
          .size = static_cast<std::uint64_t>(status.st_size),
          .written_ns = ns(status.st_mtim),
          .changed_ns = ns(status.st_ctim)};
}

std::expected<bool, Error> MasterKeyFile::follow(const MasterKey& held, const Take& take) {
  const bool is_time = looks_left_ > 0 && --looks_left_ == 0;  // also while the file is bad
  const auto now = stamp();  // before it is read: what is written meanwhile is seen at the next look
  if (seen_ == now && !is_time) return false;
  seen_.reset();
  auto next = MasterKey::read(place_);
  if (!next) return std::unexpected(std::move(next).error());
  if (!next->holds_current_of(held)) {
    return std::unexpected(Error{ErrorCode::key_mismatch, "the current key is not in it: put another one beside it"});
  }
  const bool is_new = !held.holds_current_of(*next);
  if (is_new || looks_left_ > 0) next = next->led_by_current_of(held);
  const bool is_other = *next != held;
  if (is_other) {
    if (auto taken = take(*next); !taken) return std::unexpected(std::move(taken).error());
  }
  if (is_new) looks_left_ = looks_before_it_seals;
  seen_ = now;
  return is_other;
}

}  // namespace signet::server
