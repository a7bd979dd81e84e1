# Warnings end the build with compilers that Debian 12 and 13 have, which are the ones that tests run
# with. Another may warn of more: nobody who only wants to build should have to care.
set(known_GNU 12 15)
set(known_Clang 14 20)
set(compiler ${CMAKE_C_COMPILER_VERSION})
set(strict OFF)
if(known_${CMAKE_C_COMPILER_ID})
    list(GET known_${CMAKE_C_COMPILER_ID} 0 first)
    list(GET known_${CMAKE_C_COMPILER_ID} 1 behind)
    if(compiler VERSION_GREATER_EQUAL first AND compiler VERSION_LESS behind)
        set(strict ON)
    endif()
endif()
option(WDSPXE_WERROR "Warnings are errors" ${strict})
set(PXE_WERROR "")
if(WDSPXE_WERROR)
    set(PXE_WERROR -Werror)
endif()

# Warnings, sanitizers and what makes a build reproducible; used by every target of ours.
function(pxe_compile_options target)
    target_compile_options(${target} PRIVATE
        -Wall -Wextra -Wshadow -Wundef -Wvla -Wformat=2 -Wcast-qual -Wwrite-strings ${PXE_WERROR}
        $<$<COMPILE_LANGUAGE:C>:-Wconversion;-Wsign-conversion;-Wstrict-prototypes;-Wmissing-prototypes>
        -fno-common "-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.")
    if(WIN32)
        target_compile_definitions(${target} PRIVATE UNICODE _UNICODE _WIN32_WINNT=0x0601)
        # No clock reading in the file, and nothing beside it at run time.
        target_link_options(${target} PRIVATE
            -Wl,--no-insert-timestamp -Wl,--dynamicbase -Wl,--nxcompat)
        if(NOT PXE_ARCHITECTURE STREQUAL "arm64")
            target_compile_definitions(${target} PRIVATE __USE_MINGW_ANSI_STDIO=1)
            target_link_options(${target} PRIVATE -static -static-libgcc)
        endif()
        if(CMAKE_SIZEOF_VOID_P EQUAL 8)
            target_link_options(${target} PRIVATE -Wl,--high-entropy-va)
        endif()
    else()
        target_compile_definitions(${target} PRIVATE _DEFAULT_SOURCE)
    endif()
    if(WDSPXE_SYMBOLS)
        target_compile_options(${target} PRIVATE -g)
    endif()
    if(WDSPXE_SANITIZE)
        target_compile_options(${target} PRIVATE
            -fsanitize=${WDSPXE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
        target_link_options(${target} PRIVATE -fsanitize=${WDSPXE_SANITIZE})
    endif()
endfunction()
