#pragma once

#include "server/store/sqlite/connection.hpp"

namespace signet::server::sqlite {

// Brings the file to the schema of this version, one numbered step after the other, all in one transaction; several
// processes may do so at once. Throws StoreFailed, with a sentence for the operator, when the file was made by a newer
// version or by another program.
void migrate(Connection& connection);

}  // namespace signet::server::sqlite
