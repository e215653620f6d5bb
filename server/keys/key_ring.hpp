#pragma once

#include <atomic>
#include <expected>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/keys/external_key.hpp"
#include "server/keys/master_key.hpp"
#include "server/keys/rotation.hpp"
#include "server/store/store.hpp"
#include "signet/clock.hpp"
#include "signet/key.hpp"
#include "signet/key_set.hpp"

namespace signet::server {

// The key set as it is published (RFC 7517 section 5).
struct PublishedKeys {
  std::string json;
  std::string etag;  // strong, with its quotes (RFC 9110 section 8.8.3): the same text, the same tag, on every server
};

// The keys that sign this server's tokens and verify them. Not the library's KeyRing, which is one value that one owner
// saves as a whole: here the keys are rows, which several servers and the command line change in transactions with
// audit events and revocations, sealed one by one, some of them in an HSM. The rule is the same (rotation.hpp). Readers
// take what is current by one atomic load and keep nothing alive: what was current once is kept as long as the ring,
// which is a few hundred bytes for each change of keys, a few times a year.
class KeyRing final : public KeySource {
 public:
  // HS256 with a shared secret: one key, no `kid`, nothing to publish. Errors: those of SigningKey::hmac.
  [[nodiscard]] static std::expected<std::unique_ptr<KeyRing>, Error> of_secret(const Secret& secret);

  // The same where keys of `store` may have signed before: those are retired, and verify until their tokens have
  // expired. Errors: of `open` and of SigningKey::hmac.
  [[nodiscard]] static std::expected<std::unique_ptr<KeyRing>, Error> open_with_secret(const Secret& secret,
                                                                                       Store& store, MasterKey master,
                                                                                       const Clock& clock);

  // Keys out of the store, private parts sealed under `master`: anew, when a retired one had sealed them. Makes the
  // first key when there is none, and does what is due (see `refresh`). Store and clock must outlive the ring. Errors:
  // input_output (store), key_malformed (a key cannot be opened: another master key?), key_not_found (none signs, and
  // none is made here), invalid_configuration (an HMAC algorithm; a key that signs elsewhere, where `external` does not
  // reach).
  [[nodiscard]] static std::expected<std::unique_ptr<KeyRing>, Error> open(Store& store, MasterKey master,
                                                                           const Clock& clock,
                                                                           RotationPolicy policy = {},
                                                                           ExternalKeys external = {});

  // Reads the keys again, and does what the rotation rule says is due: call it about once a minute, off the loops.
  // With nothing due it only reads. On failure the ring stays as it was. Errors: as for `open`.
  [[nodiscard]] std::expected<void, Error> refresh();

  // Takes over what other processes changed (another server, the command line); changes nothing in the store. Call it
  // about once a second. `store`: the same database, perhaps unobserved. Errors: as for `open`.
  [[nodiscard]] std::expected<void, Error> follow(Store& store);

  // Makes tables for public keys that have none (KeySet::with_tables), so that tokens which nobody has seen before
  // verify in half the time: some 20 ms of work a key, once. Call it when `follow` or `refresh` may have brought new
  // ones.
  void make_tables();

  // See SigningKeys::change_master. Without a store there is nothing to do.
  [[nodiscard]] std::expected<void, Error> change_master(const MasterKey& next);

  // Announces a new key now; it signs once it has been announced long enough. Errors: as for `open`.
  [[nodiscard]] std::expected<void, Error> announce();

  // Valid as long as the ring; ask again for each token, for the key changes.
  [[nodiscard]] const SigningKey& signing_key() const noexcept;
  [[nodiscard]] const PublishedKeys& published() const noexcept;

  // False while the key that signs is elsewhere and does not answer: then nothing should be begun that ends in a token.
  [[nodiscard]] bool can_sign() const noexcept;

  // Asks the key that signs whether it answers, if it is elsewhere and did not. Call it about once a second; it takes
  // as long as that key does.
  void probe();

  // Any key of the ring: announced, signing, retired; never a revoked one.
  [[nodiscard]] std::expected<VerifyingKey, Error> find(const KeyQuery& query) const noexcept override;

 private:
  struct Current;
  struct Source;
  struct Shared;
  KeyRing();
  std::expected<void, Error> read_store(Store& store, MasterKey master, const Clock& clock,
                                        const RotationPolicy& policy, ExternalKeys external);

 public:
  ~KeyRing() override;

 private:
  std::expected<void, Error> take_over(std::vector<KeyRecord> records);
  void use(std::unique_ptr<const Current> next);

  std::unique_ptr<Source> source_;        // null without a store
  std::unique_ptr<const Shared> shared_;  // null unless a shared secret signs
  std::mutex changing_;
  std::vector<std::unique_ptr<const Current>> once_current_;  // the last one is current
  std::atomic<const Current*> current_ = nullptr;
};

}  // namespace signet::server
