# Import libraries of the system's DLLs for ARM64, which no package has, in PXE_SYSTEM_LIBRARIES.
# The names are those of MinGW-w64's libraries for x64: the DLLs have the same there but for a few,
# and of a library only what is used gets into a program. tests/check-arm64.sh looks at that.
find_program(MINGW_NM x86_64-w64-mingw32-nm REQUIRED)
set(PXE_SYSTEM_LIBRARIES ${PROJECT_BINARY_DIR}/system-libraries)

function(pxe_system_library name)
    execute_process(COMMAND ${MINGW_NM} /usr/x86_64-w64-mingw32/lib/lib${name}.a
        OUTPUT_VARIABLE symbols ERROR_QUIET COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX MATCHALL " I __imp_[A-Za-z0-9_]+" names "${symbols}")
    list(TRANSFORM names REPLACE " I __imp_" "    ")
    list(APPEND names ${ARGN})
    list(SORT names)
    list(REMOVE_DUPLICATES names)
    list(JOIN names "\n" names)
    set(def ${PXE_SYSTEM_LIBRARIES}/${name}.def)
    file(WRITE ${def} "LIBRARY ${name}.dll\nEXPORTS\n${names}\n")
    execute_process(COMMAND ${LLVM_DLLTOOL} -m arm64 -d ${def}
        -l ${PXE_SYSTEM_LIBRARIES}/lib${name}.a
        COMMAND_ERROR_IS_FATAL ANY)
endfunction()

foreach(name IN ITEMS advapi32 crypt32 iphlpapi kernel32 ntdll rpcrt4 winhttp ws2_32)
    pxe_system_library(${name})
endforeach()
# MinGW-w64 has a strnlen of its own in place of the DLL's.
pxe_system_library(ucrtbase "    strnlen")
