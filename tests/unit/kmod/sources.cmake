# SPDX-License-Identifier: MIT
target_sources(tdxctl_unit_tests PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/apply_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/change_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/command_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configure_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/disable_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/fake_host.cpp
  ${CMAKE_CURRENT_LIST_DIR}/leaves_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/metadata_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/platform_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/rdall_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/seamldr_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/stage_test.cpp)
target_link_libraries(tdxctl_unit_tests PRIVATE tdxctl_logic)
