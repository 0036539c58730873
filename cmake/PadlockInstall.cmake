# `cmake --install`: the program, the library and its headers, and what find_package(padlock) reads.
include(CMakePackageConfigHelpers)
get_property(libraries GLOBAL PROPERTY PADLOCK_LIBRARIES)
set(installed ${libraries})
list(REMOVE_ITEM installed padlock_cli)
install(TARGETS padlock_flags ${installed} EXPORT padlock ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/padlock)
install(EXPORT padlock NAMESPACE padlock:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/padlock FILE padlock-targets.cmake)
foreach(library IN LISTS installed)
  string(REPLACE padlock_ "" folder ${library})
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/padlock/${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/padlock
    FILES_MATCHING PATTERN "*.h" PATTERN "testdata" EXCLUDE
    PATTERN "libcrypto" EXCLUDE PATTERN "ipsec_mb" EXCLUDE PATTERN "test_*.h" EXCLUDE)
endforeach()
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/padlock-config.cmake.in
  ${PROJECT_BINARY_DIR}/padlock-config.cmake INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/padlock)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/padlock-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/padlock-config.cmake ${PROJECT_BINARY_DIR}/padlock-config-version.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/padlock)
if(TARGET padlock)
  install(TARGETS padlock RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
