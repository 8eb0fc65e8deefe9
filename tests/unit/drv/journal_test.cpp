// SPDX-License-Identifier: MIT
#include "drv/host/journal.h"

#include <fcntl.h>

#include <array>

#include "unit/drv/recorded_tree.h"

namespace tdxctl {
namespace {

using namespace std::string_literals;

constexpr std::string_view kSocket = "/run/systemd/journal/socket";

/// A journald that only listens.
class Listener {
 public:
  explicit Listener(const test::RecordedTree& tree) : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    tree.make_directory("/run/systemd/journal");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    tree.locate(kSocket).copy(address.sun_path, sizeof address.sun_path - 1);
    if (bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) std::abort();
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { close(fd_); }

  /// The next datagram; empty where there is none.
  [[nodiscard]] std::string take() const {
    std::array<char, 4096> buffer;
    const ssize_t got = recv(fd_, buffer.data(), buffer.size(), 0);
    return got > 0 ? std::string(buffer.data(), static_cast<std::size_t>(got)) : "";
  }

 private:
  int fd_;
};

int lowest_free_descriptor() {
  const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  close(fd);
  return fd;
}

TEST(JournalDatagram, HasALineForEachField) {
  const std::array fields = {JournalField{"MESSAGE", "a=b"}, JournalField{"PRIORITY", "5"}};
  EXPECT_EQ(journal_datagram(fields), "MESSAGE=a=b\nPRIORITY=5\n");
}

TEST(JournalDatagram, GivesTheLengthOfAValueOfSeveralLines) {
  const std::string value = "one\nPRIORITY=0\n" + std::string(300, 'x');
  const std::array fields = {JournalField{"MESSAGE", value}, JournalField{"PRIORITY", "5"}};
  EXPECT_EQ(journal_datagram(fields), "MESSAGE\n\x3b\x01\0\0\0\0\0\0"s + value + "\nPRIORITY=5\n");
}

TEST(HostJournal, SendsOneDatagramForAnEntry) {
  const test::RecordedTree tree;
  const Listener journald(tree);
  const std::array fields = {JournalField{"MESSAGE", "one"}, JournalField{"PRIORITY", "5"}};
  HostJournal(tree.root()).send(fields);
  EXPECT_EQ(journald.take(), "MESSAGE=one\nPRIORITY=5\n");
  EXPECT_EQ(journald.take(), "");
}

TEST(HostJournal, IsContentWithoutOne) {
  const int before = lowest_free_descriptor();
  const std::array fields = {JournalField{"MESSAGE", "one"}};
  const test::RecordedTree tree;
  HostJournal(tree.root()).send(fields);
  { const Listener gone(tree); }
  HostJournal(tree.root()).send(fields);
  HostJournal(Root("/" + std::string(200, 'x'))).send(fields);
  EXPECT_EQ(tree.names("/run/systemd/journal"), std::vector<std::string>{"socket"});
  EXPECT_EQ(lowest_free_descriptor(), before);
}

TEST(HostJournal, DoesNotWaitForOneThatIsBusy) {
  const test::RecordedTree tree;
  const Listener journald(tree);
  const std::array fields = {JournalField{"MESSAGE", "one"}};
  // More than any queue of datagrams holds: waiting would be for ever.
  for (int i = 0; i < 5000; ++i) HostJournal(tree.root()).send(fields);
  int arrived = 0;
  while (!journald.take().empty()) ++arrived;
  EXPECT_GT(arrived, 0);
  EXPECT_LT(arrived, 5000);
}

}  // namespace
}  // namespace tdxctl
