# Helpers for the tests of this tree.

find_package(GTest REQUIRED)
include(GoogleTest)

# vagus_test_suite(<name> FLOORS <floor>...)
#
# One program, vagus_<name>_tests, of all tests/<name>/*.cpp. It sees the public, internal and private headers of the
# floors it is linked to, and the helpers in tests/support and tests/support/<floor>.
function(vagus_test_suite name)
  cmake_parse_arguments(PARSE_ARGV 1 suite "" "" "FLOORS")
  file(GLOB tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp")
  if(NOT tests)
    return()
  endif()
  set(helper_patterns "${CMAKE_CURRENT_SOURCE_DIR}/support/*.cpp")
  foreach(floor IN LISTS suite_FLOORS)
    list(APPEND helper_patterns "${CMAKE_CURRENT_SOURCE_DIR}/support/${floor}/*.cpp")
  endforeach()
  file(GLOB helpers CONFIGURE_DEPENDS ${helper_patterns})
  list(FILTER helpers EXCLUDE REGEX "_test\\.cpp$")
  list(APPEND tests ${helpers})
  list(REMOVE_DUPLICATES tests)

  set(target vagus_${name}_tests)
  add_executable(${target} ${tests})
  vagus_compile_options(${target})
  # What compiles in less time: it is the library that is optimised.
  if(VAGUS_SANITIZE)
    target_compile_options(${target} PRIVATE -O0)
    if(VAGUS_SANITIZE MATCHES "undefined")
      target_compile_options(${target} PRIVATE -fno-sanitize=null,vptr)  # a null pointer faults just the same
    endif()
  elseif(CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
  target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE GTest::gtest Boost::thread)
  foreach(floor IN LISTS suite_FLOORS)
    target_link_libraries(${target} PRIVATE vagus::${floor} vagus_${floor}_internal)
    target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/${floor}/src")
  endforeach()
  if("arbitration" IN_LIST suite_FLOORS)
    target_link_libraries(${target} PRIVATE vagus::vagus)  # with all floors comes the umbrella header
  endif()

  if(VAGUS_SANITIZE)
    vagus_sharded_tests(${target} ${name})
  else()
    gtest_discover_tests(${target} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 120 LABELS ${name})
  endif()
endfunction()

# A sanitized program takes longer to start than most of its tests to run: here many share a process. A test that
# hangs is ended, and named, by the program itself.
function(vagus_sharded_tests target name)
  set(shards 8)
  if(name STREQUAL "conformance")
    set(shards 48)
  endif()
  math(EXPR last "${shards} - 1")
  foreach(index RANGE ${last})
    math(EXPR number "${index} + 1")
    set(test "${name}, part ${number} of ${shards}")
    add_test(NAME "${test}" COMMAND ${target} --gtest_brief=1)
    set_tests_properties("${test}" PROPERTIES TIMEOUT 900 LABELS ${name}
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
