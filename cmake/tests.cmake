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
  if(VAGUS_SANITIZE)
    target_compile_options(${target} PRIVATE -O0)  # compiles in less than half the time; the library is optimised
  endif()
  target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
  target_compile_definitions(${target} PRIVATE VAGUS_TESTS_DIR="${CMAKE_CURRENT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE GTest::gtest Boost::thread)
  foreach(floor IN LISTS suite_FLOORS)
    target_link_libraries(${target} PRIVATE vagus::${floor} vagus_${floor}_internal)
    target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/${floor}/src")
  endforeach()
  if("arbitration" IN_LIST suite_FLOORS)
    target_link_libraries(${target} PRIVATE vagus::vagus)  # with all floors comes the umbrella header
  endif()

  gtest_discover_tests(${target} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 120 LABELS ${name})
endfunction()

# vagus_program_test(<name> <target> [ARGUMENT...] [LABELS <label>...])
#
# A test that runs a program, an example say, and fails if it fails or leaves a process, shared memory or a file behind.
function(vagus_program_test name target)
  cmake_parse_arguments(PARSE_ARGV 2 test "" "" "LABELS")
  add_test(NAME ${name} COMMAND vagus_leaves_nothing $<TARGET_FILE:${target}> ${test_UNPARSED_ARGUMENTS})
  set_tests_properties(${name} PROPERTIES TIMEOUT 120 LABELS "${test_LABELS}")
endfunction()
