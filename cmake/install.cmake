# What an installed Vagus consists of: libraries, headers, a CMake package and a pkg-config file. All of it may be
# moved to another prefix afterwards.
include(CMakePackageConfigHelpers)

set(floors core transport api arbitration)
if(VAGUS_CONFIGURATION)
  list(APPEND floors configuration)
endif()
if(TARGET vagus_testing)
  list(APPEND floors testing)
endif()
set(cmake_dir "${CMAKE_INSTALL_LIBDIR}/cmake/vagus")
list(TRANSFORM floors PREPEND vagus_ OUTPUT_VARIABLE targets)

install(
  TARGETS vagus ${targets}
  EXPORT vagus
  RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT runtime
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT runtime NAMELINK_COMPONENT development
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development)
foreach(root IN LISTS floors ITEMS ".")
  install(
    DIRECTORY "${root}/include/"
    DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
    COMPONENT development
    FILES_MATCHING
    PATTERN "*.hpp")
endforeach()

# CMake: find_package(vagus).
install(EXPORT vagus NAMESPACE vagus:: DESTINATION "${cmake_dir}" FILE vagus-targets.cmake COMPONENT development)
configure_package_config_file(
  cmake/vagus-config.cmake.in "${PROJECT_BINARY_DIR}/vagus-config.cmake"
  INSTALL_DESTINATION "${cmake_dir}"
  NO_SET_AND_CHECK_MACRO)
# Before 1.0, each minor version may differ from the one before.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/vagus-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(
  FILES "${PROJECT_BINARY_DIR}/vagus-config.cmake" "${PROJECT_BINARY_DIR}/vagus-config-version.cmake"
        cmake/FindMsgpackCxx.cmake
  DESTINATION "${cmake_dir}"
  COMPONENT development)

# pkg-config. Who links static libraries has to link what these need; for shared ones that is settled already.
file(RELATIVE_PATH pc_prefix "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
if(BUILD_SHARED_LIBS)
  set(pc_requires "")
  set(pc_libs "")
else()
  set(pc_requires "spdlog")
  if(VAGUS_OPENSSL)
    string(APPEND pc_requires ", libssl, libcrypto")
  endif()
  if(VAGUS_ZSTD)
    string(APPEND pc_requires ", libzstd")
  endif()
  set(pc_libs " -lboost_thread")
endif()
configure_file(cmake/vagus.pc.in "${PROJECT_BINARY_DIR}/vagus.pc" @ONLY)
set(pc_files "${PROJECT_BINARY_DIR}/vagus.pc")
if(VAGUS_CONFIGURATION)
  set(pc_configuration_requires "")
  if(NOT BUILD_SHARED_LIBS)
    set(pc_configuration_requires ", tomlplusplus")
  endif()
  configure_file(cmake/vagus-configuration.pc.in "${PROJECT_BINARY_DIR}/vagus-configuration.pc" @ONLY)
  list(APPEND pc_files "${PROJECT_BINARY_DIR}/vagus-configuration.pc")
endif()
if(TARGET vagus_testing)
  configure_file(cmake/vagus-testing.pc.in "${PROJECT_BINARY_DIR}/vagus-testing.pc" @ONLY)
  list(APPEND pc_files "${PROJECT_BINARY_DIR}/vagus-testing.pc")
endif()
install(
  FILES ${pc_files}
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig"
  COMPONENT development)
