# Finds msgpack-cxx, which is headers only, and defines the target vagus::msgpack_cxx.
#
# Not by msgpack's own CMake package: that has another name in each major version, and always asks for Boost, which
# MSGPACK_NO_BOOST makes unnecessary.

find_path(MsgpackCxx_INCLUDE_DIR msgpack.hpp)
mark_as_advanced(MsgpackCxx_INCLUDE_DIR)

if(MsgpackCxx_INCLUDE_DIR)
  foreach(part MAJOR MINOR REVISION)
    file(STRINGS "${MsgpackCxx_INCLUDE_DIR}/msgpack/version_master.hpp" line REGEX "define MSGPACK_VERSION_${part} ")
    string(REGEX MATCH "[0-9]+" MsgpackCxx_VERSION_${part} "${line}")
  endforeach()
  set(MsgpackCxx_VERSION
      "${MsgpackCxx_VERSION_MAJOR}.${MsgpackCxx_VERSION_MINOR}.${MsgpackCxx_VERSION_REVISION}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  MsgpackCxx
  REQUIRED_VARS MsgpackCxx_INCLUDE_DIR
  VERSION_VAR MsgpackCxx_VERSION
  REASON_FAILURE_MESSAGE "On Debian it is the package libmsgpack-cxx-dev.")

if(MsgpackCxx_FOUND AND NOT TARGET vagus::msgpack_cxx)
  add_library(vagus::msgpack_cxx INTERFACE IMPORTED)
  target_include_directories(vagus::msgpack_cxx INTERFACE "${MsgpackCxx_INCLUDE_DIR}")
  target_compile_definitions(vagus::msgpack_cxx INTERFACE MSGPACK_NO_BOOST)
endif()
