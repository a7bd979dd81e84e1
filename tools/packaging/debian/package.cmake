# The Debian package: what goes into it, and CPack's settings for it, which are a file of their own
# beside those of the ZIP. It is made by
#   cpack --config CPackDebian.cmake        (cmake --workflow --preset win-x64-debian)
# All of it is in one component that is left out of everything else.
set(here ${CMAKE_CURRENT_LIST_DIR})
set(script OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(only_debian COMPONENT debian EXCLUDE_FROM_ALL)
set(programs usr/lib/wdspxe)
set(documents usr/share/doc/wdspxe)

# Debian wants these two compressed.
set(made ${PROJECT_BINARY_DIR}/debian)
set(changelog ${made}/changelog.gz)
set(manual ${made}/wdspxectl.8.gz)
configure_file(${here}/changelog.in ${made}/changelog @ONLY)
configure_file(${here}/wdspxectl.8 ${made}/wdspxectl.8 COPYONLY)
foreach(file changelog wdspxectl.8)
    add_custom_command(OUTPUT ${made}/${file}.gz
        COMMAND gzip -9nkf ${made}/${file}
        DEPENDS ${made}/${file}
        VERBATIM)
endforeach()
add_custom_target(debian_files DEPENDS ${changelog} ${manual})
add_dependencies(debian_files products)
if(NATIVE_HALF)
    add_dependencies(debian_files wdspxenet)
    install(FILES ${NATIVE_HALF} DESTINATION ${programs} ${only_debian})
endif()

install(FILES $<TARGET_FILE:wdspxe> $<TARGET_FILE:wdsbp> $<TARGET_FILE:staticpxe>
    $<TARGET_FILE:wdspxectl> ${here}/wine.sh ${here}/server.sh ${here}/exchange.sh
    DESTINATION ${programs} PERMISSIONS ${text} ${only_debian})
install(FILES ${here}/serve ${here}/control DESTINATION ${programs} PERMISSIONS ${script} ${only_debian})
install(FILES ${here}/wdspxectl DESTINATION usr/sbin PERMISSIONS ${script} ${only_debian})
install(FILES ${here}/wdspxe.service DESTINATION usr/lib/systemd/system PERMISSIONS ${text}
    ${only_debian})
install(FILES ${here}/wdspxe.conf ${here}/staticpxe.ini DESTINATION etc/wdspxe
    PERMISSIONS ${text} ${only_debian})
install(FILES README.md ${changelog} src/staticpxe/staticpxe.ini.sample DESTINATION ${documents}
    PERMISSIONS ${text} ${only_debian})
install(FILES ${manual} DESTINATION usr/share/man/man8 PERMISSIONS ${text} ${only_debian})
install(FILES CHANGELOG.md DESTINATION ${documents} RENAME NEWS.md PERMISSIONS ${text}
    ${only_debian})
install(FILES LICENSE DESTINATION ${documents} RENAME copyright PERMISSIONS ${text} ${only_debian})
install(DIRECTORY docs/ DESTINATION ${documents}/docs FILE_PERMISSIONS ${text} ${only_debian}
    FILES_MATCHING PATTERN *.md PATTERN *.csv PATTERN examples EXCLUDE)

set(PXE_DEBIAN_PACKAGE ${PROJECT_BINARY_DIR}/dist/wdspxe_${PROJECT_VERSION}_amd64.deb)
configure_file(${here}/CPackDebian.cmake.in ${PROJECT_BINARY_DIR}/CPackDebian.cmake @ONLY)
