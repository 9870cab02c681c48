# Completes the programs of an image behind its launcher, which is named like it, in fish. Every shell
# reads this file, so it lists configuration files and starts no program.

if status is-interactive
    set -l own $HOME/.config
    set -q XDG_CONFIG_HOME; and set own $XDG_CONFIG_HOME
    for file in /etc/syschroot/images.d/*.toml $own/syschroot/images.d/*.toml
        set -l name (string replace -r '.*/(.*)\.toml$' '$1' -- $file)
        complete -c $name -w "syschroot run $name --"
    end
end
