# DLLs of ours: exports from a .def file, import libraries for gcc and for MSVC's linker.

find_program(LLVM_DLLTOOL NAMES llvm-dlltool llvm-dlltool-14 REQUIRED)
set(PXE_DLLTOOL ${CMAKE_DLLTOOL} --deterministic-libraries)
set(PXE_DEF_SUFFIX "")
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "ARM64")
    set(PXE_ARCHITECTURE arm64)
    set(PXE_LLVM_MACHINE arm64)
    set(PXE_DLLTOOL ${LLVM_DLLTOOL} -m arm64)
elseif(CMAKE_SIZEOF_VOID_P EQUAL 8)
    set(PXE_ARCHITECTURE x64)
    set(PXE_LLVM_MACHINE i386:x86-64)
else()
    set(PXE_ARCHITECTURE x86)
    set(PXE_LLVM_MACHINE i386)
    set(PXE_DEF_SUFFIX -x86)
endif()

# ARM64 has no runtime of MinGW-w64's: all that comes after is linked with ours.
if(PXE_ARCHITECTURE STREQUAL "arm64")
    include(tools/cmake/arm64-libraries.cmake)
    add_subdirectory(src/crt)
    link_libraries(pxe_crt)
endif()

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
        COMMAND ${PXE_DLLTOOL} ${kill_at} -d ${def} -l $<TARGET_LINKER_FILE_NAME:${target}>
        COMMAND ${LLVM_DLLTOOL} -m ${PXE_LLVM_MACHINE} ${kill_at}
            -d ${def} -l ${CMAKE_ARCHIVE_OUTPUT_DIRECTORY}/${target}.lib
        BYPRODUCTS ${CMAKE_ARCHIVE_OUTPUT_DIRECTORY}/${target}.lib
        WORKING_DIRECTORY ${CMAKE_ARCHIVE_OUTPUT_DIRECTORY}
        VERBATIM)
endfunction()

# With WDSPXE_SYMBOLS: what debuggers need of a product goes into symbols/FILE.debug, and the product is
# as small as ever. Debuggers find it by the name and the sum that the product then has.
function(pxe_split_symbols target)
    if(NOT WDSPXE_SYMBOLS)
        return()
    endif()
    set(folder ${PROJECT_BINARY_DIR}/symbols)
    set(symbols $<TARGET_FILE_NAME:${target}>.debug)
    file(MAKE_DIRECTORY ${folder})
    # The sum is of the file in the current folder, whose path does not get in.
    add_custom_command(TARGET ${target} POST_BUILD
        COMMAND ${CMAKE_OBJCOPY} --only-keep-debug $<TARGET_FILE:${target}> ${symbols}
        COMMAND ${CMAKE_OBJCOPY} --strip-debug $<TARGET_FILE:${target}>
        COMMAND ${CMAKE_OBJCOPY} --add-gnu-debuglink=${symbols} $<TARGET_FILE:${target}>
        WORKING_DIRECTORY ${folder}
        VERBATIM)
endfunction()
