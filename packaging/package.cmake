# Debian packages, by CPack: `cmake --workflow --preset package` leaves them in build/package.
#
# Two of them, as Debian's own libraries are cut: programs need only libvagus0.1, whose name bears the version of the
# binary interface so that the next one can be installed beside it; who compiles needs libvagus-dev too. Where static
# libraries were built there is only the latter.

set(CPACK_PACKAGE_NAME vagus)
set(CPACK_PACKAGE_VENDOR "The Vagus authors")
set(CPACK_PACKAGE_CONTACT "The Vagus authors <vagus@localhost>")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)

# The packages that dependencies.txt lists for a group, separated by commas.
function(debian_packages group result)
  file(STRINGS "${PROJECT_SOURCE_DIR}/packaging/dependencies.txt" lines REGEX "^[^#]")
  set(packages)
  foreach(line IN LISTS lines)
    separate_arguments(words UNIX_COMMAND "${line}")
    list(POP_FRONT words package)
    if("${group}" IN_LIST words)
      list(APPEND packages "${package}")
    endif()
  endforeach()
  list(JOIN packages ", " packages)
  set(${result} "${packages}" PARENT_SCOPE)
endfunction()

set(abi "${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}")
debian_packages(use CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS)
if(BUILD_SHARED_LIBS)
  set(CPACK_COMPONENTS_ALL runtime development)
  string(PREPEND CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libvagus${abi} (= ${PROJECT_VERSION}), ")
else()
  set(CPACK_COMPONENTS_ALL development)
  debian_packages(static packages_to_link)
  string(APPEND CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS ", ${packages_to_link}")
endif()

# Debian wants the licence in each package, in a place of its own; nobody else does.
install(FILES LICENSE DESTINATION "share/doc/libvagus${abi}" RENAME copyright COMPONENT runtime EXCLUDE_FROM_ALL)
install(FILES LICENSE DESTINATION share/doc/libvagus-dev RENAME copyright COMPONENT development EXCLUDE_FROM_ALL)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME "libvagus${abi}")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "${PROJECT_DESCRIPTION}: shared libraries")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libvagus-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "${PROJECT_DESCRIPTION}: headers and development files")
include(CPack)
