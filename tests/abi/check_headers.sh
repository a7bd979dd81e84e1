#!/bin/sh
# Compiles every public header alone, as C11 and C++17, with each compiler and for each target that
# the project supports, in the company other headers may give it; and msvc_style.cpp, a provider in
# the usual style. Exit code: 0 all compile, 1 something does not, 2 a compiler is missing.
#
# Usage: check_headers.sh [source tree]
set -u

here=$(cd "$(dirname "$0")" && pwd)
root=${1:-$(dirname "$(dirname "$here")")}
mingw_headers=/usr/share/mingw-w64/include
common="-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wcast-qual -Wwrite-strings
        -Wundef -Wvla -Wformat=2 -Werror -fsyntax-only"
c_flags="-std=c11 -Wstrict-prototypes -Wmissing-prototypes"
cxx_flags="-std=c++17"

for tool in x86_64-w64-mingw32-gcc x86_64-w64-mingw32-g++ i686-w64-mingw32-gcc \
    i686-w64-mingw32-g++ clang clang++; do
    if ! command -v "$tool" >/dev/null 2>&1; then
        echo "ERROR: $tool is not installed or not in PATH" >&2
        exit 2
    fi
done
if [ ! -f "$mingw_headers/windows.h" ]; then
    echo "ERROR: no windows.h in $mingw_headers (mingw-w64-common is not installed)" >&2
    exit 2
fi

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# expect 0|1 description command...: runs it, compares success (0) or failure (1)
expect() {
    wanted=$1
    what=$2
    shift 2
    if "$@" >"$work/log" 2>&1; then got=0; else got=1; fi
    if [ "$got" = "$wanted" ]; then
        passed=$((passed + 1))
        return 0
    fi
    failed=$((failed + 1))
    if [ "$wanted" = 0 ]; then echo "FAIL $what"; else echo "FAIL $what: was accepted"; fi
    sed 's/^/     /;10q' "$work/log"
    return 1
}

# All C or all C++ compilers, one per line.
compilers() {
    case $1 in
    c) gcc=gcc clang=clang ;;
    cpp) gcc=g++ clang=clang++ ;;
    esac
    echo "x86_64-w64-mingw32-$gcc"
    echo "i686-w64-mingw32-$gcc"
    for target in x86_64 i686 aarch64; do
        echo "$clang --target=$target-w64-mingw32 -isystem $mingw_headers"
    done
}

flags_for() {
    case $1 in
    c) echo "$common $c_flags" ;;
    cpp) echo "$common $cxx_flags" ;;
    esac
}

# compile_everywhere expected language description file
compile_everywhere() {
    compilers "$2" >"$work/compilers"
    while read -r compiler; do
        # shellcheck disable=SC2046,SC2086 # both hold several words on purpose
        expect "$1" "$3 [$2: ${compiler%% -isystem*}]" \
            $compiler $(flags_for "$2") -I "$root/include" "$4"
    done <"$work/compilers"
}

# around header description lines: a file of these lines, @ standing for the header
around() {
    for language in c cpp; do
        file=$work/include.$language
        printf '%b' "$3" | sed "s|@|#include \"$1\"|" >"$file"
        echo 'typedef int not_an_empty_file;' >>"$file"
        compile_everywhere 0 "$language" "$1 $2" "$file"
    done
}

