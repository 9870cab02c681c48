# What a completion knows of images, in the language of sh, for bash, zsh and fish. It reads the
# files themselves: a JVM at each key would be too slow. "CONFIG" may be empty: those of the system
# and of the user.

# Prints the configuration files of images: CONFIG
_syschroot_files() (
    [ -z "${ZSH_VERSION-}" ] || emulate sh
    if [ -n "$1" ]; then
        set -- "$1"
    else
        set -- /etc/syschroot "${XDG_CONFIG_HOME:-$HOME/.config}/syschroot"
    fi
    for directory; do
        for file in "$directory"/images.d/*.toml; do
            [ ! -r "$file" ] || printf '%s\n' "$file"
        done
    done
)

# Prints the aliases in a configuration file: FILE
_syschroot_aliases() {
    sed -n '/^[[:space:]]*aliases[[:space:]]*=/{:a;/\]/!{N;ba};s/#[^\n]*//g;s/^[^[]*\[//;s/\].*//;s/["'\'',\n]/ /g;p}' "$1" |
        tr -s ' ' '\n'
}

# Prints the names and aliases of the images: CONFIG
_syschroot_images() (
    _syschroot_files "$1" | while IFS= read -r file; do
        name=${file##*/}
        printf '%s\n' "${name%.toml}"
        _syschroot_aliases "$file"
    done | sed '/^$/d'
)

# Prints the root directory of an image: CONFIG IMAGE
_syschroot_root() (
    _syschroot_files "$1" | while IFS= read -r file; do
        if [ "${file##*/}" = "$2.toml" ] || _syschroot_aliases "$file" | grep -qxF -e "$2"; then
            sed -n '/^[[:space:]]*\[/q;s/^[[:space:]]*root[[:space:]]*=[[:space:]]*["'\'']\([^"'\'']*\)["'\''].*/\1/p' "$file"
            break
        fi
    done
)

# Prints the programs of an image along PATH, or its pathnames, that begin with a word:
# CONFIG IMAGE WORD. Fails where they cannot be seen, as in an image that is one file.
_syschroot_programs() (
    [ -z "${ZSH_VERSION-}" ] || emulate sh
    root=$(_syschroot_root "$1" "$2")
    [ -n "$root" ] && [ -d "$root" ] && [ -x "$root" ] || exit 1
    word=$3
    case $word in
        /*)
            for file in "$root$word"*; do
                if [ -d "$file" ]; then
                    printf '%s/\n' "${file#"$root"}"
                elif [ -e "$file" ] || [ -L "$file" ]; then
                    printf '%s\n' "${file#"$root"}"
                fi
            done
            exit 0
            ;;
        */*) exit 1 ;;
    esac
    IFS=:
    for directory in $PATH; do
        case $directory in /*) ;; *) continue ;; esac
        # An absolute link of the image leads into the image.
        if [ -L "$root$directory" ]; then
            target=$(readlink "$root$directory")
            case $target in /*) directory=$target ;; esac
        fi
        for file in "$root$directory/$word"*; do
            # Where a link leads can be told inside only, as of those to /etc/alternatives.
            if [ -L "$file" ] || { [ -f "$file" ] && [ -x "$file" ]; }; then
                printf '%s\n' "${file##*/}"
            fi
        done
    done | sort -u
)
