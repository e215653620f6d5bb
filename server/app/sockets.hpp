#pragma once
// Sockets that listen already, from whoever started this process (systemd's socket activation, sd_listen_fds(3)).

#include <expected>
#include <optional>
#include <string>

namespace signet::server::app {

struct InheritedSockets {
  std::optional<int> main, monitor;  // file descriptors
};

// Nothing when there are none for this process. The first is the main one, and the second the monitor's, unless their
// names (FileDescriptorName=) say "monitor". Takes the variables from the environment. Errors: a sentence.
[[nodiscard]] std::expected<InheritedSockets, std::string> inherited_sockets();

}  // namespace signet::server::app
