# What a consumer gets: `cmake --install`, and the ZIP that `cpack` makes of it (docs/packaging.md).
include(CMakePackageConfigHelpers)

set(CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

# The DLLs that others link against.
set(PXE_LINKABLE_DLLS wdspxe wdsbp)
add_custom_target(products DEPENDS ${PXE_LINKABLE_DLLS} staticpxe webpxe wdspxectl)

# The folders are part of the interface: what is found in them is found from them, so that the
# installed tree can be moved.
install(TARGETS ${PXE_LINKABLE_DLLS} staticpxe webpxe wdspxectl
    RUNTIME DESTINATION bin LIBRARY DESTINATION bin ARCHIVE DESTINATION lib)
install(FILES ${PROJECT_SOURCE_DIR}/src/staticpxe/staticpxe.ini.sample DESTINATION bin)
if(NATIVE_HALF)
    add_dependencies(products wdspxenet)
    install(PROGRAMS ${NATIVE_HALF} DESTINATION bin)
endif()
if(NOT PXE_ARCHITECTURE STREQUAL "arm64")
    configure_file(tools/packaging/linux/wdspxectl ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/wdspxectl COPYONLY)
    install(PROGRAMS tools/packaging/linux/wdspxectl DESTINATION bin)
endif()
install(FILES README.md LICENSE CHANGELOG.md HACKING.md CONTRIBUTING.md SECURITY.md
    DESTINATION share/doc/wdspxe)
# The library inside webpxe.dll asks that its licence goes with it.
install(FILES ${JANSSON}/LICENSE DESTINATION share/doc/wdspxe RENAME LICENSE.jansson)
set(text OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
install(DIRECTORY docs/ DESTINATION share/doc/wdspxe/docs
    FILE_PERMISSIONS ${text} FILES_MATCHING PATTERN *.md PATTERN *.yml PATTERN *.csv PATTERN *.json PATTERN *.py
    PATTERN *.c PATTERN *.cpp PATTERN *.rs PATTERN *.go PATTERN *.def)
# Whoever makes a release has made it; nobody else needs Doxygen.
set(WDSPXE_REFERENCE "" CACHE PATH "Folder that tools/reference/make has made: it goes into the packages")
if(WDSPXE_REFERENCE)
    install(DIRECTORY ${WDSPXE_REFERENCE}/ DESTINATION share/doc/wdspxe/html FILE_PERMISSIONS ${text})
endif()
install(DIRECTORY include/ DESTINATION include FILE_PERMISSIONS ${text} FILES_MATCHING PATTERN *.h)

include(tools/cmake/manuals.cmake)
add_dependencies(products manuals)
foreach(section IN LISTS PXE_MAN_SECTIONS)
    install(DIRECTORY ${PXE_MANUALS}/man${section} DESTINATION share/man FILE_PERMISSIONS ${text})
endforeach()
install(FILES ${PXE_MANUALS}/completions/wdspxectl.bash RENAME wdspxectl
    DESTINATION share/bash-completion/completions PERMISSIONS ${text})
install(FILES ${PXE_MANUALS}/completions/_wdspxectl DESTINATION share/zsh/site-functions
    PERMISSIONS ${text})

set(configured ${PROJECT_BINARY_DIR}/install)
set(PC_DESCRIPTION_wdspxe "PXE server of Windows Deployment Services, a free drop-in")
set(PC_DESCRIPTION_wdsbp "Packet options of Windows' network boot programs, a free drop-in")
foreach(dll IN LISTS PXE_LINKABLE_DLLS)
    set(PC_DESCRIPTION ${PC_DESCRIPTION_${dll}})
    configure_file(tools/cmake/dll.pc.in ${configured}/${dll}.pc @ONLY)
    install(FILES ${configured}/${dll}.pc DESTINATION lib/pkgconfig)
    install(FILES ${CMAKE_ARCHIVE_OUTPUT_DIRECTORY}/${dll}.lib DESTINATION lib)
endforeach()

set(config_folder lib/cmake/wdspxe)
configure_package_config_file(tools/cmake/wdspxeConfig.cmake.in ${configured}/wdspxeConfig.cmake
    INSTALL_DESTINATION ${config_folder} NO_CHECK_REQUIRED_COMPONENTS_MACRO NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${configured}/wdspxeVersion.cmake
    COMPATIBILITY SameMajorVersion ARCH_INDEPENDENT)
configure_file(tools/cmake/wdspxeConfigVersion.cmake.in ${configured}/wdspxeConfigVersion.cmake
    @ONLY)
install(FILES
    ${configured}/wdspxeConfig.cmake
    ${configured}/wdspxeConfigVersion.cmake
    ${configured}/wdspxeVersion.cmake
    DESTINATION ${config_folder})

# CPack's own ZIP generator keeps the order, the owner and the time zone of the machine; the script
# makes the same bytes everywhere.
set(CPACK_GENERATOR External)
set(CPACK_EXTERNAL_ENABLE_STAGING ON)
set(CPACK_EXTERNAL_PACKAGE_SCRIPT ${PROJECT_SOURCE_DIR}/tools/cmake/package-zip.cmake)
set(CPACK_PACKAGE_NAME wdspxe)
set(CPACK_PACKAGE_VENDOR "The wdspxe project")
set(CPACK_PACKAGE_FILE_NAME wdspxe-${PROJECT_VERSION}-win-${PXE_ARCHITECTURE})
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/dist)
set(CPACK_PACKAGE_CHECKSUM SHA256)
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_RESOURCE_FILE_README ${PROJECT_SOURCE_DIR}/README.md)
set(CPACK_VERBATIM_VARIABLES ON)
set(PXE_PACKAGE ${CPACK_PACKAGE_DIRECTORY}/${CPACK_PACKAGE_FILE_NAME}.zip)
include(CPack)

# The DLLs for the machine that runs Wine.
if(PXE_ARCHITECTURE STREQUAL "x64")
    include(tools/packaging/debian/package.cmake)
endif()
