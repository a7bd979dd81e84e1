#!/bin/bash
# The pages of docs/recipes, done as they are written: the blocks of a page are its configuration, what the
# DHCP server gets, and what is done on the file server; then a machine boots by that in QEMU.
# Usage: tests/e2e/recipes.sh RECIPE…|all|list
# Needs root, a build in build/win-x64 and what `tools/packages demo recipes` installs. An emulated machine
# takes its time: an installer some minutes. RECIPE_KERNEL_ONLY=1: installers get an empty initrd, and what
# is seen is that their kernel starts, and finds no root.
# shellcheck disable=SC2119 # functions of lab.sh take no arguments of ours
set -Eeuo pipefail
export LC_ALL=C

# RECIPE  PAGE  HEADING (- is the page above the first)  CLIENT  MEMORY  what its console shows at last
readonly RECIPES='
debian-bios          debian     -                bios    1024 Select a language
debian-secure        debian     -                secure  1024 Select a language
debian-syslinux      debian     syslinux.efi     uefi    1024 Select a language
arm64                arm64      -                arm64   1024 Select a language
ipxe-rom             ipxe       -                bios    256  WDSPXE-BOOT-OK bios
ipxe-chain           ipxe       -                uefi    256  WDSPXE-BOOT-OK uefi-x64
ipxe-undi            ipxe       -                bios    256  WDSPXE-BOOT-OK bios
http                 http-boot  -                http    256  WDSPXE-BOOT-OK uefi-x64
from-wds             from-wds   -                uefi    256  WDSPXE-BOOT-OK uefi-x64
wimboot              wimboot    -                uefi    256  WDSPXE-BOOT-OK uefi-x64
u-boot               u-boot     -                u-boot  256  WDSPXE-BOOT-OK u-boot
subnets-near         several-subnets -           bios    256  WDSPXE-BOOT-OK bios
subnets-far          several-subnets -           bios    256  WDSPXE-BOOT-OK bios
menu-bios            menu       -                bios    256  WDSPXE-BOOT-OK bios
menu-bios-broadcast  menu       -                bios    256  WDSPXE-BOOT-OK bios
menu-bios-multicast  menu       -                bios    256  WDSPXE-BOOT-OK bios
menu-uefi            menu       -                uefi    256  WDSPXE-BOOT-OK uefi-x64
menu-uefi-broadcast  menu       -                uefi    256  WDSPXE-BOOT-OK uefi-x64
menu-uefi-multicast  menu       -                uefi    256  WDSPXE-BOOT-OK uefi-x64
'
# The machines of the pages beside the lab's DHCP server 10.77.0.1 and ours, 10.77.0.2.
readonly FILES_ADDRESS=10.77.0.3 BRANCH_ADDRESS=10.88.0.3
readonly LIMIT=${RECIPE_LIMIT:-1800} # seconds until a machine has booted

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source-path=SCRIPTDIR/../.. source=tools/lab/lab.sh
. tools/lab/lab.sh
# shellcheck source=tests/e2e/common.sh
. tests/e2e/common.sh
RECIPE=

usage()
{
    echo "Usage: tests/e2e/recipes.sh RECIPE...|all|list" >&2
    exit 2
}

leave()
{
    local namespace
    for namespace in ${NS_FILES:-} ${NS_BRANCH:-}; do
        [ ! -e "/run/netns/$namespace" ] || ip netns del "$namespace" || true
    done
    rm -rf "${SRV:?}"
}

# ---- the page ----------------------------------------------------------------------------------

