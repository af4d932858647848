# Helpers for the tests of this tree.

find_package(GTest REQUIRED)
include(GoogleTest)

# How what is in tests/ is compiled: in less time. It is the library that is optimised.
function(vagus_test_options target)
  vagus_compile_options(${target})
  if(VAGUS_SANITIZE)
    target_compile_options(${target} PRIVATE -O0)
    if(VAGUS_SANITIZE MATCHES "undefined")
      target_compile_options(${target} PRIVATE -fno-sanitize=null,vptr)  # a null pointer faults just the same
    endif()
  elseif(CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  target_link_libraries(${target} PRIVATE GTest::gtest Boost::thread)
endfunction()

# The target sees the public, internal and private headers of a floor.
function(vagus_see_floor target floor)
  target_link_libraries(${target} PRIVATE vagus::${floor} vagus_${floor}_internal)
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/${floor}/src")
endfunction()

# vagus_test_helpers(<folder> [<floor>...])
#
# The helpers in tests/<folder>, compiled once, for all suites; as objects, since main() is among them. No target if
# there are none, headers apart.
function(vagus_test_helpers folder)
  file(GLOB helpers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/${folder}/*.cpp")
  list(FILTER helpers EXCLUDE REGEX "_test\\.cpp$")
  if(NOT helpers)
    return()
  endif()
  string(REPLACE "/" "_" name "vagus_test_${folder}")
  add_library(${name} OBJECT ${helpers})
  vagus_test_options(${name})
  foreach(floor IN LISTS ARGN)
    vagus_see_floor(${name} ${floor})
  endforeach()
endfunction()

vagus_test_helpers(support)
vagus_test_helpers(support/core core)
vagus_test_helpers(support/transport core transport)

# vagus_test_suite(<name> [ALONE] FLOORS <floor>...)
#
# One program, vagus_<name>_tests, of all tests/<name>/*.cpp. It sees the public, internal and private headers of the
# floors it is linked to, and the helpers in tests/support and tests/support/<floor>. ALONE: no other test runs beside
# its tests.
function(vagus_test_suite name)
  cmake_parse_arguments(PARSE_ARGV 1 suite "ALONE" "" "FLOORS")
  set(alone FALSE)
  if(suite_ALONE)
    set(alone TRUE)
  endif()
  file(GLOB tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp")
  if(NOT tests)
    return()
  endif()
  if(name STREQUAL "support")
    list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  endif()
  set(target vagus_${name}_tests)
  add_executable(${target} ${tests})
  vagus_test_options(${target})
  target_link_libraries(${target} PRIVATE vagus_test_support)
  foreach(floor IN LISTS suite_FLOORS)
    vagus_see_floor(${target} ${floor})
    if(TARGET vagus_test_support_${floor})
      target_link_libraries(${target} PRIVATE vagus_test_support_${floor})
    endif()
  endforeach()
  if("arbitration" IN_LIST suite_FLOORS)
    target_link_libraries(${target} PRIVATE vagus::vagus)  # with all floors comes the umbrella header
  endif()

  if(VAGUS_SANITIZE)
    vagus_sharded_tests(${target} ${name} ${alone})
  else()
    gtest_discover_tests(${target} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 120 LABELS ${name} RUN_SERIAL ${alone})
  endif()
endfunction()

# A sanitized program takes longer to start than most of its tests to run: here many share a process. A test that
# hangs is ended, and named, by the program itself.
function(vagus_sharded_tests target name alone)
  set(shards 8)
  if(alone)
    set(shards 1)
  endif()
  if(name STREQUAL "conformance")
    set(shards 48)
  endif()
  math(EXPR last "${shards} - 1")
  foreach(index RANGE ${last})
    math(EXPR number "${index} + 1")
    set(test "${name}, part ${number} of ${shards}")
    add_test(NAME "${test}" COMMAND ${target} --gtest_brief=1)
    set_tests_properties("${test}" PROPERTIES TIMEOUT 900 LABELS ${name} RUN_SERIAL ${alone}
                         ENVIRONMENT "GTEST_TOTAL_SHARDS=${shards};GTEST_SHARD_INDEX=${index}")
  endforeach()
endfunction()

# vagus_program_test(<name> <target> [ARGUMENT...] [LABELS <label>...])
#
# A test that runs a program, an example say, and fails if it fails or leaves a process, shared memory or a file behind.
function(vagus_program_test name target)
  cmake_parse_arguments(PARSE_ARGV 2 test "" "" "LABELS")
  add_test(NAME ${name} COMMAND vagus_leaves_nothing $<TARGET_FILE:${target}> ${test_UNPARSED_ARGUMENTS})
  set_tests_properties(${name} PROPERTIES TIMEOUT 120 LABELS "${test_LABELS}")
endfunction()
