# SPDX-License-Identifier: MIT
target_sources(tdxctl_core PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/attributes.cpp
  ${CMAKE_CURRENT_LIST_DIR}/details.cpp
  ${CMAKE_CURRENT_LIST_DIR}/features.cpp
  ${CMAKE_CURRENT_LIST_DIR}/leaves.cpp
  ${CMAKE_CURRENT_LIST_DIR}/metadata.cpp
  ${CMAKE_CURRENT_LIST_DIR}/named_numbers.cpp
  ${CMAKE_CURRENT_LIST_DIR}/operands.cpp
  ${CMAKE_CURRENT_LIST_DIR}/releases.cpp
  ${CMAKE_CURRENT_LIST_DIR}/status.cpp
  ${CMAKE_CURRENT_LIST_DIR}/status_module.cpp)
