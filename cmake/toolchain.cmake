# How the library's own code is compiled. Nothing here reaches the projects that use the library.

if(PROJECT_IS_TOP_LEVEL)
  get_property(multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  if(NOT CMAKE_BUILD_TYPE AND NOT multi_config)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release, RelWithDebInfo or MinSizeRel" FORCE)
  endif()

  find_program(CCACHE_PROGRAM ccache)
  mark_as_advanced(CCACHE_PROGRAM)
  if(CCACHE_PROGRAM AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
    # What was compiled in one checkout serves all others.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        "${CMAKE_COMMAND}" -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 "${CCACHE_PROGRAM}")
  endif()
endif()

set(VAGUS_WARNINGS
    -Wall
    -Wextra
    -Wpedantic
    -Wconversion
    -Wsign-conversion
    -Wshadow
    -Wold-style-cast
    -Wnon-virtual-dtor
    -Woverloaded-virtual
    $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)

# GCC 12 sees overlaps in std::string where there are none: https://gcc.gnu.org/bugzilla/show_bug.cgi?id=105651
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  list(APPEND VAGUS_WARNINGS -Wno-restrict)
endif()

# The fences that GCC's thread sanitizer does not know are Asio's; there are none here.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND VAGUS_SANITIZE MATCHES "thread")
  list(APPEND VAGUS_WARNINGS -Wno-tsan)
endif()

# What every target of this tree has in common. To be called after the target was made.
function(vagus_compile_options target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  # A project that includes this one as a subdirectory chooses its own warnings.
  if(PROJECT_IS_TOP_LEVEL AND CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
    target_compile_options(${target} PRIVATE ${VAGUS_WARNINGS})
  endif()
  if(VAGUS_WERROR)
    set_target_properties(${target} PROPERTIES COMPILE_WARNING_AS_ERROR ON)
  endif()
endfunction()

if(VAGUS_SANITIZE)
  set(sanitize -fsanitize=${VAGUS_SANITIZE} -fno-sanitize-recover=all)
  add_compile_options(${sanitize} -fno-omit-frame-pointer -g1)
  add_link_options(${sanitize})
endif()

if(VAGUS_SANITIZE MATCHES "fuzzer")
  # Tells the targets of each byte before it is read, so that they can change it: see tests/fuzz/support/peer_memory.hpp.
  add_compile_options(-fsanitize-coverage=trace-loads)
endif()
if(VAGUS_FAULT_POINTS)
  add_compile_definitions(VAGUS_FAULT_POINTS)
endif()
