#!/bin/bash
# Builds providers outside of this tree, from nothing but a package, with every compiler and linker
# that Debian has for Windows, and looks at what came out.
#   run.sh x64|x86|arm64 ZIP
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

die()
{
    echo "run.sh: $*" >&2
    exit 1
}

[ -f "${2:-}" ] || die "usage: run.sh x64|x86|arm64 ZIP"
ZIP=$(realpath "$2")
readonly ARCH=$1 ZIP
case $ARCH in
x64) TRIPLE=x86_64-w64-mingw32 MSVC_TARGET=x86_64-pc-windows-msvc FORMAT=COFF-x86-64 ;;
x86) TRIPLE=i686-w64-mingw32 MSVC_TARGET=i686-pc-windows-msvc FORMAT=COFF-i386 ;;
# Debian has no MinGW for it; another architecture's must then be refused.
arm64) TRIPLE=x86_64-w64-mingw32 MSVC_TARGET=aarch64-pc-windows-msvc FORMAT=COFF-ARM64 ;;
*) die "unknown architecture '$ARCH'" ;;
esac
readonly TRIPLE MSVC_TARGET FORMAT

readonly PROVIDER_C="PxeDhcpIsValid PxeProviderSetAttribute PxeRegisterCallback PxeTrace"
readonly PROVIDER_CPP="PxeProviderSetAttribute PxeRegisterCallback WdsPxeExtServerGetCounters"
readonly PROVIDER_BP="PxeTrace"
readonly BP="WdsBpAddOption WdsBpCloseHandle WdsBpInitialize"

missing=()
for tool in unzip sha256sum cmake ninja pkg-config "$TRIPLE-gcc" "$TRIPLE-g++" gcc clang clang++ \
    ld.lld lld-link llvm-readobj llvm-ar; do
    command -v "$tool" >/dev/null || missing+=("$tool")