# block START: the first block of the recipe's page, below its heading, whose first line begins so.
block()
{
    awk -v heading="$HEADING" -v start="$1" '
        /^## / { inside = 0 }
        heading == "-" && NR == 1 { inside = 1 }
        $0 == "## " heading || $0 == "## `" heading "`" { inside = 1 }
        /^```/ { fenced = !fenced; first = fenced; if (!fenced && taken) exit; next }
        fenced && first && inside && index($0, start) == 1 { taken = 1 }
        { first = 0 }
        fenced && taken { print }
    ' "docs/recipes/$PAGE.md"
}

# The page's configuration; its other ways to find the server of a menu's item.
configuration()
{
    case $RECIPE in
    menu-*-broadcast | menu-*-multicast) block '[' | sed "s/^\[menu:.*/&\ndiscovery=${RECIPE##*-}/" ;;
    *) block '[' ;;
    esac
}

# What the page names and nobody has put there is the lab's own boot program.
stand_in()
{
    local name program=bios.0
    [ "$CLIENT" = bios ] || program=x64.efi
    while read -r name; do
        name=$SRV/${name//\\//}
        [ ! -e "$name" ] || continue
        mkdir -p "$(dirname "$name")"
        cp "$SRV/$program" "$name"
    done < <(configuration | sed -n -E -e '/:\/\//d' -e 's/^(ipxe_)?file=//p')
}

# Windows' files are Microsoft's, wimboot is not Debian's: only that all of them are fetched is seen.
stand_in_for_windows()
{
    local name
    mkdir -p "$SRV/boot" "$SRV/sources"
    cp "$SRV/x64.efi" "$SRV/wimboot"
    for name in boot/BCD boot/boot.sdi sources/boot.wim; do
        echo "stands for $name" >"$SRV/$name"
    done
}

# QEMU's card has iPXE in its ROM. Here that loads undionly.kpxe, as a ROM without iPXE would by itself.
load_undionly()
{
    # shellcheck disable=SC2016 # iPXE's variable
    sed -i '1a iseq ${net0/chip} undionly || chain tftp://10.77.0.3/undionly.kpxe' "$SRV/menu.ipxe"
}

kernel_only()
{
    local initrd
    while read -r initrd; do
        gzip -n </dev/null >"$initrd"
        PROOF='Kernel panic - not syncing'
    done < <(find "$SRV" -name initrd.gz)
}

# The commands for the file server, as they are but for the folder of its files. Packages are here.
files_make()
{
    mkdir -p "$SRV"
    lab_nbp_build "$SRV" || fail "$LAB_ERROR"
    [ "$PAGE" != wimboot ] || stand_in_for_windows
    block '# on the file server' | sed -e "s|/srv/tftp|$SRV|g" -e '/^apt-get /d' >"$OUT/files.sh"
    (cd "$SRV" && exec sh -eux "$OUT/files.sh") >"$OUT/files.log" 2>&1 ||
        fail "the commands for the file server fail" files
    [ "$RECIPE" != ipxe-undi ] || load_undionly
    [ -z "${RECIPE_KERNEL_ONLY:-}" ] || kernel_only
    stand_in
}

# ---- the network -------------------------------------------------------------------------------

dhcp_start()
{
    local line
    local -a arguments=()
    while read -r line; do
        arguments+=("--$line")
    done < <(block '# dnsmasq.conf' | sed -e '/^#/d' -e '/^$/d')
    lab_dnsmasq dhcp "$LAB_NS_DHCP" eth0 --dhcp-leasefile="$OUT/leases" --no-ping --dhcp-authoritative \
        --enable-ra --ra-param=eth0,2 --dhcp-range="$LAB_SUBNET6,ra-only,64" \
        --dhcp-range="$LAB_SUBNET.100,$LAB_SUBNET.200,255.255.255.0,10m" "${arguments[@]}"
    lab_wait_line dhcp 'DHCP, IP range' 30 || fail "$LAB_ERROR" dhcp
}

# tftp_start NAME NAMESPACE: the same files, on another machine.
tftp_start()
{
    lab_dnsmasq "$1" "$2" eth0 --enable-tftp --tftp-root="$SRV"
    lab_wait_line "$1" 'TFTP root is' 30 || fail "$LAB_ERROR" "$1"
}

# The second subnet: its relay, as the page has it, and a file server of its own.
branch_up()
{
    block '# on the relay' | grep -qxF \
        "dhcrelay -4 -a -id dn0 -iu up0 $LAB_DHCP_ADDRESS $LAB_SERVER_ADDRESS" ||
        fail "the page's relay is not the lab's"
    lab_relay_start v4 || fail "$LAB_ERROR" relay router
    NS_BRANCH=wdspxe-$$-third
    machine_add "$NS_BRANCH" p-third "$BRANCH_ADDRESS" eth0 br1
    tftp_start branch "$NS_BRANCH"
    [ "$RECIPE" != subnets-near ] || lab_quiet ip -n "$LAB_NS_NET" link set tap0 master br0 ||
        fail "$LAB_ERROR"
}

lab_up()
{
    local -a with=()
    [ "$PAGE" != several-subnets ] || with=(relay dhcrelay sysctl)
    lab_here ${with[@]+"${with[@]}"}
    NS_FILES=wdspxe-$$-second
    machine_add "$NS_FILES" p-second "$FILES_ADDRESS"
    files_make
    lab_capture_start "$OUT/capture.pcap" || fail "$LAB_ERROR" capture
    dhcp_start
    tftp_start files "$NS_FILES"
    [ "$PAGE" != several-subnets ] || branch_up
    [ "$PAGE" != from-wds ] || tftp_start own-files "$LAB_NS_SERVER"
    lab_spawn http "$NS_FILES" python3 -u -m http.server --protocol HTTP/1.1 \
        --bind "$FILES_ADDRESS" --directory "$SRV" 80
    lab_wait_line http 'Serving HTTP' 30 || fail "$LAB_ERROR" http
    wine_up
}

server_up()
{
    install staticpxe.dll
    configuration >"$FOLDER/staticpxe.ini"
    [ -s "$FOLDER/staticpxe.ini" ] || fail "the page has no configuration"
    cp "$FOLDER/staticpxe.ini" "$OUT/"
    wdspxectl static check 'C:\wdspxe\staticpxe.ini'
    wdspxectl provider add staticpxe 'C:\wdspxe\staticpxe.dll'
    server_start server --verbose
}

# ---- the boot ----------------------------------------------------------------------------------

# What ours said in the end is what the page says: nobody else here names files.
check_capture()
{
    (($(frames "ip.src == $LAB_SERVER_ADDRESS && dhcp.type == 2") > 0)) || fail "no reply of ours" server
    case $RECIPE in
    subnets-near) was_sent files main.0 10.77.0. ;;
    subnets-far) was_sent branch branch.0 10.88.0. ;;
    ipxe-undi)
        was_sent files undionly.kpxe 10.77.0.
        (($(frames "dhcp.file contains \"menu.ipxe\" && ip.src == $LAB_SERVER_ADDRESS") >= 2)) ||
            fail "undionly.kpxe was not told its script" server serial
        ;;
    menu-*-broadcast)
        (($(frames "ip.dst == 255.255.255.255 && udp.dstport == 67 && dhcp.option.vendor.pxeclient.boot_item") > 0)) ||
            fail "no item was asked for by broadcast" server
        ;;
    menu-*-multicast)
        (($(frames "ip.dst == 224.0.1.2 && udp.dstport == 4011") > 0)) ||
            fail "no item was asked for by multicast" server
        ;;
    wimboot)
        (($(frames 'http.request.uri matches "/(wimboot|boot/BCD|boot/boot.sdi|sources/boot.wim)$"') >= 4)) ||
            fail "not all files were fetched" serial
        ;;
    debian-secure)
        lab_console | grep -ai 'secure boot enabled\|kernel is locked down' >/dev/null ||
            fail "the kernel does not say that Secure Boot is on" serial
        ;;
    esac
    must_be_well_formed
}

# was_sent SERVER FILE ADDRESS: by this TFTP server to a client whose address begins so.
was_sent()
{
    grep -F "sent $SRV/$2 to $3" "$OUT/$1.log" >/dev/null || fail "$2 was not loaded from there" "$1"
}

# ---- the whole ---------------------------------------------------------------------------------

# select_recipe NAME: sets what its row says.
select_recipe()
{
    local row
    row=$(grep "^$1 " <<<"$RECIPES") || usage
    RECIPE=$1
    read -r _ PAGE HEADING CLIENT MEMORY PROOF <<<"$row"
}

run_recipe()
{
    local started
    begin recipes.sh "$RECIPE"
    SRV=$OUT/srv
    lab_up
    server_up
    started=$SECONDS
    LAB_CLIENT_MEMORY=$MEMORY client_boots "$CLIENT" "$LIMIT" server "$PROOF"
    echo "$RECIPE: '$PROOF' after $((SECONDS - started)) s"
    lab_capture_stop
    check_capture
    server_stop server
    echo "tests/e2e/recipes.sh $RECIPE: ok"
}

(($# > 0)) || usage
names=$(awk 'NF { print $1 }' <<<"$RECIPES")
case $1 in
list) echo "$names" && exit 0 ;;
all) mapfile -t chosen <<<"$names" ;;
*) chosen=("$@") ;;
esac
if ((${#chosen[@]} == 1)); then
    select_recipe "${chosen[0]}"
    run_recipe
    exit 0
fi
failed=()
for name in "${chosen[@]}"; do
    tests/e2e/recipes.sh "$name" || failed+=("$name")
done
((${#failed[@]} == 0)) || { echo "tests/e2e/recipes.sh: failed: ${failed[*]}" >&2 && exit 1; }
