// SPDX-License-Identifier: MIT
// The one way errors travel. Use only what tl::expected and std::expected spell alike:
// test, operator*, error(), and_then, or_else.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "core/error.h"

namespace tdxctl {

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

inline tl::unexpected<Error> fail(ErrorId id, std::string what, std::string hint = {}) {
  return fail(Error{id, std::move(what), std::move(hint), {}});
}

}  // namespace tdxctl
