# DLLs of ours: exports from a .def file, import libraries for gcc and for MSVC's linker.

if(CMAKE_SIZEOF_VOID_P EQUAL 8)
    set(PXE_ARCHITECTURE x64)
    set(PXE_LLVM_MACHINE i386:x86-64)
    set(PXE_DEF_SUFFIX "")
else()
    set(PXE_ARCHITECTURE x86)
    set(PXE_LLVM_MACHINE i386)
    set(PXE_DEF_SUFFIX -x86)
endif()
find_program(LLVM_DLLTOOL NAMES llvm-dlltool llvm-dlltool-14 REQUIRED)

# A DLL whose .def file has plain names for stdcall functions, as providers' .def files do.
function(pxe_plain_stdcall_exports target)
    if(CMAKE_SIZEOF_VOID_P EQUAL 4)
        target_link_options(${target} PRIVATE -Wl,--kill-at -Wl,--enable-stdcall-fixup)
    endif()
endfunction()

# def_folder holds NAME.def, and NAME-x86.def with the decorated names that x86 needs.
function(pxe_windows_dll target def_folder)
    set(def ${def_folder}/${target}${PXE_DEF_SUFFIX}.def)
    set_target_properties(${target} PROPERTIES
        PREFIX "" IMPORT_PREFIX "lib" IMPORT_SUFFIX ".a" LINK_DEPENDS ${def})
    target_sources(${target} PRIVATE ${def})
    # On x86 the linker's own import library asks for decorated names; dlltool -k does not. For the
    # same result everywhere, all import libraries come from the .def file. dlltool makes symbols of
    # the path that it writes to, hence the short one.
    set(kill_at "")
    if(CMAKE_SIZEOF_VOID_P EQUAL 4)
        target_link_options(${target} PRIVATE -Wl,--kill-at)
        set(kill_at -k)
    endif()
    add_custom_command(TARGET ${target} POST_BUILD
        COMMAND ${CMAKE_DLLTOOL} ${kill_at} --deterministic-libraries
            -d ${def} -l $<TARGET_LINKER_FILE_NAME:${target}>
        COMMAND ${LLVM_DLLTOOL} -m ${PXE_LLVM_MACHINE} ${kill_at}
            -d ${def} -l ${CMAKE_ARCHIVE_OUTPUT_DIRECTORY}/${target}.lib
        BYPRODUCTS ${CMAKE_ARCHIVE_OUTPUT_DIRECTORY}/${target}.lib
        WORKING_DIRECTORY ${CMAKE_ARCHIVE_OUTPUT_DIRECTORY}
        VERBATIM)
endfunction()
