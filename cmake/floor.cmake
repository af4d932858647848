# vagus_floor(<name> [OUTSIDE] [DEPENDS <floor>...] [PUBLIC <target>...] [PRIVATE <target>...])
#
# Makes the library of one floor, vagus_<name> or vagus::<name>, from <name>/src. DEPENDS names the floors below. What
# stands OUTSIDE is no floor but a library beside them, and sees of them what users see.
#
#   include/   the public headers: seen by everybody, installed
#   internal/  headers for the floors above and the tests: never seen by users, not installed
#   src/       seen by nobody else
function(vagus_floor name)
  cmake_parse_arguments(PARSE_ARGV 1 floor "OUTSIDE" "" "DEPENDS;PUBLIC;PRIVATE")
  set(target vagus_${name})
  list(TRANSFORM floor_DEPENDS PREPEND vagus_)

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/src/*.cpp")
  add_library(${target} ${sources})
  add_library(vagus::${name} ALIAS ${target})
  vagus_compile_options(${target})

  # A target of its own carries the internal headers, since whatever is linked to the library itself reaches users.
  add_library(${target}_internal INTERFACE)
  target_include_directories(${target}_internal INTERFACE "${CMAKE_CURRENT_SOURCE_DIR}/internal")
  set(internals)
  if(NOT floor_OUTSIDE)
    list(TRANSFORM floor_DEPENDS APPEND _internal OUTPUT_VARIABLE internals)
  endif()
  target_link_libraries(${target}_internal INTERFACE ${internals})

  target_include_directories(
    ${target}
    PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    PRIVATE src)
  target_link_libraries(
    ${target}
    PUBLIC ${floor_DEPENDS} ${floor_PUBLIC}
    PRIVATE ${floor_PRIVATE} $<BUILD_INTERFACE:${target}_internal>)

  set_target_properties(
    ${target}
    PROPERTIES VERSION ${PROJECT_VERSION}
               SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
               EXPORT_NAME ${name}
               POSITION_INDEPENDENT_CODE ON)
  # Code that may go into a shared object is not slowed down for functions that nobody replaces.
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fno-semantic-interposition>)
  # The floors lie side by side, wherever they are installed.
  if(UNIX AND NOT APPLE)
    set_target_properties(${target} PROPERTIES INSTALL_RPATH "$ORIGIN")
  endif()
endfunction()
