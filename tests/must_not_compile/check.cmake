# cmake -DCOMPILER=... -DFLAGS=... -DSOURCE=... -P check.cmake
#
# Compiles the source, which has to fail: each line with a remark `// error: TEXT` by a diagnostic that has the text, and
# no other line.
separate_arguments(FLAGS UNIX_COMMAND "${FLAGS}")
execute_process(
  COMMAND ${COMPILER} -std=c++20 -fsyntax-only -Wall -Wextra -Werror -DMSGPACK_NO_BOOST ${FLAGS} "${SOURCE}"
  OUTPUT_QUIET
  ERROR_VARIABLE said
  RESULT_VARIABLE code)
if(code EQUAL 0)
  message(FATAL_ERROR "${SOURCE} compiles")
endif()

# Characters that mean something to CMake's lists go, in what is compared too.
macro(plain variable)
  string(REGEX REPLACE "[][;]" " " ${variable} "${${variable}}")
endmacro()
file(READ "${SOURCE}" lines)
plain(lines)
plain(said)
string(REPLACE "\n" ";" lines "${lines}")

get_filename_component(name "${SOURCE}" NAME)
set(wrong "")
set(number 0)
set(expected 0)
foreach(line IN LISTS lines)
  math(EXPR number "${number} + 1")
  string(REGEX MATCH "${name}:${number}:[0-9]+: " mentioned "${said}")
  string(REGEX MATCH "${name}:${number}:[0-9]+: (fatal )?error: " refused "${said}")
  if(line MATCHES "// error: (.*)$")
    math(EXPR expected "${expected} + 1")
    string(FIND "${said}" "${CMAKE_MATCH_1}" place)
    if(NOT mentioned)
      string(APPEND wrong "${name}:${number} compiles: ${line}\n")
    elseif(place EQUAL -1)
      string(APPEND wrong "${name}:${number}: no diagnostic says '${CMAKE_MATCH_1}'\n")
    endif()
  elseif(refused)
    string(APPEND wrong "${name}:${number} does not compile: ${line}\n")
  endif()
endforeach()
if(wrong OR expected EQUAL 0)
  message("${said}")
  message(FATAL_ERROR "${wrong}")
endif()
message(STATUS "${expected} misuses were refused")
