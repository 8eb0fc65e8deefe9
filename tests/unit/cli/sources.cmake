# SPDX-License-Identifier: MIT
target_sources(tdxctl_unit_tests PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/cmd_connect_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/cmd_decode_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/cmd_features_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/cmd_status_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/cmd_update_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/cpu_text_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/disable_matrix_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/envelope_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/exit_codes_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/field_value_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/host_presence_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/options_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/text_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/update_store_test.cpp)
