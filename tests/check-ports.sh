#!/bin/bash
# The files for MSYS2 (PKGBUILD) and vcpkg, as far as they can be tried on Debian: makepkg makes the package, and vcpkg's
# functions are played by tests/ports/vcpkg_stub.cmake; providers are built with what each has installed.
#   check-ports.sh ZIP      of the package for x64. Needs makepkg, libarchive-tools, and what `tools/packages test` installs.
# Run by hand: neither MSYS2 nor vcpkg is there.
set -euo pipefail
export LC_ALL=C
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

fail()
{
    echo "tests/check-ports.sh: $*" >&2
    exit 1
}

[ $# -eq 1 ] && [ -f "$1" ] || { echo "usage: tests/check-ports.sh ZIP" >&2; exit 2; }
zip=$(realpath "$1")
for tool in makepkg bsdtar fakeroot cmake ninja unzip x86_64-w64-mingw32-gcc x86_64-w64-mingw32-g++; do
    command -v "$tool" >/dev/null || fail "'$tool' is not installed"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

# consumer NAME PREFIX: providers outside of this tree, by find_package.
consumer()
{
    cp -r "$ROOT/tests/consumer" "$work/consumer-$1"
    cmake -S "$work/consumer-$1" -B "$work/build-$1" -G Ninja -DCMAKE_SYSTEM_NAME=Windows \
        -DCMAKE_C_COMPILER=x86_64-w64-mingw32-gcc -DCMAKE_CXX_COMPILER=x86_64-w64-mingw32-g++ \
        -DCMAKE_FIND_ROOT_PATH="$2" -Dwdspxe_ROOT="$2" >"$work/log" 2>&1 &&
        cmake --build "$work/build-$1" >>"$work/log" 2>&1 || { cat "$work/log" >&2 && fail "$1: nothing can be built with it"; }
    [ -s "$work/build-$1/provider_cpp.dll" ] || fail "$1: no provider was made"
}

# ---- MSYS2 -----------------------------------------------------------------------------------------

# makepkg refuses root, asks for pacman, which has nothing to do here, and is run in the environment that MSYS2's makepkg-mingw makes.
mkdir "$work/msys2"
cp "$ROOT/tools/packaging/msys2/PKGBUILD" "$zip" "$work/msys2/"
(cd "$work/msys2" && sha256sum -- *.zip >SHA256SUMS)
chown -R nobody "$work/msys2"
make_package()
{
    (cd "$work/msys2" && setpriv --reuid=nobody --clear-groups -- env HOME="$work/msys2" MINGW_PREFIX=/ucrt64 \
        MINGW_PACKAGE_PREFIX=mingw-w64-ucrt-x86_64 PACMAN=true \
        PKGEXT=.pkg.tar makepkg --nodeps --force "$@") >"$work/log" 2>&1
}
make_package || { cat "$work/log" >&2 && fail "makepkg made no package"; }
packages=("$work"/msys2/mingw-w64-ucrt-x86_64-wdspxe-*.pkg.tar)
[ ${#packages[@]} -eq 1 ] && [ -f "${packages[0]}" ] || fail "makepkg made ${packages[*]}"
mkdir "$work/msys2-root"
tar -C "$work/msys2-root" -xf "${packages[0]}"
consumer msys2 "$work/msys2-root/ucrt64"
# A file that is not the release's.
echo >>"$work/msys2/$(basename "$zip")"
! make_package || fail "makepkg took a ZIP that SHA256SUMS does not know"

# ---- vcpkg -----------------------------------------------------------------------------------------

mkdir "$work/port"
cp "$ROOT"/tools/packaging/vcpkg/* "$zip" "$work/port/"
cmake -DPORT_FOLDER="$work/port" -DCURRENT_PACKAGES_DIR="$work/vcpkg" -DVCPKG_TARGET_ARCHITECTURE=x64 \
    -P "$ROOT/tests/ports/vcpkg_stub.cmake" >"$work/log" 2>&1 ||
    { cat "$work/log" >&2 && fail "the port does not install"; }
[ -s "$work/vcpkg/share/wdspxe/copyright" ] || fail "the port installs no copyright"
! ls "$work/vcpkg"/bin/*.exe 2>/dev/null || fail "programs belong into tools/"
[ -s "$work/vcpkg/tools/wdspxe/wdspxectl.exe" ] || fail "the port installs no wdspxectl.exe"
consumer vcpkg "$work/vcpkg"
echo "PKGBUILD and the vcpkg port install, and providers are built with both"
