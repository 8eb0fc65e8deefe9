# SPDX-License-Identifier: MIT
target_sources(tdxctl_unit_tests PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/cpu_list_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/cpuinfo_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/firmware_upload_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/helper_driver_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/host_platform_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/host_store_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/journal_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/kernel_log_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/machine_file_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/machine_state_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/memory_map_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/native_driver_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/new_file_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/pci_tsm_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/root_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/sim_apply_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/sim_bring_up_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/sim_configure_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/sim_disable_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/sim_driver_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/sim_machines_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/six_causes_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/uapi_bring_up_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/uapi_driver_test.cpp)
