# CPack runs this on the staged files. Folders that CMake makes on the way have the permissions that
# the caller's umask leaves; a package has the same for everybody.
file(GLOB_RECURSE paths LIST_DIRECTORIES true ${CPACK_TEMPORARY_DIRECTORY}/*)
foreach(path IN LISTS paths)
    if(IS_DIRECTORY ${path})
        file(CHMOD ${path} PERMISSIONS ${CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS})
    endif()
endforeach()
