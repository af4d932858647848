# Targets of tests/fuzz.

# vagus_fuzz_target(<name> FLOORS <floor>... [CHANGES])
#
# One program, vagus_fuzz_<name>, of tests/fuzz/<name>.cpp, which sees the floors as a test suite does. Where the fuzzer
# is among the sanitizers, it makes its inputs up; else it only repeats those that it is given, and a test gives it those
# in tests/fuzz/corpus/<name>. CHANGES: it changes memory while that is read. The target vagus_fuzz builds all of them.
function(vagus_fuzz_target name)
  cmake_parse_arguments(PARSE_ARGV 1 fuzz "CHANGES" "" "FLOORS")
  set(target vagus_fuzz_${name})
  set(folder "${PROJECT_SOURCE_DIR}/tests/fuzz")
  vagus_fuzz_helpers("${folder}")
  add_executable(${target} "${folder}/${name}.cpp")
  vagus_compile_options(${target})
  target_include_directories(${target} PRIVATE "${folder}" "${PROJECT_SOURCE_DIR}/tests")
  target_link_libraries(${target} PRIVATE vagus_fuzz_helpers Boost::thread)
  foreach(floor IN LISTS fuzz_FLOORS)
    vagus_see_floor(${target} ${floor})
  endforeach()

  if(NOT TARGET vagus_fuzz)
    add_custom_target(vagus_fuzz)
  endif()
  add_dependencies(vagus_fuzz ${target})

  if(VAGUS_SANITIZE MATCHES "fuzzer")
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    if(fuzz_CHANGES)
      # Two looks at a byte remain two, where the optimiser would make one of them: also in the code of the headers.
      target_compile_options(${target} PRIVATE -O0)
    endif()
  else()
    add_test(NAME fuzz_${name}_repeats_its_corpus COMMAND ${target} "${folder}/corpus/${name}")
    set_tests_properties(fuzz_${name}_repeats_its_corpus PROPERTIES LABELS fuzz TIMEOUT 120)
  endif()
endfunction()

# What all targets have in common, compiled once; main() too, where it is not the fuzzer's.
function(vagus_fuzz_helpers folder)
  if(TARGET vagus_fuzz_helpers)
    return()
  endif()
  file(GLOB helpers CONFIGURE_DEPENDS "${folder}/support/*.cpp")
  if(NOT VAGUS_SANITIZE MATCHES "fuzzer")
    list(APPEND helpers "${folder}/replay.cpp")
  endif()
  add_library(vagus_fuzz_helpers OBJECT ${helpers})
  vagus_compile_options(vagus_fuzz_helpers)
  target_include_directories(vagus_fuzz_helpers PRIVATE "${folder}" "${PROJECT_SOURCE_DIR}/tests")
endfunction()