lean='#define WIN32_LEAN_AND_MEAN\n'
count=0
for path in "$root"/include/*.h; do
    header=$(basename "$path")
    count=$((count + 1))
    around "$header" "alone" '@\n'
    around "$header" "before windows.h" '@\n#include <windows.h>\n'
    # The rest is lean: half the time, and what most users define.
    around "$header" "after windows.h" "$lean"'#include <windows.h>\n@\n'
    around "$header" "after winsock2.h" "$lean"'#include <winsock2.h>\n#include <ws2tcpip.h>\n@\n'
    around "$header" "before winsock2.h" "$lean"'@\n#include <winsock2.h>\n#include <ws2tcpip.h>\n'
    around "$header" "unicode, strict, twice" \
        "$lean"'#define UNICODE\n#define _UNICODE\n#define STRICT\n@\n@\n'
done
if [ "$count" = 0 ]; then
    echo "ERROR: no header in $root/include" >&2
    exit 2
fi

# MinGW-w64's own header stays out when it is included after ours ...
around wdspxe.h "before MinGW's wdspxe.h" "@\n#include <$mingw_headers/wdspxe.h>\n"
# ... and the C++ library and a C linkage block around the #include do no harm.
printf '#include "wdspxe.h"\n#include <algorithm>\n#include <regex>\n#include <string>\n' \
    >"$work/library.cpp"
printf 'extern "C" {\n#include "wdspxe.h"\n}\n' >"$work/linkage.cpp"
printf '#define WDSPXE_NO_CXX_OVERLOADS\n#include "wdspxe.h"\n%s\n' \
    'typedef decltype(&PxeRegisterCallback) register_callback;' >"$work/plain.cpp"
for compiler in x86_64-w64-mingw32-g++ i686-w64-mingw32-g++; do
    # shellcheck disable=SC2046
    expect 0 "wdspxe.h before the C++ library [$compiler]" \
        "$compiler" $(flags_for cpp) -I "$root/include" "$work/library.cpp"
done
compile_everywhere 0 cpp "wdspxe.h in extern \"C\"" "$work/linkage.cpp"
compile_everywhere 0 cpp "wdspxe.h without overloads" "$work/plain.cpp"

compile_everywhere 0 cpp "msvc_style.cpp" "$here/msvc_style.cpp"

# What must not compile. First: another wdspxe.h came before ours; the message must say so.
printf '#define _INC_WDSPXE\n#include "wdspxe.h"\n' >"$work/second.c"
# shellcheck disable=SC2046
expect 1 "wdspxe.h after MinGW's" \
    x86_64-w64-mingw32-gcc $(flags_for c) -I "$root/include" "$work/second.c"
if ! grep -q 'error: #error "another wdspxe.h' "$work/log"; then
    echo "FAIL wdspxe.h after MinGW's: no clear message"
    failed=$((failed + 1))
fi
# A callback of the wrong calling convention, where there is a difference.
cat >"$work/cdecl.cpp" <<'END'
#include "wdspxe.h"
DWORD __cdecl wrong(PVOID context);
DWORD test(HANDLE provider)
{
    return PxeRegisterCallback(provider, PXE_CALLBACK_SHUTDOWN, wrong, NULL);
}
END
# shellcheck disable=SC2046
expect 1 "cdecl callback on x86" \
    i686-w64-mingw32-g++ $(flags_for cpp) -I "$root/include" "$work/cdecl.cpp"

# As MSVC reads it: _MSC_VER, Microsoft's ABI and dialect, a stand-in for the SDK.
msvc="-fms-compatibility -fms-compatibility-version=19.30 -Wall -Wextra -Wgnu -Werror
      -Wno-microsoft-cast -fsyntax-only -I $here/msvc_shim -I $root/include"
for target in x86_64 i686 aarch64; do
    for path in "$root"/include/*.h; do
        header=$(basename "$path")
        printf '#include "%s"\ntypedef int not_an_empty_file;\n' "$header" >"$work/msvc.c"
        cp "$work/msvc.c" "$work/msvc.cpp"
        # shellcheck disable=SC2086
        {
            expect 0 "$header as MSVC [c: $target]" \
                clang --target=$target-pc-windows-msvc -std=c11 $msvc "$work/msvc.c"
            expect 0 "$header as MSVC [c99: $target]" \
                clang --target=$target-pc-windows-msvc -std=c99 $msvc "$work/msvc.c"
            expect 0 "$header as MSVC [cpp: $target]" \
                clang++ --target=$target-pc-windows-msvc -std=c++17 $msvc "$work/msvc.cpp"
        }
    done
    # shellcheck disable=SC2086
    expect 0 "msvc_style.cpp as MSVC [cpp: $target]" \
        clang++ --target=$target-pc-windows-msvc -std=c++17 $msvc "$here/msvc_style.cpp"
done

# Clang takes GNU's keywords even then, silently; MSVC does not.
gnu_words='__(attribute|extension|typeof|builtin|asm|inline__|restrict)'
for path in "$root"/include/*.h; do
    if grep -nE "$gnu_words" "$path" >"$work/log"; then
        echo "FAIL $(basename "$path") uses what only GCC and Clang have:"
        sed 's/^/     /' "$work/log"
        failed=$((failed + 1))
    else
        passed=$((passed + 1))
    fi
done

echo "$passed of $((passed + failed)) checks as expected"
[ "$failed" = 0 ]
