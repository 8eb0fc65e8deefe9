# SPDX-License-Identifier: MIT
target_sources(tdxctl_unit_tests PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/catalog_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/container_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/fit_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/identify_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/key_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/mutation_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/published_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/rsa3072_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/select_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/sigstruct_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/test_image.cpp
  ${CMAKE_CURRENT_LIST_DIR}/verify_test.cpp)
# Signing needs the whole of libcrypto, which the program itself does without.
target_link_libraries(tdxctl_unit_tests PRIVATE OpenSSL::Crypto)
