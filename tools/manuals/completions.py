"""Completions for bash and zsh, of the program's tables."""

MADE = "# Made of the tables of wdspxectl's commands by tools/manuals; change those.\n"


def leaves(command):
    """Yields every command below, with its words behind the program's name."""
    for child in command["commands"]:
        yield child, child["path"].split(" ")[1:]
        yield from leaves(child)


def words_of(command):
    own = [child["name"] for child in command["commands"]]
    options = ["--" + option["name"] for option in command["options"]]
    return own + options + ["--help"]


def bash(program):
    lines = [MADE.rstrip(), "# shellcheck shell=bash disable=SC2207 # words without blanks",
             "_wdspxectl()", "{", "    local command= word words='' values=''",
             "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do",
             "        [[ $word == -* ]] || case \"$command $word\" in"]
    paths = [" " + " ".join(words) for _, words in leaves(program)]
    lines += [f"        {'|'.join(repr(path) for path in paths)}) command+=\" $word\" ;;",
              "        esac", "    done", "    case $command in"]
    for command, path in [(program, []), *leaves(program)]:
        name = "".join(" " + word for word in path)
        words = words_of(command) + (["--version"] if not path else [])
        values = " ".join("--" + o["name"] for o in command["options"] if o["value"])
        lines.append(f"    '{name}') words='{' '.join(words)}' values='{values}' ;;")
    lines += ["    esac",
              "    # The value of an option, and what is no option: a file as likely as not.",
              "    if [[ \" $values \" == *\" ${COMP_WORDS[COMP_CWORD-1]} \"* ]]; then",
              "        COMPREPLY=($(compgen -f -- \"$2\"))",
              "    else",
              "        COMPREPLY=($(compgen -W \"$words\" -- \"$2\"))",
              "        ((${#COMPREPLY[@]})) || COMPREPLY=($(compgen -f -- \"$2\"))",
              "    fi", "}",
              "complete -o filenames -o bashdefault -F _wdspxectl wdspxectl"]
    return "\n".join(lines) + "\n"


def zsh_quoted(text):
    return text.replace("'", "'\\''").replace("[", "\\[").replace("]", "\\]").replace(":", "\\:")


def zsh_option(option):
    many = "*" if option["repeatable"] else ""
    value = f":{zsh_quoted(option['value'])}:_files" if option["value"] else ""
    return f"'{many}--{option['name']}[{zsh_quoted(option['help'])}]{value}'"


def zsh_function(command, path):
    """A function for a command: its options, or the choice among the commands in it."""
    lines = ["_".join(["_wdspxectl", *path]) + "()", "{"]
    if command["commands"]:
        lines += ["    local line state", "    local -a commands=("]
        lines += [f"        '{c['name']}:{zsh_quoted(c['summary'])}'" for c in command["commands"]]
        lines += ["    )", "    _arguments -C '--help[show help]' '1:command:->command' '*::argument:->argument'",
                  "    case $state in", "    command) _describe command commands ;;",
                  "    argument)", "        case $line[1] in"]
        lines += [f"        {c['name']}) {'_'.join(['_wdspxectl', *path, c['name']])} ;;"
                  for c in command["commands"]]
        lines += ["        esac", "        ;;", "    esac"]
    else:
        options = [zsh_option(option) for option in command["options"]]
        lines += ["    _arguments \\", *[f"        {option} \\" for option in options],
                  "        '--help[show help]' '*:file:_files'"]
    return [*lines, "}", ""]


def zsh(program):
    lines = ["#compdef wdspxectl", MADE]
    for command, path in [*leaves(program), (program, [])]:
        lines += zsh_function(command, path)
    return "\n".join([*lines, '_wdspxectl "$@"']) + "\n"
