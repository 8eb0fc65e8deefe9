# SPDX-License-Identifier: MIT
target_sources(tdxctl_unit_tests PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/call_times_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configure_failure_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configure_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/layout_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/machine_file_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/memory_map_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/model_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/pamt_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/plan_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/read_machine_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/room_test.cpp)
