# SPDX-License-Identifier: MIT
find_package(rapidcheck REQUIRED)
find_package(Threads REQUIRED)
target_sources(tdxctl_unit_tests PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/fault_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/freestanding_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/lifecycle_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/metadata_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/profile_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/property_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/seamldr_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/status_table_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/vectors_test.cpp
)
target_compile_definitions(tdxctl_unit_tests PRIVATE
  SEAM_LIBRARY="$<TARGET_FILE:seam>")
if(TDXCTL_SANITIZE)
  target_compile_definitions(tdxctl_unit_tests PRIVATE TDXCTL_SANITIZED)
endif()
target_link_libraries(tdxctl_unit_tests PRIVATE
  model_machines rapidcheck Threads::Threads)
