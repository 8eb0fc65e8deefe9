# SPDX-License-Identifier: MIT
target_sources(tdxctl_core PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/call_times.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configure.cpp
  ${CMAKE_CURRENT_LIST_DIR}/configure_plan.cpp
  ${CMAKE_CURRENT_LIST_DIR}/layout.cpp
  ${CMAKE_CURRENT_LIST_DIR}/machine_file.cpp
  ${CMAKE_CURRENT_LIST_DIR}/memory_map.cpp
  ${CMAKE_CURRENT_LIST_DIR}/pamt.cpp
  ${CMAKE_CURRENT_LIST_DIR}/plan.cpp
  ${CMAKE_CURRENT_LIST_DIR}/plan_rules.cpp
  ${CMAKE_CURRENT_LIST_DIR}/proof.cpp
  ${CMAKE_CURRENT_LIST_DIR}/read_machine.cpp)
