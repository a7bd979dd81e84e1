# An overlay port: puts the package of a release (ZIP) into vcpkg's tree. Have wdspxe-VERSION-win-ARCH.zip of the
# release beside this file, then:
#   vcpkg install wdspxe --overlay-ports=FOLDER      (FOLDER has this one in it, called wdspxe)
set(VCPKG_POLICY_MISMATCHED_NUMBER_OF_BINARIES enabled) # nothing is built here, so there is no debug build

vcpkg_extract_source_archive(package
    ARCHIVE "${CURRENT_PORT_DIR}/wdspxe-${VERSION}-win-${VCPKG_TARGET_ARCHITECTURE}.zip")

file(GLOB dlls "${package}/bin/*.dll")
file(INSTALL ${dlls} DESTINATION "${CURRENT_PACKAGES_DIR}/bin")
file(INSTALL "${package}/include" DESTINATION "${CURRENT_PACKAGES_DIR}")
file(INSTALL "${package}/lib" DESTINATION "${CURRENT_PACKAGES_DIR}")
# The program loads the DLLs that lie beside it.
file(INSTALL ${dlls} "${package}/bin/wdspxectl.exe" "${package}/bin/staticpxe.ini.sample"
    DESTINATION "${CURRENT_PACKAGES_DIR}/tools/wdspxe")

vcpkg_cmake_config_fixup(CONFIG_PATH lib/cmake/wdspxe)
vcpkg_fixup_pkgconfig()
vcpkg_install_copyright(FILE_LIST
    "${package}/share/doc/wdspxe/LICENSE" "${package}/share/doc/wdspxe/LICENSE.jansson")
