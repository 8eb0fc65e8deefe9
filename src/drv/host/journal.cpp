// SPDX-License-Identifier: MIT
#include "drv/host/journal.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>

namespace tdxctl {
namespace {

constexpr std::string_view kSocket = "/run/systemd/journal/socket";

// 64 bits, the least significant byte first.
std::string length_prefix(std::uint64_t length) {
  std::string bytes;
  for (int shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(length >> shift & 0xff);
  return bytes;
}

}  // namespace

std::string journal_datagram(std::span<const JournalField> fields) {
  std::string datagram;
  for (const auto& [name, value] : fields) {
    datagram += name;
    // A line feed would end the value, and let it make up fields of its own.
    datagram += value.find('\n') == std::string::npos ? "=" : "\n" + length_prefix(value.size());
    datagram += value + "\n";
  }
  return datagram;
}

void HostJournal::send(std::span<const JournalField> fields) {
  const std::string path = root_.locate(kSocket);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return;
  path.copy(address.sun_path, path.size());
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  const std::string datagram = journal_datagram(fields);
  sendto(fd, datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
         reinterpret_cast<const sockaddr*>(&address), sizeof address);
  close(fd);
}

}  // namespace tdxctl
