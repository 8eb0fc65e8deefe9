# SPDX-License-Identifier: MIT
# Only sha384.cpp and rsa3072.cpp use OpenSSL. Static, like the program: nothing is loaded at its start.
if(NOT TARGET OpenSSL::Crypto)
  set(OPENSSL_USE_STATIC_LIBS TRUE)
  find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto GLOBAL)
endif()
target_sources(tdxctl_core PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/catalog.cpp
  ${CMAKE_CURRENT_LIST_DIR}/container.cpp
  ${CMAKE_CURRENT_LIST_DIR}/elf.cpp
  ${CMAKE_CURRENT_LIST_DIR}/fit.cpp
  ${CMAKE_CURRENT_LIST_DIR}/identify.cpp
  ${CMAKE_CURRENT_LIST_DIR}/key.cpp
  ${CMAKE_CURRENT_LIST_DIR}/rsa3072.cpp
  ${CMAKE_CURRENT_LIST_DIR}/select.cpp
  ${CMAKE_CURRENT_LIST_DIR}/sha384.cpp
  ${CMAKE_CURRENT_LIST_DIR}/sigstruct.cpp
  ${CMAKE_CURRENT_LIST_DIR}/sigstruct_rules.cpp
  ${CMAKE_CURRENT_LIST_DIR}/verify.cpp)
target_link_libraries(tdxctl_core PRIVATE nlohmann_json::nlohmann_json OpenSSL::Crypto)
