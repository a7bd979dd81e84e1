# The Debian package: what goes into it, and CPack's settings for it, which are a file of their own
# beside those of the ZIP. It is made by
#   cpack --config CPackDebian.cmake        (cmake --workflow --preset win-x64-debian)
# All of it is in one component that is left out of everything else.
set(here ${CMAKE_CURRENT_LIST_DIR})
set(script OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(only_debian COMPONENT debian EXCLUDE_FROM_ALL)
set(programs usr/lib/wdspxe)
set(documents usr/share/doc/wdspxe)

# Debian wants this compressed, and man pages.
set(made ${PROJECT_BINARY_DIR}/debian)
set(changelog ${made}/changelog.gz)
configure_file(${here}/changelog.in ${made}/changelog @ONLY)
add_custom_command(OUTPUT ${changelog}
    COMMAND gzip -9nkf ${made}/changelog
    DEPENDS ${made}/changelog
    VERBATIM)
add_custom_target(debian_files DEPENDS ${changelog})
add_dependencies(debian_files products)
if(NATIVE_HALF)
    add_dependencies(debian_files wdspxenet)
    install(FILES ${NATIVE_HALF} DESTINATION ${programs} ${only_debian})
endif()

install(FILES $<TARGET_FILE:wdspxe> $<TARGET_FILE:wdsbp> $<TARGET_FILE:staticpxe>
    $<TARGET_FILE:webpxe> $<TARGET_FILE:wdspxectl> ${here}/wine.sh ${here}/server.sh ${here}/exchange.sh
    DESTINATION ${programs} PERMISSIONS ${text} ${only_debian})
install(FILES ${here}/serve ${here}/control ${here}/reload DESTINATION ${programs} PERMISSIONS ${script} ${only_debian})
install(FILES ${here}/wdspxectl DESTINATION usr/sbin PERMISSIONS ${script} ${only_debian})
install(FILES ${here}/wdspxe.service DESTINATION usr/lib/systemd/system PERMISSIONS ${text}
    ${only_debian})
install(FILES ${here}/wdspxe.conf ${here}/staticpxe.ini DESTINATION etc/wdspxe
    PERMISSIONS ${text} ${only_debian})
install(FILES README.md ${changelog} src/staticpxe/staticpxe.ini.sample DESTINATION ${documents}
    PERMISSIONS ${text} ${only_debian})
foreach(section IN LISTS PXE_MAN_SECTIONS)
    install(DIRECTORY ${PXE_MANUALS}/gz/man${section} DESTINATION usr/share/man
        FILE_PERMISSIONS ${text} ${only_debian})
endforeach()
install(FILES ${PXE_MANUALS}/completions/wdspxectl.bash RENAME wdspxectl
    DESTINATION usr/share/bash-completion/completions PERMISSIONS ${text} ${only_debian})
install(FILES ${PXE_MANUALS}/completions/_wdspxectl DESTINATION usr/share/zsh/vendor-completions
    PERMISSIONS ${text} ${only_debian})
install(FILES CHANGELOG.md DESTINATION ${documents} RENAME NEWS.md PERMISSIONS ${text}
    ${only_debian})
# One file for all licences.
file(READ ${PROJECT_SOURCE_DIR}/LICENSE ours)
file(READ ${JANSSON}/LICENSE jansson_licence)
file(CONFIGURE OUTPUT ${made}/copyright @ONLY CONTENT "@ours@
webpxe.dll and wdspxectl.exe contain Jansson, a library for JSON (https://github.com/akheron/jansson):

@jansson_licence@")
install(FILES ${made}/copyright DESTINATION ${documents} PERMISSIONS ${text} ${only_debian})
install(DIRECTORY docs/ DESTINATION ${documents}/docs FILE_PERMISSIONS ${text} ${only_debian}
    FILES_MATCHING PATTERN *.md PATTERN *.csv PATTERN webpxe*.py PATTERN *.schema.json)

# wdspxe-doc, the reference in a package of its own.
if(WDSPXE_REFERENCE)
    set(only_doc COMPONENT debian_doc EXCLUDE_FROM_ALL)
    install(DIRECTORY ${WDSPXE_REFERENCE}/ DESTINATION ${documents}/html FILE_PERMISSIONS ${text} ${only_doc})
    install(FILES ${changelog} ${made}/copyright DESTINATION ${documents}-doc PERMISSIONS ${text} ${only_doc})
    install(FILES ${here}/doc-base RENAME wdspxe DESTINATION usr/share/doc-base PERMISSIONS ${text} ${only_doc})
    configure_file(${here}/CPackDebianDoc.cmake.in ${PROJECT_BINARY_DIR}/CPackDebianDoc.cmake @ONLY)
endif()

set(PXE_DEBIAN_PACKAGE ${PROJECT_BINARY_DIR}/dist/wdspxe_${PROJECT_VERSION}_amd64.deb)
configure_file(${here}/CPackDebian.cmake.in ${PROJECT_BINARY_DIR}/CPackDebian.cmake @ONLY)
