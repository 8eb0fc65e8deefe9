# SPDX-License-Identifier: MIT
target_sources(tdxctl_core PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/advice.cpp
  ${CMAKE_CURRENT_LIST_DIR}/decode.cpp
  ${CMAKE_CURRENT_LIST_DIR}/guess.cpp
  ${CMAKE_CURRENT_LIST_DIR}/number.cpp
  ${CMAKE_CURRENT_LIST_DIR}/registers.cpp
  ${CMAKE_CURRENT_LIST_DIR}/scan.cpp)