done
[ ${#missing[@]} -eq 0 ] || die "not installed: ${missing[*]} (tools/packages test installs them)"

# A blank in the path: packages are unpacked in such places.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unpacked="$work/un packed"
mkdir "$unpacked"
cp "$here"/*.c "$here"/*.cpp "$here"/*.def "$here"/CMakeLists.txt "$work"
built=0

# Runs a command silently; its output is shown when it fails, or when it is the compiler's and there
# is any.
run()
{
    "$@" >"$work/log" 2>&1 && return 0
    echo "FAILED: $*" >&2
    cat "$work/log" >&2
    exit 1
}

run_silent()
{
    run "$@"
    [ ! -s "$work/log" ] || { echo "FAILED, not silent: $*" >&2; cat "$work/log" >&2; exit 1; }
}

# imports FILE DLL: what FILE imports from DLL, in one line. An import by number shows as an empty
# name.
imports()
{
    llvm-readobj --coff-imports "$1" | awk -v dll="$2" '
        $1 == "Name:" { inside = $2 == dll }
        inside && $1 == "Symbol:" { print ($2 ~ /^\(/ ? "by-number" : $2) }' | sort | xargs
}

# check WHAT FILE NAMES [WDSBP_NAMES]
check()
{
    local what=$1 file=$2 got
    got=$(imports "$file" wdspxe.dll)
    [ "$got" = "$3" ] || die "$what: imports '$got' from wdspxe.dll, expected '$3'"
    got=$(imports "$file" wdsbp.dll)
    [ "$got" = "${4:-}" ] || die "$what: imports '$got' from wdsbp.dll, expected '${4:-}'"
    check_provider "$what" "$file"
    built=$((built + 1))
    echo "   $what"
}

# check_provider WHAT FILE: a provider of this architecture.
check_provider()
{
    local what=$1 file=$2 got
    got=$(llvm-readobj --coff-exports "$file" | awk '$1 == "Name:" { print $2 }' | xargs)
    [ "$got" = PxeProviderInitialize ] || die "$what: exports '$got'"
    got=$(llvm-readobj --file-headers "$file" | awk '$1 == "Format:" { print $2 }')
    [ "$got" = "$FORMAT" ] || die "$what: is $got"
}

# The providers that come with the package, and the licence of what is inside one of them.
check_packaged_providers()
{
    local name
    for name in staticpxe webpxe; do
        [ -s "$package/bin/$name.dll" ] || die "the package has no bin/$name.dll"
        check_provider "the package's $name.dll" "$package/bin/$name.dll"
        [ -n "$(imports "$package/bin/$name.dll" wdspxe.dll)" ] || die "$name.dll does not use wdspxe.dll"
    done
    grep -q Permission "$package/share/doc/wdspxe/LICENSE.jansson" || die "the package lacks Jansson's licence"
}

# ---- the package itself ----

unpack()
{
    [ ! -e "$ZIP.sha256" ] || (cd "${ZIP%/*}" && run sha256sum -c "$ZIP.sha256")
    run unzip -q "$ZIP" -d "$unpacked"
    run python3 "$here/../check-links.py" "$unpacked"
    package=$(echo "$unpacked"/*)
    [ "$package" = "$unpacked/$(basename "$ZIP" .zip)" ] ||
        die "in the package should be one folder of its name, but is: $package"
    [ "${package%-win-"$ARCH"}" != "$package" ] || die "the package is not for $ARCH: $ZIP"
    cd "$package"
    run sha256sum -c --strict SHA256SUMS
    diff <(find . -type f ! -name SHA256SUMS | sed 's|^\./||' | sort) \
        <(sed 's/^[^ ]*  //' SHA256SUMS | sort) || die "SHA256SUMS does not list every file"
    # dlltool makes symbols of its output's path.
    local build=${here%/tests/consumer}/build
    ! grep -rlF -e "$build" -e "${build//[^A-Za-z0-9]/_}" . || die "they name the build folder"
    cd "$work"
    readonly package
}

# ---- find_package ----

# configure FOLDER ARGUMENTS...
configure()
{
    local folder=$1
    shift
    cmake -G Ninja -S "$work" -B "$work/$folder" -DCMAKE_BUILD_TYPE=Release \
        "-DCMAKE_PREFIX_PATH=$package" "$@"
}

# cmake_builds WHAT FOLDER LIBRARY ARGUMENTS...
cmake_builds()
{
    local what=$1 folder=$2 library=$3
    shift 3
    run configure "$folder" "$@"
    run cmake --build "$work/$folder"
    grep -q "/lib/$library" "$work/$folder/build.ninja" || die "$what: not linked with $library"
    check "$what, C" "$work/$folder/provider_c.dll" "$PROVIDER_C"
    check "$what, C++" "$work/$folder/provider_cpp.dll" "$PROVIDER_CPP"
    check "$what, C with wdsbp.dll" "$work/$folder/provider_bp.dll" "$PROVIDER_BP" "$BP"
    cmp "$work/$folder/copied.dll" "$package/bin/wdspxe.dll"
}

# refused WHAT MESSAGE ARGUMENTS...: find_package does not take the package, and says why
refused()
{
    local what=$1 message=$2
    shift 2
    rm -rf "$work/refused"
    if configure refused "$@" >"$work/log" 2>&1; then
        die "find_package took the package: $what"
    fi
    tr -s ' \n' ' ' <"$work/log" | grep -qF "$message" || {
        cat "$work/log" >&2
        die "$what: no '$message'"
    }
    echo "   refused: $what"
}

# The compiler of clang for MSVC's ABI; no C runtime is here that it could link, so none is used.
msvc_arguments()
{
    printf '%s\n' -DCMAKE_SYSTEM_NAME=Windows -DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY \
        -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_AR="$(command -v llvm-ar)" \
        -DCMAKE_C_COMPILER_TARGET="$1" -DCMAKE_CXX_COMPILER_TARGET="$1" \
        -DCMAKE_MSVC_RUNTIME_LIBRARY= -DCMAKE_POLICY_DEFAULT_CMP0091=NEW \
        "-DCMAKE_C_FLAGS=$msvc_flags" "-DCMAKE_CXX_FLAGS=$msvc_flags -fno-exceptions" \
        "-DCMAKE_C_STANDARD_LIBRARIES=" "-DCMAKE_CXX_STANDARD_LIBRARIES=" \
        "-DCMAKE_MODULE_LINKER_FLAGS=-nostdlib -fuse-ld=lld-link -Xlinker /noentry $safeseh"
}

cmake_consumers()
{
    local -a gcc=(-DCMAKE_SYSTEM_NAME=Windows "-DCMAKE_C_COMPILER=$TRIPLE-gcc"
        "-DCMAKE_CXX_COMPILER=$TRIPLE-g++")
    local -a clang=(-DCMAKE_SYSTEM_NAME=Windows
        -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++
        "-DCMAKE_C_COMPILER_TARGET=$TRIPLE" "-DCMAKE_CXX_COMPILER_TARGET=$TRIPLE")
    local flags="-fuse-ld=lld -L$libgcc -static-libgcc -static-libstdc++"
    local -a msvc other_msvc
    local other=x86_64-w64-mingw32 wanted=x64 other_target=aarch64-pc-windows-msvc other_wanted=arm64

    if [ "$ARCH" != arm64 ]; then
        cmake_builds "find_package, gcc and GNU ld" gcc libwdspxe.a "${gcc[@]}"
        cmake_builds "find_package, clang and ld.lld" clang libwdspxe.a "${clang[@]}" \
            "-DCMAKE_EXE_LINKER_FLAGS=$flags" "-DCMAKE_MODULE_LINKER_FLAGS=$flags"
    fi
    mapfile -t msvc < <(msvc_arguments $MSVC_TARGET)
    cmake_builds "find_package, clang for MSVC and lld-link" msvc wdspxe.lib "${msvc[@]}"

    [ "$ARCH" = x86 ] || other=i686-w64-mingw32 wanted=x86
    [ "$ARCH" != arm64 ] || other_target=x86_64-pc-windows-msvc other_wanted=x64
    refused "another pointer size" "for Windows $ARCH, wanted: $wanted" \
        -DCMAKE_SYSTEM_NAME=Windows -DCMAKE_C_COMPILER=$other-gcc -DCMAKE_CXX_COMPILER=$other-g++
    mapfile -t other_msvc < <(msvc_arguments $other_target)
    refused "another processor" "for Windows $ARCH, wanted: $other_wanted" "${other_msvc[@]}"
    refused "another system" "for Windows $ARCH, wanted: Linux" -DCMAKE_C_COMPILER=gcc \
        -DCMAKE_CXX_COMPILER=clang++
    refused "a component that there is not" "no nonsense.dll" "${msvc[@]}" \
        -DMORE_COMPONENTS=nonsense
    sed -i.bak 's/find_package(wdspxe 1.0/find_package(wdspxe 99/' "$work/CMakeLists.txt"
    refused "another major version" 'compatible with requested version "99"' "${msvc[@]}"
    mv "$work/CMakeLists.txt.bak" "$work/CMakeLists.txt"
}

# ---- pkg-config ----

# with_pkg_config WHAT NAME SOURCE MODULES NAMES WDSBP_NAMES COMPILER...
with_pkg_config()
{
    local what=$1 file=$work/$2.dll source=$work/$3 modules=$4 names=$5 bp=$6
    local -a flags
    shift 6
    # pkg-config quotes blanks for a shell.
    # shellcheck disable=SC2086
    eval "flags=($(PKG_CONFIG_LIBDIR=$package/lib/pkgconfig pkg-config --cflags --libs $modules))"
    run_silent "$@" -shared -o "$file" "$source" "$work/provider.def" "${flags[@]}" \
        "${kill_at[@]}"
    check "$what" "$file" "$names" "$bp"
}

pkg_config_consumers()
{
    local -a lld=("--target=$TRIPLE" -fuse-ld=lld "-L$libgcc" -static-libgcc)
    with_pkg_config "pkg-config, gcc and GNU ld, C" pc1 provider.c wdspxe "$PROVIDER_C" "" \
        "$TRIPLE-gcc"
    with_pkg_config "pkg-config, g++ and GNU ld, C++" pc2 provider.cpp wdspxe "$PROVIDER_CPP" "" \
        "$TRIPLE-g++"
    with_pkg_config "pkg-config, clang and ld.lld, C" pc3 provider.c wdspxe "$PROVIDER_C" "" \
        clang "${lld[@]}"
    with_pkg_config "pkg-config, clang++ and ld.lld, C++" pc4 provider.cpp wdspxe \
        "$PROVIDER_CPP" "" clang++ "${lld[@]}" -static-libstdc++
    with_pkg_config "pkg-config, gcc and GNU ld, C with wdsbp.dll" pc5 provider_bp.c \
        "wdspxe wdsbp" "$PROVIDER_BP" "$BP" "$TRIPLE-gcc"
    with_pkg_config "pkg-config, clang and ld.lld, C with wdsbp.dll" pc6 provider_bp.c \
        "wdspxe wdsbp" "$PROVIDER_BP" "$BP" clang "${lld[@]}"
}

# ---- MSVC's kind of linker, by hand ----

# lld_link WHAT NAME OBJECT
lld_link()
{
    # shellcheck disable=SC2086
    run_silent lld-link /nologo /dll /noentry /nodefaultlib "/machine:$ARCH" ${safeseh#-Xlinker } \
        "/def:$work/provider.def" "/out:$work/$2.dll" "$work/$3" "$package/lib/wdspxe.lib"
    check "$1" "$work/$2.dll" "$PROVIDER_C"
}

lld_link_consumers()
{
    if [ "$ARCH" != arm64 ]; then
        run_silent "$TRIPLE-gcc" -O2 -ffreestanding -nostdlib -I "$package/include" -c \
            -o "$work/mingw.o" "$work/provider.c"
        lld_link "lld-link, object of MinGW's gcc" link1 mingw.o
    fi
    # shellcheck disable=SC2086
    run_silent clang --target=$MSVC_TARGET $msvc_flags -O2 -I "$package/include" -c \
        -o "$work/msvc.obj" "$work/provider.c"
    lld_link "lld-link, object of clang for MSVC" link2 msvc.obj
}

libgcc=$(dirname "$("$TRIPLE-gcc" -print-libgcc-file-name)")
# In place of Microsoft's SDK: the few declarations that our headers use.
cp -r "$here/../abi/msvc_shim" "$work/shim"
msvc_flags="-ffreestanding -fno-stack-protector -isystem $work/shim"
kill_at=()
safeseh=
if [ "$ARCH" = x86 ]; then
    kill_at=("-Wl,--kill-at" "-Wl,--enable-stdcall-fixup")
    safeseh="-Xlinker /safeseh:no"
fi

unpack
check_packaged_providers
cmake_consumers
[ "$ARCH" = arm64 ] || pkg_config_consumers
lld_link_consumers
echo "$built consumers built"
