# SPDX-License-Identifier: MIT
target_sources(tdxctl_unit_tests PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/attributes_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/features_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/leaves_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/metadata_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/named_numbers_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/operands_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/releases_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/status_test.cpp)
