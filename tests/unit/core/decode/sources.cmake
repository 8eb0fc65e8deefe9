# SPDX-License-Identifier: MIT
target_sources(tdxctl_unit_tests PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/advice_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/decode_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/guess_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/number_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/registers_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/scan_test.cpp)
