#include <algorithm>

#include "server/store/sql.hpp"
#include "server/store/sqlite/transaction.hpp"

namespace signet::server::sqlite {
void SqliteTransaction::note_receiver(const Receiver& receiver, Time now) {
  connection_
      .query(
          "INSERT INTO receivers (name, topic, kinds, noted_at) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET "
          "topic = excluded.topic, kinds = excluded.kinds, noted_at = max(noted_at, excluded.noted_at)")
      .bind(receiver.name, sql::name_of(receiver.topic, sql::topics), receiver.kinds, now)
      .run();
}

void SqliteTransaction::append_audit(const AuditEvent& e) {
  connection_
      .query(
          "INSERT INTO audit (at, kind, account, session, actor, address, request_id, detail) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(e.at, e.kind, e.account, e.session, e.actor, e.address, e.request_id, e.detail)
      .run();
  connection_
      .query(
          "INSERT INTO deliveries (receiver, message, event, account, session, created_at, due_at, attempts) "
          "SELECT name, ?, ?, '', '', ?, ?, 0 FROM receivers WHERE topic = 'events' "
          "AND (kinds = '' OR instr(' ' || kinds || ' ', ' ' || ? || ' ') > 0)")
      .bind(id_text(random_id_bytes()), connection_.last_insert_id(), e.at, e.at, e.kind)
      .run();
}

void SqliteTransaction::append_logout(const Logout& logout, Time now) {
  connection_
      .query(
          "INSERT INTO deliveries (receiver, message, event, account, session, created_at, due_at, attempts) "
          "SELECT name, ?, 0, ?, ?, ?, ?, 0 FROM receivers WHERE topic = 'logouts'")
      .bind(id_text(random_id_bytes()), logout.account.text(), logout.session ? logout.session->text() : std::string{},
            now, now)
      .run();
}

std::vector<Delivery> SqliteTransaction::take_deliveries(std::string_view receiver, Time now, Time until,
                                                         std::size_t at_most) {
  auto query = connection_.query(
      "UPDATE deliveries SET due_at = ?, attempts = attempts + 1 WHERE seq IN "
      "(SELECT seq FROM deliveries WHERE receiver = ? AND due_at <= ? ORDER BY due_at, seq LIMIT ?) "
      "RETURNING seq, message, event, account, session, created_at, attempts");
  query.bind(until, receiver, now, sql::limit(at_most));
  auto taken = sql::all<Delivery>(query);
  std::ranges::sort(taken, {}, &Delivery::seq);
  return taken;
}

void SqliteTransaction::put_off_delivery(const Delivery& delivery, Time due_at) {
  connection_.query("UPDATE deliveries SET due_at = ? WHERE seq = ? AND attempts = ?")
      .bind(due_at, delivery.seq, delivery.attempts)
      .run();
}

void SqliteTransaction::end_delivery(const Delivery& delivery) {
  connection_.query("DELETE FROM deliveries WHERE seq = ?").bind(delivery.seq).run();
}

std::size_t SqliteTransaction::waiting_deliveries(std::string_view receiver, std::size_t at_most) {
  auto query = connection_.query("SELECT count(*) FROM (SELECT 1 FROM deliveries WHERE receiver = ? LIMIT ?)");
  query.bind(receiver, sql::limit(at_most)).next();
  return static_cast<std::size_t>(query.integer());
}

void SqliteTransaction::sweep_receivers(Time now, std::size_t at_most) {
  connection_
      .query(
          "DELETE FROM deliveries WHERE seq IN (SELECT seq FROM deliveries WHERE receiver IN "
          "(SELECT name FROM receivers WHERE noted_at <= ?) LIMIT ?)")
      .bind(now - receiver_kept, sql::limit(at_most))
      .run();
  connection_
      .query(
          "DELETE FROM receivers WHERE noted_at <= ? "
          "AND NOT EXISTS (SELECT 1 FROM deliveries WHERE deliveries.receiver = receivers.name)")
      .bind(now - receiver_kept)
      .run();
}

}  // namespace signet::server::sqlite
