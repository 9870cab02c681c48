# bash completion for syschroot(1). Made from the declarations of the commands; changes are lost.

@IMAGES@
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
        program) _syschroot_program ;;
        words:*)
            set -- "${1#words:}"
            COMPREPLY=($(compgen -W "${1//:/ }" -- "$current"))
            ;;
    esac
}

# Completes the word "current" as a program of the image, or of the host if its tree is not to be seen.
_syschroot_program() {
    local IFS=$'\n' found
    if found=$(_syschroot_programs "$config" "$image" "$current"); then
        COMPREPLY=($found)
        [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]] && compopt -o nospace
    elif [[ $current == */* ]]; then
        compopt -o filenames
        COMPREPLY=($(compgen -f -- "$current"))
    else
        COMPREPLY=($(compgen -c -- "$current"))
    fi
}

_syschroot() {
    local IFS=$' \t\n'
    local current=${COMP_WORDS[COMP_CWORD]} config="" image=""
    local command="" count=0 wanted="" options="" operands="" i word
    local -A takes=([--config]="directory")
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
            [ -z "$image" ] || { i=$((i + 1)); count=2; break; }
        elif [ -n "${takes[$word]-}" ]; then
            wanted=$word
        elif [[ $word == -?* ]]; then
            :
        elif [ -z "$command" ]; then
            command=$word
            _syschroot_declare "$command"
            # The name of an image stands for "run" with it.
            if [ -z "$options" ]; then
                _syschroot_declare run
                options="" image=$word count=1
            fi
        else
            count=$((count + 1))
            # The words of the command begin: what follows is its own affair.
            [[ $operands == *" program..." ]] || continue
            ((count == 1)) && image=$word || break
        fi
    done
    if [ -n "$wanted" ]; then
        [ "$current" = "=" ] && current=""
        _syschroot_complete "${takes[$wanted]}"
    elif [ -z "$command" ]; then
        case $current in
            -*) COMPREPLY=($(compgen -W "@OPTIONS@" -- "$current")) ;;
            *) COMPREPLY=($(compgen -W "@COMMANDS@ $(_syschroot_images "$config")" -- "$current")) ;;
        esac
    elif [[ $operands == *" program..." && $count -ge 2 ]]; then
        if ((i == COMP_CWORD)); then
            _syschroot_complete program
        elif declare -F _command_offset > /dev/null; then
            _command_offset "$i"
        else
            compopt -o filenames
            COMPREPLY=($(compgen -f -- "$current"))
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
