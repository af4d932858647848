# Takes the C++ out of documents, so that what they show is what is compiled.
#
# A block that begins with ```cpp file=NAME is a piece of the file NAME of its document; pieces of one file follow each
# other in the order of the document. What a file needs besides and nobody wants to read stands in a comment:
#
#   <!-- cpp file=NAME
#   void f(Machine& machine) {
#   -->
#
# Files of one document may include each other.

set(snippet_openings "\n```cpp file=" "\n<!-- cpp file=")
set(snippet_closings "\n```" "\n-->")

# Counts line ends.
function(count_lines text result)
  string(REGEX REPLACE "[^\n]+" "" ends "${text}")
  string(LENGTH "${ends}" count)
  set(${result} ${count} PARENT_SCOPE)
endfunction()

# Cuts the next piece off `rest`: sets <name>, <code> and the line in which the code begins; an empty name if there is
# none any more.
function(next_piece rest_variable line_variable name_variable code_variable)
  set(rest "${${rest_variable}}")
  set(begin -1)
  foreach(candidate_opening candidate_closing IN ZIP_LISTS snippet_openings snippet_closings)
    string(FIND "${rest}" "${candidate_opening}" found)
    if(found GREATER -1 AND (begin EQUAL -1 OR found LESS begin))
      set(begin ${found})
      set(opening "${candidate_opening}")
      set(closing "${candidate_closing}")
    endif()
  endforeach()
  set(${name_variable} "" PARENT_SCOPE)
  if(begin EQUAL -1)
    return()
  endif()

  string(LENGTH "${opening}" length)
  math(EXPR begin "${begin} + ${length}")
  string(SUBSTRING "${rest}" 0 ${begin} passed)
  string(SUBSTRING "${rest}" ${begin} -1 rest)
  string(FIND "${rest}" "\n" end_of_name)
  string(SUBSTRING "${rest}" 0 ${end_of_name} name)
  string(SUBSTRING "${rest}" ${end_of_name} -1 rest)
  count_lines("${passed}" passed_lines)
  math(EXPR line "${${line_variable}} + ${passed_lines} + 1")

  string(FIND "${rest}" "${closing}" end)
  if(end EQUAL -1)
    message(FATAL_ERROR "${name}, which begins in line ${line}, has no end")
  endif()
  string(SUBSTRING "${rest}" 0 ${end} code)
  string(SUBSTRING "${rest}" ${end} -1 rest)
  count_lines("${code}" code_lines)
  math(EXPR next_line "${line} - 1 + ${code_lines}")
  string(SUBSTRING "${code}" 1 -1 code)  # without the end of the opening line

  set(${rest_variable} "${rest}" PARENT_SCOPE)
  set(${line_variable} ${next_line} PARENT_SCOPE)
  set(${name_variable} "${name}" PARENT_SCOPE)
  set(${code_variable} "#line ${line} \"${document}\"\n${code}\n" PARENT_SCOPE)
endfunction()

# Writes the files of `document` into `folder` and sets `result` to their paths.
function(extract_snippets document folder result)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${document}")
  file(READ "${document}" rest)
  set(line 1)
  set(names)
  while(TRUE)
    next_piece(rest line name code)
    if(name STREQUAL "")
      break()
    endif()
    if(NOT name MATCHES "^[a-z0-9_]+\\.[ch]pp$")
      message(FATAL_ERROR "${document}:${line}: \"${name}\" is not the name of a C++ file")
    endif()
    if(NOT name IN_LIST names)
      list(APPEND names "${name}")
      set(code_of_${name} "")
      if(name MATCHES "hpp$")
        set(code_of_${name} "#pragma once\n")
      endif()
    endif()
    string(APPEND code_of_${name} "${code}")
  endwhile()

  set(paths)
  foreach(name IN LISTS names)
    set(path "${folder}/${name}")
    list(APPEND paths "${path}")
    set(former "")
    if(EXISTS "${path}")
      file(READ "${path}" former)
    endif()
    if(NOT former STREQUAL code_of_${name})
      file(WRITE "${path}" "${code_of_${name}}")
    endif()
  endforeach()
  set(${result} "${paths}" PARENT_SCOPE)
endfunction()
