#!/bin/bash
# Does check_abi.py notice? Changes one thing at a time in a copy of the headers and .def files; each
# must be reported, by its name.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
caught=0

# mutation TABLE FILE SED-SCRIPT REPORT: the report is a part of what check_abi.py must print.
mutation()
{
    local table=$1 file=$2 script=$3 report=$4 rc=0
    rm -rf "$work/tree"
    mkdir "$work/tree"
    cp -r "$root/include" "$root/def" "$work/tree"
    sed -i "$script" "$work/tree/$file"
    if cmp -s "$root/$file" "$work/tree/$file"; then
        echo "$file: '$script' changes nothing" >&2
        exit 1
    fi
    python3 "$here/check_abi.py" "$table" --root "$work/tree" --machine x86 >"$work/log" || rc=$?
    if [ "$rc" -ne 1 ] || ! grep -qF "$report" "$work/log"; then
        echo "not noticed: '$script' in $file (exit code $rc)" >&2
        cat "$work/log" >&2
        exit 1
    fi
    caught=$((caught + 1))
}

# A constant, the meaning of a macro, one too many of each
mutation wdspxe.txt include/wdspxe.h 's/^\(#define PXE_BA_CUSTOM\) .*/\1 ((ULONG)7)/' "PXE_BA_CUSTOM is 2"
mutation wdsbp.txt include/wdsbp.h 's/^\(#define WDSBP_OPTVAL_ACTION_ABORT\) 5/\1 4/' \
    "WDSBP_OPTVAL_ACTION_ABORT is 5"
mutation wdsbp.txt include/wdsbp.h 's/OPT_TYPE_BYTE, 50013)/OPT_TYPE_BYTE, 50012)/' \
    "WDSBP_OPTV6_ALLOW_SERVER_SELECTION is 0xC35D0801"
mutation wdsbp.txt include/wdsbp.h 's/(type)) == (type))/(type)) != 0)/' "WDSBP_IS_PK_TYPE(5, 6) is 0"
mutation wdsbp.txt include/wdsbp.h 's/^#define WDSBPAPI .*/&\n#define WDSBP_NEW 1/' \
    "constant WDSBP_NEW is not in the table"
mutation wdsbp.txt include/wdsbp.h 's/^#define WDSBPAPI .*/&\n#define WDSBP_NEW(a) (a)/' \
    "macro WDSBP_NEW is not in the table"

# A structure's member, a type of a member, a prototype, a calling convention
mutation wdspxe.txt include/wdspxe.h 's/^    USHORT uPort;/    ULONG uPort;/' "PXE_ADDRESS.uPort type"
mutation wdspxe.txt include/wdspxe.h 's/^    ULONG uAddrLen;/    ULONG uMore;\n&/' \
    "PXE_ADDRESS.uAddrLen offset"
mutation wdsbp.txt include/wdsbp.h 's/WdsBpInitialize(_In_ BYTE/WdsBpInitialize(_In_ ULONG/' \
    "initialization"
mutation wdsbp.txt include/wdsbp.h 's/^\(#define WDSBPAPI\) .*/\1 __cdecl/' "initialization"
mutation wdspxe.txt include/wdspxe.h 's/DWORD __cdecl PxeTrace(/DWORD PXEAPI PxeTrace(/' \
    "initialization"

# A name and an ordinal of a .def file, a decorated name
mutation wdspxe.txt def/wdspxe.def 's/PxeTraceV /PxeTraceW /' "entry PxeTraceV @31 is missing"
mutation wdsbp.txt def/wdsbp.def 's/WdsBpInitialize /WdsBpInitialise /' \
    "entry WdsBpInitialise @4 is not in the table"
mutation wdsbp.txt def/wdsbp.def 's/@7$/@8/' "entry WdsBpQueryOption @7 is missing"
mutation wdspxe.txt def/wdspxe-x86.def 's/PxeSendReply@16/PxeSendReply@12/' \
    "entry PxeSendReply@16 @29 is missing"
mutation wdsbp.txt def/wdsbp-x86.def 's/WdsBpQueryOption@20/WdsBpQueryOption@16/' \
    "entry WdsBpQueryOption@20 @7 is missing"
echo "$caught changes of the ABI, all noticed"
