# What `cmake --install` puts where. Component `client`: what strategies are built with (headers, the
# C library, find_package, pkg-config); component `daemon`: the two binaries and configurations.
include(CMakePackageConfigHelpers)

set(STEELYARD_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/steelyard)
install(DIRECTORY include/steelyard clients/c/include/steelyard
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT client)
install(TARGETS steelyard_client steelyard_c EXPORT steelyard_targets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT client NAMELINK_COMPONENT client)
install(EXPORT steelyard_targets FILE steelyardTargets.cmake NAMESPACE steelyard::
        DESTINATION ${STEELYARD_CMAKE_DIR} COMPONENT client)
configure_package_config_file(clients/package/steelyardConfig.cmake.in
                              ${CMAKE_BINARY_DIR}/package/steelyardConfig.cmake
                              INSTALL_DESTINATION ${STEELYARD_CMAKE_DIR})
# Until 1.0 a minor version may break what the one before it had.
write_basic_package_version_file(${CMAKE_BINARY_DIR}/package/steelyardConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/package/steelyardConfig.cmake
              ${CMAKE_BINARY_DIR}/package/steelyardConfigVersion.cmake
        DESTINATION ${STEELYARD_CMAKE_DIR} COMPONENT client)
# From the .pc file to the prefix, so that the installed tree can be moved.
file(RELATIVE_PATH STEELYARD_PREFIX_FROM_PC /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
foreach(name steelyard steelyard-c)
  configure_file(clients/package/${name}.pc.in ${CMAKE_BINARY_DIR}/package/${name}.pc @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/package/${name}.pc
          DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT client)
endforeach()

foreach(binary steelyardd steelyard)
  if(TARGET ${binary})
    install(TARGETS ${binary} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT daemon)
  endif()
endforeach()
install(FILES config/live.toml config/demo.toml
        DESTINATION ${CMAKE_INSTALL_DATADIR}/steelyard COMPONENT daemon)
install(DIRECTORY ${CMAKE_BINARY_DIR}/share/ DESTINATION ${CMAKE_INSTALL_DATADIR} COMPONENT daemon)
