// Three lines: trusted proxies (addresses and CIDR blocks, with commas between), the peer, and X-Forwarded-For. An
// address reads back from its text; and whoever is found to be the client cannot change that by writing more to the
// left, where a client writes.

#include <string>
#include <vector>

#include "fuzz/property.hpp"
#include "server/http/proxies.hpp"

namespace {

using namespace signet;
using namespace signet::server::http;

std::string_view take_line(std::string_view& text) {
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

void require_same_text(const Address& address) {
  const auto text = address.text();
  fuzz::require(Address::parse(text) == address);
  fuzz::require(address.subscriber().subscriber() == address.subscriber());
  fuzz::require(address.within(address, 128) && address.within(Address{}, 0));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto text = fuzz::text_of(data, size);
  if (const auto address = Address::parse(text)) require_same_text(*address);

  std::vector<std::string> entries;
  for (auto line = take_line(text); !line.empty();) {
    const auto entry = line.substr(0, line.find(','));
    line.remove_prefix(std::min(entry.size() + 1, line.size()));
    entries.emplace_back(entry);
  }
  const auto proxies = Proxies::parse(entries);
  const auto peer = Address::parse(take_line(text));
  if (!proxies || !peer) return 0;
  require_same_text(*peer);

  const std::string forwarded{text};
  const Header header{"X-Forwarded-For", forwarded};
  const auto client = proxies->client(*peer, {&header, 1});
  require_same_text(client);
  if (proxies->trusts(client)) return 0;  // the whole list is of proxies, or ends in nonsense
  const std::string forged = "6.6.6.6, " + forwarded;
  const Header longer[]{{"X-Forwarded-For", "7.7.7.7"}, {"X-Forwarded-For", forged}};
  fuzz::require(client == *peer || proxies->client(*peer, longer) == client);
  return 0;
}
