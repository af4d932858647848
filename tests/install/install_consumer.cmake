# What a user of the installed library does; see CMakeLists.txt for the variables.
cmake_minimum_required(VERSION 3.25)

set(consumer "${CMAKE_CURRENT_LIST_DIR}/consumer")

# Runs a command and ends the test with its output if it fails. OUTPUT gets what it printed.
function(run)
  execute_process(
    COMMAND ${ARGV}
    RESULT_VARIABLE code
    OUTPUT_VARIABLE output
    ERROR_VARIABLE output
    TIMEOUT 600)
  if(NOT code STREQUAL "0")
    list(JOIN ARGV " " command)
    message(FATAL_ERROR "${command}\nended with ${code}:\n${output}")
  endif()
  string(STRIP "${output}" output)
  set(OUTPUT "${output}" PARENT_SCOPE)
endfunction()

function(expect_greeting program)
  run("${program}")
  if(NOT OUTPUT STREQUAL "hello from the installed library")
    message(FATAL_ERROR "${program} printed: ${OUTPUT}")
  endif()
endfunction()

function(configure_and_build source_dir build_dir)
  run("${CMAKE_COMMAND}" -S "${source_dir}" -B "${build_dir}" -G "${GENERATOR}" "-DCMAKE_CXX_COMPILER=${CXX_COMPILER}"
      "-DCMAKE_BUILD_TYPE=${BUILD_TYPE}" ${ARGN})
  run("${CMAKE_COMMAND}" --build "${build_dir}")
endfunction()

# What is built stays, so that the next run is quick; what is installed is always new.
set(prefix "${WORK_DIR}/prefix")
file(REMOVE_RECURSE "${prefix}" "${WORK_DIR}/built here")

message(STATUS "install, and move what was installed")
run("${CMAKE_COMMAND}" --install "${BUILD_DIR}" --prefix "${WORK_DIR}/built here")
file(RENAME "${WORK_DIR}/built here" "${prefix}")

if(TOOLS)
  message(STATUS "the command line")
  run("${prefix}/${BINDIR}/vagus" --version)
  if(NOT OUTPUT STREQUAL "vagus ${VERSION}")
    message(FATAL_ERROR "vagus --version printed: ${OUTPUT}")
  endif()
endif()

message(STATUS "find_package")
configure_and_build("${consumer}" "${WORK_DIR}/find_package" "-DCMAKE_PREFIX_PATH=${prefix}"
                    "-DWITH_CONFIGURATION=${CONFIGURATION}")
expect_greeting("${WORK_DIR}/find_package/consumer")
if(CONFIGURATION)
  expect_greeting("${WORK_DIR}/find_package/configured")
endif()
expect_greeting("${WORK_DIR}/find_package/consumer_test")

message(STATUS "find_package asks for what is not there")
foreach(request "0.1;nonsense" "0.2;core" "1.0;core")
  list(GET request 0 version)
  list(GET request 1 component)
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -S "${consumer}" -B "${WORK_DIR}/not_there" -G "${GENERATOR}"
            "-DCMAKE_CXX_COMPILER=${CXX_COMPILER}" "-DCMAKE_PREFIX_PATH=${prefix}" #
            "-DWANTED_VERSION=${version}" "-DWANTED_COMPONENT=${component}"
    RESULT_VARIABLE code
    OUTPUT_QUIET ERROR_QUIET)
  if(code STREQUAL "0")
    message(FATAL_ERROR "find_package(vagus ${version} COMPONENTS ${component}) finds version ${VERSION}")
  endif()
endforeach()

find_program(pkg_config pkg-config)
if(pkg_config)
  message(STATUS "pkg-config")
  set(ENV{PKG_CONFIG_PATH} "${prefix}/${LIBDIR}/pkgconfig")
  run("${pkg_config}" --modversion vagus)
  if(NOT OUTPUT STREQUAL VERSION)
    message(FATAL_ERROR "pkg-config finds version ${OUTPUT}, not ${VERSION}")
  endif()
  run("${pkg_config}" --cflags --libs vagus)
  separate_arguments(flags UNIX_COMMAND "${OUTPUT}")
  run("${CXX_COMPILER}" -std=c++20 "${consumer}/main.cpp" ${flags} -o "${WORK_DIR}/by_pkg_config")
  run("${pkg_config}" --cflags --libs vagus-testing)
  separate_arguments(flags UNIX_COMMAND "${OUTPUT}")
  run("${CXX_COMPILER}" -std=c++20 "${consumer}/consumer_test.cpp" ${flags} -o "${WORK_DIR}/test_by_pkg_config")
  set(ENV{LD_LIBRARY_PATH} "${prefix}/${LIBDIR}")
  expect_greeting("${WORK_DIR}/by_pkg_config")
  if(CONFIGURATION)
    run("${pkg_config}" --cflags --libs vagus-configuration)
    separate_arguments(flags UNIX_COMMAND "${OUTPUT}")
    run("${CXX_COMPILER}" -std=c++20 "${consumer}/configured.cpp" ${flags} -o "${WORK_DIR}/configured_by_pkg_config")
    expect_greeting("${WORK_DIR}/configured_by_pkg_config")
  endif()
  expect_greeting("${WORK_DIR}/test_by_pkg_config")
  unset(ENV{LD_LIBRARY_PATH})
endif()

message(STATUS "add_subdirectory")
configure_and_build("${CMAKE_CURRENT_LIST_DIR}/subdirectory" "${WORK_DIR}/subdirectory" "-DVAGUS_DIR=${SOURCE_DIR}"
                    "-DBUILD_SHARED_LIBS=${SHARED}")
run("${WORK_DIR}/subdirectory/consumer")
file(GLOB strangers "${WORK_DIR}/subdirectory/vagus/tests" "${WORK_DIR}/subdirectory/vagus/examples")
if(strangers)
  message(FATAL_ERROR "A project that includes Vagus builds its tests and examples: ${strangers}")
endif()
