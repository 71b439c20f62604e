# SPDX-License-Identifier: Apache-2.0
# What is handed on: the root of the REST server's image (docs/image.md), what is installed where,
# and the two Debian packages, cpack -G DEB (docs/packages.md).
if(TARGET rbd-rest)
  add_custom_target(rest-root
    COMMAND ${CMAKE_SOURCE_DIR}/deploy/rest/collect $<TARGET_FILE:rbd-rest> 65532
      ${CMAKE_BINARY_DIR}/rest-root
    DEPENDS rbd-rest USES_TERMINAL VERBATIM)
endif()

set(CMAKE_INSTALL_LIBDIR lib CACHE PATH "") # programs of our own, no libraries
include(GNUInstallDirs)
set(debian ${CMAKE_CURRENT_LIST_DIR}/debian)
set(made ${CMAKE_BINARY_DIR}/debian)

# taken from SOURCE_DATE_EPOCH where that is set
string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)
set(CPACK_PACKAGE_CONTACT "rbd-flexvolume maintainers <rbd-flexvolume@localhost>" CACHE STRING
  "the Debian packages' maintainer")

# zipped(PACKAGE FILE NAME DIRECTORY): FILE, compressed as Debian has it, is installed as NAME.gz.
function(zipped package file name directory)
  set(copy ${made}/${package}/${name})
  add_custom_command(OUTPUT ${copy}.gz
    COMMAND ${CMAKE_COMMAND} -E copy ${file} ${copy} COMMAND gzip -9nf ${copy}
    DEPENDS ${file} VERBATIM)
  add_custom_target(${package}-${name} ALL DEPENDS ${copy}.gz)
  install(FILES ${copy}.gz DESTINATION ${directory} COMPONENT ${package})
endfunction()

# package_text(PACKAGE): its documentation.
function(package_text package)
  set(doc ${CMAKE_INSTALL_DATADIR}/doc/${package})
  file(WRITE ${made}/${package}.changelog
    "${package} (${PROJECT_VERSION}) stable; urgency=medium\n\n"
    "  * See CHANGELOG.md.\n\n"
    " -- ${CPACK_PACKAGE_CONTACT}  ${now}\n")
  zipped(${package} ${made}/${package}.changelog changelog ${doc})
  install(FILES ${debian}/copyright DESTINATION ${doc} COMPONENT ${package})
  # an image is built without the pages; one that is new is seen at the next build
  file(GLOB page CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/${package}.8)
  if(page)
    zipped(${package} ${page} ${package}.8 ${CMAKE_INSTALL_MANDIR}/man8)
  endif()
endfunction()

# package(PACKAGE SUMMARY DESCRIPTION DEPENDS RECOMMENDS)
macro(package name summary description depends recommends)
  string(TOUPPER ${name} upper)
  list(APPEND CPACK_COMPONENTS_ALL ${name})
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${name})
  set(CPACK_COMPONENT_${upper}_DESCRIPTION "${summary}\n${description}")
  set(CPACK_DEBIAN_${upper}_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS "${depends}")
  set(CPACK_DEBIAN_${upper}_PACKAGE_RECOMMENDS "${recommends}")
  set(CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_STRICT_PERMISSION ON)
  file(GLOB scripts CONFIGURE_DEPENDS ${debian}/${name}/*)
  set(CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_EXTRA ${scripts})
  # an empty directory that the administrator fills
  install(DIRECTORY DESTINATION /etc/rbd-flexvolume COMPONENT ${name})
  package_text(${name})
endmacro()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ
  GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL)

# librados and librbd are loaded by the step that uses them, libmount too: no dpkg-shlibdeps sees it
package(rbd-flexvolume "Kubernetes FlexVolume driver for Ceph RBD"
  "The kubelet runs it once per call: it makes the image if it is missing,\nmaps it with the kernel's rbd, formats it if it is proven empty, and mounts it."
  "librados2, librbd1, libmount1, e2fsprogs, kmod" "xfsprogs")
# in a directory of its own: what stands beside the executable is its own too (.init.json)
install(TARGETS rbd-flexvolume RUNTIME DESTINATION ${CMAKE_INSTALL_LIBDIR}/rbd-flexvolume
  COMPONENT rbd-flexvolume)
file(MAKE_DIRECTORY ${made}/bin)
file(CREATE_LINK ../${CMAKE_INSTALL_LIBDIR}/rbd-flexvolume/rbd-flexvolume
  ${made}/bin/rbd-flexvolume SYMBOLIC)
install(FILES ${made}/bin/rbd-flexvolume DESTINATION ${CMAKE_INSTALL_BINDIR}
  COMPONENT rbd-flexvolume)
install(FILES README.md SECURITY.md CHANGELOG.md
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/rbd-flexvolume COMPONENT rbd-flexvolume)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/rbd-flexvolume
  COMPONENT rbd-flexvolume FILES_MATCHING PATTERN *.md PATTERN pictures EXCLUDE)
install(DIRECTORY deploy/examples DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/rbd-flexvolume
  COMPONENT rbd-flexvolume)
if(EXISTS ${CMAKE_SOURCE_DIR}/completion/rbd-flexvolume.bash)
  install(FILES completion/rbd-flexvolume.bash RENAME rbd-flexvolume
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT rbd-flexvolume)
endif()

if(TARGET rbd-rest)
  package(rbd-rest "REST server for Ceph pools and RBD images"
    "It makes, lists, grows and removes pools and images over HTTP, with users of\nits own."
    "librados2, librbd1" "")
  install(TARGETS rbd-rest RUNTIME COMPONENT rbd-rest)
  install(FILES deploy/debian/default RENAME rbd-rest DESTINATION /etc/default COMPONENT rbd-rest)
  install(FILES deploy/systemd/rbd-rest.service DESTINATION /lib/systemd/system COMPONENT rbd-rest)
endif()

include(CPack)
