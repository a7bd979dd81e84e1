# shellcheck shell=bash
# The server under Wine, for serve and for `wdspxectl serve`; needs wine.sh. SERVER_LOCK is held.

STOP=$STATE/stop
CONFIGURATION=/etc/wdspxe/wdspxe.conf
BIND_CAPABILITY=10 # CAP_NET_BIND_SERVICE
readonly STOP CONFIGURATION BIND_CAPABILITY
STATUS=1

# ---- options -------------------------------------------------------------------------------------

# The value of SERVE_OPTIONS as the file has it, or else of the environment. systemd's own reading of
# such a file would take backslashes away, which Windows' paths have.
options_text()
{
    local line found=${SERVE_OPTIONS:-}
    if [ -r "$CONFIGURATION" ]; then
        while IFS= read -r line || [ -n "$line" ]; do
            [[ $line =~ ^[[:blank:]]*SERVE_OPTIONS=(.*)$ ]] && found=${BASH_REMATCH[1]%$'\r'}
        done <"$CONFIGURATION"
    fi
    # The whole of it in quotation marks, as in other such files.
    [[ $found =~ ^[[:blank:]]*\"([^\"]*)\"[[:blank:]]*$ || $found =~ ^[[:blank:]]*\'([^\']*)\'[[:blank:]]*$ ]] &&
        [[ ${BASH_REMATCH[1]} == *-* ]] && found=${BASH_REMATCH[1]}
    printf '%s' "$found"
}

# words_split TEXT: its words, each with a NUL behind. Quotation marks, "" or '', keep blanks in a word
# and are taken away; a backslash is a backslash. Fails if one is not closed.
words_split()
{
    local text=$1 word='' quote='' any='' character
    local -i at
    for ((at = 0; at < ${#text}; at++)); do
        character=${text:at:1}
        if [ -n "$quote" ]; then
            if [ "$character" = "$quote" ]; then quote=''; else word+=$character; fi
        elif [[ $character == [\"\'] ]]; then
            quote=$character any=1
        elif [[ $character == [[:blank:]] ]]; then
            [ -z "$any" ] || printf '%s\0' "$word"
            word='' any=''
        else
            word+=$character any=1
        fi
    done
    [ -z "$any" ] || printf '%s\0' "$word"
    [ -z "$quote" ]
}

# Sets `options`, which the caller has.
options_read()
{
    local text
    text=$(options_text)
    words_split "$text" >/dev/null || {
        echo "$CONFIGURATION: SERVE_OPTIONS has a quotation mark that is not closed: $text" >&2
        return 1
    }
    mapfile -d '' options < <(words_split "$text")
}

# ---- its life ------------------------------------------------------------------------------------

# For signals.
server_stop()
{
    : >"$STOP"
}

# From here on others are guests. A command of the administrator's that has a wineserver of its own is
# waited for; a wineserver that was left behind, when its owner was killed, is ended.
server_open()
{
    rm -f "$STOP" "$SERVING"
    flock -w "$OWNER_WAIT" "$USE_LOCK" || {
        echo "a command of wdspxectl still runs ($(owner_name))" >&2
        return 1
    }
    flock -w 5 "$OWNER_LOCK" || {
        echo "ending a wineserver that was left behind ($(owner_name))" >&2
        wineserver -k
        flock -w 5 "$OWNER_LOCK" || {
            echo "another wineserver stays ($(owner_name))" >&2
            return 1
        }
    }
    flock -u "$USE_LOCK"
    prefix_prepare && wineserver_start -p && : >"$SERVING"
}

server_close()
{
    rm -f "$SERVING"
    flock -w "$GUEST_WAIT" "$USE_LOCK"
    wineserver_stop
    rm -f "$STOP"
}

# The server's lines as Linux writes them, and a word to systemd at the right one.
tell()
{
    local line
    while IFS= read -r line; do
        printf '%s\n' "${line%$'\r'}"
        case $line in
        'serving on '* | '{"event":"serving"'*)
            [ -z "${NOTIFY_SOCKET:-}" ] || systemd-notify --ready
            ;;
        esac
    done
}

# What the server cannot know: Wine has no words for it.
tell_capability()
{
    local effective first
    effective=$(sed -n 's/^CapEff:[[:blank:]]*//p' /proc/self/status)
    first=$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start 2>/dev/null || echo 1024)
    ((first <= 67 || (0x$effective >> BIND_CAPABILITY & 1))) ||
        echo "ports below $first need the capability CAP_NET_BIND_SERVICE, which is missing here" \
            "(AmbientCapabilities= of the unit)" >&2
}

# server_run OPTION…: sets STATUS. `wait` also returns when a signal came in; asked again, it has the
# exit code of what has ended.
server_run()
{
    local server
    if [ -e "$STOP" ]; then
        STATUS=0 # before it began
        return
    fi
    "$WINELOADER" "$PROGRAM" serve --stop-file 'Z:\var\lib\wdspxe\stop' "$@" \
        {OWNER_LOCK}>&- {SERVER_LOCK}>&- {USE_LOCK}>&- &
    server=$!
    while kill -0 "$server" 2>/dev/null; do
        wait "$server"
    done
    wait "$server"
    STATUS=$?
    [ "$STATUS" = 0 ] || tell_capability
}
