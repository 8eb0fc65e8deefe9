# SPDX-License-Identifier: MIT
target_sources(tdxctl_unit_tests PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/arrows_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/byte_size_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/connect_view_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/disable_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/drivers_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/error_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/hex_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/history_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/host_status_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/kexec_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/metadata_read_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/module_answers_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/seamldr_info_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/staging_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/update_apply_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/update_host_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/update_plan_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/update_recover_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/version_test.cpp)
