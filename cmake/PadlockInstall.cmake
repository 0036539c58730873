# `cmake --install`: the program, the library and its headers, and what find_package(padlock) reads.
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/padlock)
get_property(libraries GLOBAL PROPERTY PADLOCK_LIBRARIES)
set(installed ${libraries})
list(REMOVE_ITEM installed padlock_cli) # the program's own sources; nobody else's library
set_target_properties(padlock_flags PROPERTIES EXPORT_NAME flags)
install(TARGETS padlock_flags ${installed} EXPORT padlock ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/padlock)
install(EXPORT padlock NAMESPACE padlock:: DESTINATION ${package_folder} FILE padlock-targets.cmake)
foreach(library IN LISTS installed)
  string(REPLACE padlock_ "" folder ${library})
  # Not for users: what implements a folder on other libraries' headers, and what supports our own tests.
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/padlock/${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/padlock
    FILES_MATCHING PATTERN "*.h"
    PATTERN "libcrypto" EXCLUDE PATTERN "ipsec_mb" EXCLUDE PATTERN "json_lines.h" EXCLUDE PATTERN "json_document.h" EXCLUDE PATTERN "ca_server_impl.h" EXCLUDE PATTERN "json_jwk.h" EXCLUDE PATTERN "json_problem.h" EXCLUDE
    PATTERN "testdata" EXCLUDE PATTERN "testing" EXCLUDE PATTERN "testing.h" EXCLUDE PATTERN "test_*.h" EXCLUDE)
endforeach()
get_property(PADLOCK_NEEDS_IPSEC_MB GLOBAL PROPERTY PADLOCK_NEEDS_IPSEC_MB)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/padlock-config.cmake.in
  ${PROJECT_BINARY_DIR}/padlock-config.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/padlock-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/padlock-config.cmake ${PROJECT_BINARY_DIR}/padlock-config-version.cmake
  DESTINATION ${package_folder})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(TARGET padlock)
  install(TARGETS padlock RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(CODE "
    set(bill \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DOCDIR}/sbom.cdx.json\")
    message(STATUS \"Installing: \${bill}\")
    execute_process(COMMAND \"\${CMAKE_COMMAND}\" \"-DPROGRAM=$<TARGET_FILE:padlock>\" -DVERSION=${PROJECT_VERSION}
      \"-DOUTPUT=\${bill}\" -P \"${PROJECT_SOURCE_DIR}/cmake/sbom.cmake\" COMMAND_ERROR_IS_FATAL ANY)")
  configure_file(${PROJECT_SOURCE_DIR}/packaging/padlock.service.in ${PROJECT_BINARY_DIR}/padlock.service @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/padlock.service ${PROJECT_SOURCE_DIR}/packaging/padlock.socket
    ${PROJECT_SOURCE_DIR}/packaging/padlock-http.socket DESTINATION lib/systemd/system)
  install(FILES ${PROJECT_SOURCE_DIR}/packaging/padlock.sysusers DESTINATION lib/sysusers.d RENAME padlock.conf)
endif()
