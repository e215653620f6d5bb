#include "cli/backup.hpp"

#include "cli/input.hpp"
#include "server/printable.hpp"
#include "server/store/sqlite/backup.hpp"

namespace signet::cli {

Exit back_up(const BackupRequest& request, Console& console) {
  if (auto sound = check_path("FILE", request.file); !sound) return complain(console, sound.error());
  const auto config = data_config(request.location);
  if (!config) return complain(console, config.error());
  if (config->database_url) {
    return complain(console, {"the data is in PostgreSQL: back it up with pg_dump --schema signet"});
  }
  const auto database = sqlite_file(*config);
  if (!database) return complain(console, database.error());
  if (auto copied = server::back_up_sqlite(*database, request.file); !copied)
    return complain(console, {copied.error()});
  console.out << "backed up to " << server::printable(request.file) << "; keep the master key elsewhere\n";
  return Exit::ok;
}

}  // namespace signet::cli
