#include <algorithm>

#include "server/store/postgres/transaction.hpp"
#include "server/store/sql.hpp"

namespace signet::server::postgres {
void PostgresTransaction::note_receiver(const Receiver& receiver, Time now) {
  connection_.post(
      "INSERT INTO signet.receivers AS known (name, topic, kinds, noted_at) VALUES ($1, $2, $3, $4) "
      "ON CONFLICT (name) DO UPDATE SET topic = excluded.topic, kinds = excluded.kinds, "
      "noted_at = greatest(known.noted_at, excluded.noted_at)",
      receiver.name, sql::name_of(receiver.topic, sql::topics), receiver.kinds, now);
}

// Nothing waits for it, and its failure is the transaction's. Its numbers are in no order of commits, or every login
// would wait for the one before: a reader that follows the audit log has to look back. Deliveries are rows of their own
// for that reason too: whoever takes them needs no order.
void PostgresTransaction::append_audit(const AuditEvent& e) {
  connection_.post(
      "WITH event AS (INSERT INTO signet.audit (at, kind, account, session, actor, address, request_id, detail) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING seq) "
      "INSERT INTO signet.deliveries (receiver, message, event, account, session, created_at, due_at, attempts) "
      "SELECT r.name, $9, event.seq, '', '', $1, $1, 0 FROM event, signet.receivers AS r WHERE r.topic = 'events' "
      "AND (r.kinds = '' OR strpos(' ' || r.kinds || ' ', ' ' || $2 || ' ') > 0)",
      e.at, e.kind, e.account, e.session, e.actor, e.address, e.request_id, e.detail, id_text(random_id_bytes()));
}

void PostgresTransaction::append_logout(const Logout& logout, Time now) {
  connection_.post(
      "INSERT INTO signet.deliveries (receiver, message, event, account, session, created_at, due_at, attempts) "
      "SELECT name, $1, 0, $2, $3, $4, $4, 0 FROM signet.receivers WHERE topic = 'logouts'",
      id_text(random_id_bytes()), logout.account.text(), logout.session ? logout.session->text() : std::string{}, now);
}

std::vector<Delivery> PostgresTransaction::take_deliveries(std::string_view receiver, Time now, Time until,
                                                           std::size_t at_most) {
  auto rows = connection_.query(
      "UPDATE signet.deliveries SET due_at = $1, attempts = attempts + 1 WHERE seq = ANY (ARRAY("
      "SELECT seq FROM signet.deliveries WHERE receiver = $2 AND due_at <= $3 ORDER BY due_at, seq LIMIT $4 "
      "FOR UPDATE SKIP LOCKED)) RETURNING seq, message, event, account, session, created_at, attempts",
      until, receiver, now, sql::limit(at_most));
  auto taken = sql::all<Delivery>(rows);
  std::ranges::sort(taken, {}, &Delivery::seq);
  return taken;
}

void PostgresTransaction::put_off_delivery(const Delivery& delivery, Time due_at) {
  connection_.post("UPDATE signet.deliveries SET due_at = $1 WHERE seq = $2 AND attempts = $3", due_at, delivery.seq,
                   delivery.attempts);
}

void PostgresTransaction::end_delivery(const Delivery& delivery) {
  connection_.post("DELETE FROM signet.deliveries WHERE seq = $1", delivery.seq);
}

std::size_t PostgresTransaction::waiting_deliveries(std::string_view receiver, std::size_t at_most) {
  auto rows = connection_.query(
      "SELECT count(*) FROM (SELECT 1 FROM signet.deliveries WHERE receiver = $1 LIMIT $2) AS waiting", receiver,
      sql::limit(at_most));
  return rows.next() ? static_cast<std::size_t>(rows.integer()) : 0;
}

void PostgresTransaction::sweep_receivers(Time now, std::size_t at_most) {
  connection_.post(
      "DELETE FROM signet.deliveries WHERE seq = ANY (ARRAY(SELECT seq FROM signet.deliveries WHERE receiver IN "
      "(SELECT name FROM signet.receivers WHERE noted_at <= $1) LIMIT $2 FOR UPDATE SKIP LOCKED))",
      now - receiver_kept, sql::limit(at_most));
  connection_.post(
      "DELETE FROM signet.receivers AS r WHERE r.noted_at <= $1 "
      "AND NOT EXISTS (SELECT 1 FROM signet.deliveries AS d WHERE d.receiver = r.name)",
      now - receiver_kept);
}

}  // namespace signet::server::postgres
