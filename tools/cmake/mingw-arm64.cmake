# Clang and LLD for ARM64 with MinGW-w64's headers. Debian has no MinGW-w64 runtime for ARM64: the
# build makes the import libraries (arm64-libraries.cmake) and the little that is left (src/crt).
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR ARM64)
include(${CMAKE_CURRENT_LIST_DIR}/required-programs.cmake)
pxe_require_programs(clang ld.lld llvm-dlltool)
set(CMAKE_C_COMPILER clang)
set(CMAKE_C_COMPILER_TARGET aarch64-w64-windows-gnu)
# Debian 12 has it with the version's number in its name only.
find_program(CMAKE_RC_COMPILER
    NAMES llvm-windres llvm-windres-14 llvm-windres-19 llvm-windres-18 llvm-windres-17 llvm-windres-16
    REQUIRED)
set(headers /usr/share/mingw-w64/include)
set(CMAKE_RC_FLAGS_INIT "--target=aarch64-w64-mingw32 -I ${headers}")
# No runtime, no program: CMake's own try-outs end at a library.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
# The C runtime is the Universal one: every Windows for ARM64 has it.
set(CMAKE_C_FLAGS_INIT "-isystem ${headers} -D_UCRT")
foreach(kind EXE SHARED MODULE)
    set(CMAKE_${kind}_LINKER_FLAGS_INIT "-fuse-ld=lld -nostdlib")
endforeach()
set(CMAKE_C_STANDARD_LIBRARIES "" CACHE STRING "Libraries of every target: none, src/crt names them")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
