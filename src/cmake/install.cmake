# What is installed, and the Debian packages that are made of it.
#
# A build makes one kind of library. Two builds may be installed into one prefix: each brings its own
# syncdex-KIND-targets.cmake, and the rest is equal (syncdexConfig.cmake.in).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_target_property(type syncdex TYPE)
set(kind static)
if(type STREQUAL "SHARED_LIBRARY")
  set(kind shared)
endif()
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/syncdex)

install(TARGETS syncdex EXPORT syncdex-${kind}
  LIBRARY COMPONENT runtime NAMELINK_COMPONENT dev
  ARCHIVE COMPONENT dev
  FILE_SET HEADERS COMPONENT dev)
install(EXPORT syncdex-${kind} FILE syncdex-${kind}-targets.cmake NAMESPACE syncdex::
  DESTINATION ${package_dir} COMPONENT dev)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/syncdexConfig.cmake.in
  ${PROJECT_BINARY_DIR}/syncdexConfig.cmake INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
# Before 1.0 a minor version may break what was.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/syncdexConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/syncdexConfig.cmake ${PROJECT_BINARY_DIR}/syncdexConfigVersion.cmake
  DESTINATION ${package_dir} COMPONENT dev)

# Relative to itself, so that the prefix may be chosen when it is installed, and moved.
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}" OR IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
  set(pkgconfig_prefix ${CMAKE_INSTALL_PREFIX})
  set(pkgconfig_includedir ${CMAKE_INSTALL_FULL_INCLUDEDIR})
  set(pkgconfig_libdir ${CMAKE_INSTALL_FULL_LIBDIR})
else()
  file(RELATIVE_PATH pkgconfig_up /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
  string(REGEX REPLACE "/$" "" pkgconfig_up "${pkgconfig_up}")
  set(pkgconfig_prefix "\${pcfiledir}/${pkgconfig_up}")
  set(pkgconfig_includedir "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
  set(pkgconfig_libdir "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/syncdex.pc.in ${PROJECT_BINARY_DIR}/syncdex.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/syncdex.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT dev)

if(SYNCDEX_BUILD_TOOLS)
  if(kind STREQUAL "shared" AND NOT IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
    file(RELATIVE_PATH tool_to_library /prefix/${CMAKE_INSTALL_BINDIR} /prefix/${CMAKE_INSTALL_LIBDIR})
    set_target_properties(syncdex_tool PROPERTIES INSTALL_RPATH "$ORIGIN/${tool_to_library}")
  endif()
  install(TARGETS syncdex_tool RUNTIME COMPONENT tools)
  install(FILES ${PROJECT_SOURCE_DIR}/src/cli/completion.bash
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME syncdex COMPONENT tools)
  install(FILES ${PROJECT_SOURCE_DIR}/src/cli/completion.zsh
    DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions RENAME _syncdex COMPONENT tools)
  install(FILES ${PROJECT_SOURCE_DIR}/src/cli/syncdex.1
    DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT tools)
endif()

install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/syncdex COMPONENT licence)

# Each Debian package brings it where Debian wants it; other installations do not.
set(soname_package libsyncdex${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
set(licence_of_runtime ${soname_package})
set(licence_of_dev libsyncdex-dev)
set(licence_of_tools syncdex-tools)
foreach(component runtime dev tools)
  install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${licence_of_${component}}
    RENAME copyright COMPONENT ${component} EXCLUDE_FROM_ALL)
endforeach()

# ./x deb runs cpack over a shared and a static build at once.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR "the developers of syncdex")
set(CPACK_PACKAGE_CONTACT "the developers of syncdex <syncdex@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL runtime dev tools)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME ${soname_package})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_DEV_PACKAGE_NAME libsyncdex-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "${soname_package} (= ${PROJECT_VERSION}), libsimdjson-dev, libfmt-dev")
set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME syncdex-tools)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION utils)
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "${PROJECT_DESCRIPTION}: the shared library")
set(CPACK_COMPONENT_DEV_DESCRIPTION "${PROJECT_DESCRIPTION}: headers, libraries, CMake and pkg-config files")
set(CPACK_COMPONENT_TOOLS_DESCRIPTION "${PROJECT_DESCRIPTION}: the command-line tool")
include(CPack)
