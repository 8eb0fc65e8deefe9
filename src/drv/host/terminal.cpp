// SPDX-License-Identifier: MIT
#include "drv/host/terminal.h"

#include <sys/ioctl.h>

namespace tdxctl {

std::size_t terminal_columns(int fd) {
  winsize size{};
  return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace tdxctl
