# pxe_require_programs(PROGRAM...): ends the configuration if one is not installed, and says what
# installs it. Before CMake looks for compilers: what it notes of one that it does not find stays in
# the build folder, and spoils the builds after it.
function(pxe_require_programs)
    foreach(program IN LISTS ARGN)
        find_program(path_of_${program} ${program} NO_CACHE)
        if(NOT path_of_${program})
            message(FATAL_ERROR "'${program}' is not installed.\n"
                "On Debian: tools/packages build, as root (for the tests: tools/packages build test). "
                "This build folder can be used after that.")
        endif()
    endforeach()
endfunction()
