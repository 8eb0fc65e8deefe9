// SPDX-License-Identifier: MIT
// The standard streams, as plain descriptors: nothing is buffered twice and no write error is lost.
#pragma once

#include <string_view>

#include "core/result.h"

namespace tdxctl::cli {

/// Puts /dev/null, opened the wrong way round, where the caller closed a standard descriptor. Otherwise the
/// next file opened would take its place, and results would be written into it.
void fill_missing_streams();

/// Writes all of `text` to standard output. A reader that has gone away wanted no more: that is no error.
/// Errors: file_unwritable.
Result<void> write_stdout(std::string_view text);

/// Writes all of `text` to standard error; there is nobody left to tell when that fails.
void write_stderr(std::string_view text);

bool stdin_is_terminal();
bool stdout_is_terminal();
bool stderr_is_terminal();

/// Whether the environment lets a terminal have colours: NO_COLOR is unset or empty, and TERM is not "dumb".
bool environment_allows_colour();

/// A line of standard input without its end; empty at its end and when a signal comes.
std::string read_stdin_line();

/// Everything that standard input has.
/// Errors: file_unreadable; also when there are more than `limit_bytes`.
Result<std::string> read_stdin(std::size_t limit_bytes);

}  // namespace tdxctl::cli
