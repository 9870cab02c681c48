# bash completion for syschroot(1). Made from the declarations of the commands; changes are lost.

# Prints the names and aliases of the images of a configuration directory, without starting a JVM.
_syschroot_images() {
    local file
    for file in "$1"/images.d/*.toml; do
        [ -r "$file" ] || return
        file=${file##*/}
        printf '%s\n' "${file%.toml}"
    done
    sed -n '/^[[:space:]]*aliases[[:space:]]*=/{:a;/\]/!{N;ba};s/#[^\n]*//g;s/^[^[]*\[//;s/\].*//;s/["'\'',\n]/ /g;p}' \
        "$1"/images.d/*.toml 2> /dev/null
}

# Sets "options" and "operands" of a subcommand, and in "takes" what each option takes.
_syschroot_declare() {
    case $1 in
@DECLARATIONS@
    esac
}

# Completes the word "current" as a thing of some kind.
_syschroot_complete() {
    case $1 in
        image) COMPREPLY=($(compgen -W "$(_syschroot_images "$config")" -- "$current")) ;;
        directory) compopt -o filenames; COMPREPLY=($(compgen -d -- "$current")) ;;
        file) compopt -o filenames; COMPREPLY=($(compgen -f -- "$current")) ;;
        user) COMPREPLY=($(compgen -u -- "$current")) ;;
        command) COMPREPLY=($(compgen -c -- "$current")) ;;
        words:*)
            set -- "${1#words:}"
            COMPREPLY=($(compgen -W "${1//:/ }" -- "$current"))
            ;;
    esac
}

_syschroot() {
    local IFS=$' \t\n'
    local current=${COMP_WORDS[COMP_CWORD]} config=/etc/syschroot
    local command="" count=0 wanted="" options="" operands="" i word
    local -A takes=()
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [ "$word" = "=" ]; then
            :
        elif [ -n "$wanted" ]; then
            [ "$wanted" = "--config" ] && config=$word
            wanted=""
        elif [ "$word" = "--" ]; then
            options=""
            # Before the image it ends the options; behind it the command follows.
            case $operands in *" command...") operands="command..."; count=0; i=$((i + 1)); break ;; esac
        elif [ -n "${takes[$word]-}" ]; then
            wanted=$word
        elif [[ $word == -?* ]]; then
            :
        elif [ -z "$command" ]; then
            command=$word
            _syschroot_declare "$command"
        else
            count=$((count + 1))
            # The words of the command begin: what follows is its own affair.
            [[ $operands == *" command..." ]] && ((count == 2)) && break
        fi
    done
    if [ -n "$wanted" ]; then
        [ "$current" = "=" ] && current=""
        _syschroot_complete "${takes[$wanted]}"
    elif [ -z "$command" ]; then
        case $current in
            -*) COMPREPLY=($(compgen -W "--help --version" -- "$current")) ;;
            *) COMPREPLY=($(compgen -W "@COMMANDS@" -- "$current")) ;;
        esac
    elif [[ $operands == "command..." || ($operands == *" command..." && $count -ge 2) ]]; then
        if declare -F _command_offset > /dev/null; then
            _command_offset "$i"
        else
            _syschroot_complete command
        fi
    elif [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$current"))
    else
        local -a kinds=($operands)
        local last=$((${#kinds[@]} - 1)) kind
        if ((last >= 0)); then
            if ((count <= last)); then
                kind=${kinds[count]}
            elif [[ ${kinds[last]} == *... ]]; then
                kind=${kinds[last]}
            fi
            _syschroot_complete "${kind%...}"
        fi
    fi
}

complete -F _syschroot syschroot
