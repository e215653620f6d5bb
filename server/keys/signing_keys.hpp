#pragma once
// The signing keys in the store, and every way they change: by time, by hand, by an emergency. Each change is one
// transaction with its audit events and revocations, so that of several servers one makes it and the others see it.

#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "server/audit/audit.hpp"
#include "server/keys/key_record.hpp"
#include "server/keys/master_key.hpp"
#include "server/keys/rotation.hpp"
#include "server/store/store.hpp"
#include "signet/clock.hpp"
#include "signet/key.hpp"
#include "signet/revocations.hpp"

namespace signet::server {

// When a key that is not from the rotation's clock begins to sign.
enum class Begin : std::uint8_t {
  announced,  // once every verifier has had the time to see it in the key set
  at_once,    // a verifier that keeps the old key set refuses its tokens until it fetches the new one
};

class SigningKeys {
 public:
  using Records = std::vector<KeyRecord>;

  // Store and clock must outlive it. `by`: the actor of the audit events.
  SigningKeys(Store& store, MasterKey master, const Clock& clock, const RotationPolicy& policy, AuditSource by)
      : store_{store}, master_{std::move(master)}, clock_{clock}, policy_{policy}, by_{std::move(by)} {}

  // Does what is due by time (see plan_rotation) and returns the keys as they are then. With nothing due it only reads.
  // Errors: input_output (the store), those of SigningKey::generate.
  [[nodiscard]] std::expected<Records, Error> rotate_when_due();

  // Seals every private key anew that a retired master key sealed; with none, it only reads. Errors: input_output,
  // key_malformed.
  [[nodiscard]] std::expected<void, Error> seal_anew();

  // From now on all is sealed and opened under `next`, which opens everything in the store, or nothing is changed.
  // Where it seals under another key than before, what is there is sealed anew. Errors: input_output, key_mismatch (a
  // key of the store does not open under it), key_malformed.
  [[nodiscard]] std::expected<void, Error> change_master(const MasterKey& next);
  [[nodiscard]] const MasterKey& master() const noexcept { return master_; }

  // The next key. `announced`: makes one, and changes nothing when one is announced already. `at_once`: the announced
  // one, else a new one, signs from now on, and the one before is retired. Returns the keys. Errors: as above;
  // invalid_configuration (a shared secret signs, or no key is made here and none is announced).
  [[nodiscard]] std::expected<Records, Error> rotate(Begin begin);

  // A key made elsewhere; with `location`, one that stays there, of which the public half is kept. Errors: as above;
  // key_mismatch (not of the policy's algorithm), invalid_configuration (it is there already, was revoked once, or
  // another key is announced).
  [[nodiscard]] std::expected<Records, Error> import(const SigningKey& key, Begin begin,
                                                     std::string_view location = {});

  // A key that others may have: no token of it is good any more, whenever it claims to be issued, and it never comes
  // back. When none is left that signs, another one does at once. `enforced`: this process's revocations.
  // Errors: as above; key_not_found (there is none of this id, or it was revoked before); invalid_configuration (it
  // signs, no other one is announced, and none is made here).
  [[nodiscard]] std::expected<Records, Error> revoke(std::string_view key_id, Revocations& enforced);

  // As `revoke`, of every key that the master key does not open: with the one that sealed it lost, nobody can sign with
  // it, retire it or answer for it. One that is in an HSM is not lost: it is removed, and may be imported again.
  // Nothing when each of them opens. Returns the ids. Errors: input_output, those of SigningKey::generate.
  [[nodiscard]] std::expected<std::vector<std::string>, Error> replace_lost(Revocations& enforced);

  // The ids of those that the master key does not open.
  [[nodiscard]] std::vector<std::string> lost_of(const Records& records) const;

 private:
  template <class PlanFor>
  std::expected<Records, Error> change(PlanFor plan_for);
  using Choose = std::function<std::expected<std::vector<std::string>, Error>(const Records&)>;
  std::expected<Records, Error> revoke_chosen(const Choose& choose, Revocations& enforced);
  void carry_out(const RotationPlan& plan, const std::optional<KeyRecord>& fresh, Time now, Transaction& transaction,
                 Records& records) const;
  [[nodiscard]] bool opens(const KeyRecord& record) const;
  void record(AuditKind kind, std::string_view detail, Time now, Transaction& transaction) const;

  Store& store_;
  MasterKey master_;
  const Clock& clock_;
  const RotationPolicy policy_;
  const AuditSource by_;
};

// The master key of a server whose data is `store` and `directory`: the one that is there, else a new one, but never
// beside keys that another one has sealed. Errors: those of MasterKey::load; input_output; key_not_found (it is
// missing: the detail says where it was looked for).
[[nodiscard]] std::expected<MasterKey, Error> load_or_make_master_key(Store& store,
                                                                      const std::filesystem::path& directory);

// What a record holds. Errors: key_malformed (another master key, changed bytes), key_unsupported.
struct OpenedKey {
  VerifyingKey verifying;
  std::optional<SigningKey> signing;  // nothing: it is elsewhere
};
[[nodiscard]] std::expected<OpenedKey, Error> open_key(const KeyRecord& record, const MasterKey& master);

}  // namespace signet::server
