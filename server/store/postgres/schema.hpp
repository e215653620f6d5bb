#pragma once

#include "server/store/postgres/connection.hpp"

namespace signet::server::postgres {

// Brings the database to the schema of this version, one numbered step after the other; any number of nodes may do so
// at once. Throws PostgresFailed, with a sentence for the operator, when the database was made by a newer version or
// the schema `signet` by another program.
void migrate(Connection& connection, Deadline deadline);

}  // namespace signet::server::postgres
