# `find_package(signet)` for consumers: headers, the library, and its config.
include(CMakePackageConfigHelpers)

install(TARGETS signet EXPORT signet-targets ARCHIVE LIBRARY)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/signet" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT signet-targets NAMESPACE signet:: DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/signet")
if(TARGET signet_remote)  # find_package(signet COMPONENTS remote)
  install(TARGETS signet_remote EXPORT signet-remote-targets ARCHIVE LIBRARY)
  install(EXPORT signet-remote-targets NAMESPACE signet:: DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/signet")
endif()
if(TARGET signet_pkcs11)  # find_package(signet COMPONENTS pkcs11)
  install(TARGETS signet_pkcs11 EXPORT signet-pkcs11-targets ARCHIVE LIBRARY)
  install(EXPORT signet-pkcs11-targets NAMESPACE signet:: DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/signet")
endif()
configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/signet-config.cmake.in" "${PROJECT_BINARY_DIR}/signet-config.cmake"
                              INSTALL_DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/signet")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/signet-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/signet-config.cmake" "${PROJECT_BINARY_DIR}/signet-config-version.cmake"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/signet")
