# shellcheck shell=bash
# The administrator's files for a command that runs as the user wdspxe, which sees few of them and may
# write none: they are copied into a folder of that user's before, and out of it after. Sourced by
# wdspxectl, as root. No file that root opened gets to the user's programs, only pipes do; and root
# opens nothing whose path that user could change.

EXCHANGE=        # the folder
WORDS=()         # the command's words, with the names of the copies
READ=()          # files that the command must be able to read where they are
NAMES=()         # of the files in the folder that we know
RESULTS=()       # names in the folder, and where they go: in turns
RESULT_LIMIT=64  # files of a folder that a command made
readonly RESULT_LIMIT

complain()
{
    echo "wdspxectl: $*" >&2
}

# pack WORD…: each with a NUL behind, in base64.
pack()
{
    (($# == 0)) || printf '%s\0' "$@" | base64 -w 0
}

# as_user COMMAND…: with the rights of the user, in a session without a terminal, in an environment of
# its own. The caller sees to the three streams.
as_user()
{
    (
        cd / && exec env -i PATH="$PATH" LC_ALL=C.UTF-8 setsid --wait setpriv --reuid=wdspxe \
            --regid=wdspxe --init-groups --no-new-privs --bounding-set=-all --inh-caps=-all \
            --ambient-caps=-all -- "$@"
    )
}

exchange_open()
{
    EXCHANGE=$(mktemp -d /run/wdspxectl.XXXXXXXX) && chown wdspxe:wdspxe "$EXCHANGE"
}

exchange_close()
{
    [ -z "$EXCHANGE" ] || rm -rf --one-file-system "$EXCHANGE"
}

# ---- whose a path is -----------------------------------------------------------------------------

# folders_of PATH: every folder above, and the path itself, as it is written and as it is.
folders_of()
{
    local path
    for path in "$1" "$(realpath -m -- "$1")"; do
        while [ "$path" != / ]; do
            printf '%s\0' "$path"
            path=$(dirname -- "$path")
        done
    done
}

# Whether the user could make the path lead elsewhere: it owns a part of it, or may rename one.
is_theirs()
{
    local path user
    local -a paths
    user=$(id -u wdspxe)
    mapfile -d '' paths < <(folders_of "$1")
    for path in "${paths[@]}"; do
        [ "$(stat -c %u -- "$path" 2>/dev/null)" != "$user" ] || return 0
    done
    # shellcheck disable=SC2016 # the shell that runs it expands it
    ! as_user sh -c 'for path; do
            [ ! -d "$path" ] || [ ! -w "$path" ] || [ -k "$path" ] || exit 1
        done' sh "${paths[@]}" </dev/null >/dev/null 2>&1
}

# linux_path WORD: the absolute path that is meant; fails for one that is Wine's own, such as C:\x.
linux_path()
{
    local path=$1
    case $path in
    [Zz]:[\\/]*) path=${path:2} path=${path//\\//} ;;
    [A-Za-z]:*) return 1 ;;
    *) [ -e "$path" ] || path=${path//\\//} ;;
    esac
    case $path in
    /*) printf '%s' "$path" ;;
    *) printf '%s' "$PWD/$path" ;;
    esac
}

# ---- in ------------------------------------------------------------------------------------------

# name_new PATH: sets NAME, one of its own in the folder, with the file name of the path.
name_new()
{
    local base number=1
    base=$(basename -- "$1")
    NAME=$base
    while [[ " ${NAMES[*]} " == *" $NAME "* ]]; do
        NAME=$((++number))-$base
    done
    NAMES+=("$NAME")
}

# file_in WORD: sets NAME to what the command is to be told. A word that is no file stays what it is:
# the command says so.
file_in()
{
    local path copied
    NAME=$1
    path=$(linux_path "$1") || return 0
    [ -f "$path" ] || {
        [ ! -e "$path" ] || { complain "$1 is not a file" && return 1; }
        return 0
    }
    name_new "$path"
    if as_user test -r "$path" </dev/null >/dev/null 2>&1; then
        as_user cp -- "$path" "$EXCHANGE/$NAME" </dev/null 2>&1 | cat >&2
        copied=${PIPESTATUS[0]}
    elif is_theirs "$path"; then
        complain "$1: the user wdspxe can change where that leads, and cannot read it"
        return 1
    else
        # shellcheck disable=SC2016 # the shell that runs it expands it
        cat -- "$path" | as_user sh -c 'cat >"$1"' sh "$EXCHANGE/$NAME" 2>&1 | cat >&2
        copied=$((PIPESTATUS[0] + PIPESTATUS[1]))
    fi
    [ "$copied" = 0 ] || { complain "$1 could not be copied to $EXCHANGE" && return 1; }
}

# file_stays WORD: sets NAME to the path of a DLL that the server is to load from where it is.
file_stays()
{
    local path
    NAME=$1
    path=$(linux_path "$1") || return 0
    [ -e "$path" ] || return 0
    path=$(realpath -- "$path")
    READ+=("$path")
    NAME=Z:${path//\//\\}
}

# ---- out -----------------------------------------------------------------------------------------

# result_new WORD: sets NAME to where the command is to write what goes to that path.
result_new()
{
    local path
    NAME=$1
    path=$(linux_path "$1") || return 0
    if is_theirs "$(dirname -- "$path")" || [ -d "$path" ] && is_theirs "$path"; then
        complain "$1 is in a folder that the user wdspxe may change; name another"
        return 1
    fi
    [ -d "$(dirname -- "$path")" ] || { complain "$1: there is no folder $(dirname -- "$path")" && return 1; }
    name_new "$path"
    RESULTS+=("$NAME" "$path")
}

file_out()
{
    local path
    path=$(linux_path "$1") && [ -d "$path" ] && { complain "$1 is a folder" && return 1; }
    result_new "$1"
}

# A folder is made beforehand: the command wants one that is there.
folder_out()
{
    result_new "$1" || return 1
    [ "$NAME" = "$1" ] || as_user mkdir -- "$EXCHANGE/$NAME" </dev/null >/dev/null 2>&1
}

# file_fetch NAME TARGET: what the command wrote, if it did, takes the place of the target at once.
file_fetch()
{
    local fresh status
    as_user test -f "$EXCHANGE/$1" </dev/null >/dev/null 2>&1 || return 0
    fresh=$(mktemp -- "$(dirname -- "$2")/.wdspxectl.XXXXXXXX") || return 1
    as_user dd if="$EXCHANGE/$1" iflag=nofollow,nonblock bs=1M status=none </dev/null 2>/dev/null |
        cat >"$fresh"
    status=$((PIPESTATUS[0] + PIPESTATUS[1]))
    if [ "$status" != 0 ] || ! chmod "$(printf %o $((0666 & ~$(umask))))" "$fresh" ||
        ! mv -fT -- "$fresh" "$2"; then
        rm -f -- "$fresh"
        complain "$2 could not be written"
        return 1
    fi
}

# folder_fetch NAME TARGET: the files that the command made in a folder.
folder_fetch()
{
    local file
    local -a files
    mapfile -d '' files < <(as_user find "$EXCHANGE/$1" -maxdepth 1 -type f -printf '%f\0' \
        </dev/null 2>/dev/null | head -zn "$RESULT_LIMIT")
    ((${#files[@]} == 0)) || mkdir -p -- "$2" || return 1
    for file in "${files[@]}"; do
        [[ $file =~ ^[A-Za-z0-9_-][A-Za-z0-9._-]*$ ]] || continue
        file_fetch "$1/$file" "$2/$file" || return 1
    done
}

# Reproducers, which commands write to where they stand if they are not told: new files only, and no
# others than captures.
strays_fetch()
{
    local file
    local -a files
    mapfile -d '' files < <(as_user find "$EXCHANGE" -maxdepth 1 -type f -name '*.pcap*' \
        -printf '%f\0' </dev/null 2>/dev/null | head -zn "$RESULT_LIMIT")
    for file in "${files[@]}"; do
        [[ " ${NAMES[*]} " != *" $file "* && $file =~ ^[A-Za-z0-9_-][A-Za-z0-9._-]*$ ]] || continue
        if [ -e "$file" ] || is_theirs "$PWD"; then
            complain "$file is not written to $PWD: a file is there, or the user may change the folder"
            return 1
        fi
        file_fetch "$file" "$PWD/$file" || return 1
    done
}

exchange_results()
{
    local -i at
    for ((at = 0; at < ${#RESULTS[@]}; at += 2)); do
        if as_user test -d "$EXCHANGE/${RESULTS[at]}" </dev/null >/dev/null 2>&1; then
            folder_fetch "${RESULTS[at]}" "${RESULTS[at + 1]}" || return 1
        else
            file_fetch "${RESULTS[at]}" "${RESULTS[at + 1]}" || return 1
        fi
    done
    strays_fetch
}

# ---- the command line ----------------------------------------------------------------------------

# option_kind NAME: what its value is: file_in, file_out, folder_out, refuse; nothing for others.
option_kind()
{
    case $1 in
    --expect) echo file_in ;;
    --write | --report | --golden-out | --capture) echo file_out ;;
    --out | --crash-dir | --dump-dir) echo folder_out ;;
    --stop-file) echo refuse ;;
    esac
}

refuse()
{
    complain "--stop-file is not for this package: Ctrl-C stops a server that wdspxectl runs"
    return 2
}

# positional_kind COMMAND WORD: the same for a word that is no option's.
positional_kind()
{
    case "$1 $2" in
    'config import '* | 'share check '*) echo file_in ;;
    'config export '*) echo file_out ;;
    'provider add '*.[Dd][Ll][Ll] | 'replay '*.[Dd][Ll][Ll] | 'fuzz '*.[Dd][Ll][Ll]) echo file_stays ;;
    'replay '* | 'fuzz '*) echo file_in ;;
    esac
}

# The first words, as far as they name a command.
command_of()
{
    case ${1:-} in
    config | provider | share) echo "$1 ${2:-}" ;;
    *) echo "${1:-}" ;;
    esac
}

# exchange_words WORD…: sets WORDS, READ and RESULTS, and copies what goes in.
exchange_words()
{
    local command word kind waiting='' NAME
    local -i left
    command=$(command_of "$@")
    left=$(wc -w <<<"$command")
    for word in "$@"; do
        kind= NAME=$word
        if [ -n "$waiting" ]; then
            kind=$waiting waiting=
        elif ((left > 0)); then
            left=left-1
        elif [[ $word == --*=* ]]; then
            kind=$(option_kind "${word%%=*}")
            [ -z "$kind" ] || { "$kind" "${word#*=}" || return $?; }
            [ -z "$kind" ] || NAME=${word%%=*}=$NAME
            kind=
        elif [[ $word == --* ]]; then
            waiting=$(option_kind "$word")
        else
            kind=$(positional_kind "$command" "$word")
        fi
        [ -z "$kind" ] || "$kind" "$word" || return $?
        WORDS+=("$NAME")
    done
}
