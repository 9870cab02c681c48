# fish completion for syschroot(1). Made from the declarations of the commands; changes are lost.

# Runs a function of this script of sh, which reads the configuration without starting a JVM.
set -g __syschroot_script @IMAGES@

function __syschroot_sh
    sh -c $__syschroot_script'
"$@"' sh $argv
end

# Prints the options of a subcommand that take a word.
function __syschroot_takes
    switch "$argv[1]"
@TAKES@
        case '*'
            printf '%s\n' --config
    end
end

# Prints the words before the cursor that are no options: the subcommand, its operands, and all that
# is behind the first operand of a subcommand that runs commands.
function __syschroot_words
    set -l tokens (commandline -opc)
    set -l words
    set -l skip no
    set -l plain no
    for token in $tokens[2..-1]
        if test $skip = yes
            set skip no
        else if test $plain = no; and test "$token" = --
            set plain yes
        else if test $plain = no; and contains -- "$token" (__syschroot_takes $words[1])
            set skip yes
        else if test $plain = no; and string match -q -- '-?*' "$token"
        else
            test (count $words) -gt 0; or contains -- "$token" @COMMANDS@; or set -a words run
            set -a words $token
            test (count $words) -ge 3; and contains -- $words[1] run explain; and set plain yes
        end
    end
    test (count $words) -eq 0; or printf '%s\n' $words
end

# Prints the value of --config before the cursor.
function __syschroot_config
    set -l tokens (commandline -opc)
    for i in (seq (count $tokens))
        switch $tokens[$i]
            case --config
                test $i -lt (count $tokens); and echo $tokens[(math $i + 1)]; and return
            case '--config=*'
                string replace -- --config= '' $tokens[$i]
                return
        end
    end
    echo
end

# Whether the cursor is at an operand: NUMBER [more] SUBCOMMAND, where 0 is the subcommand itself.
function __syschroot_at
    set -l words (__syschroot_words)
    set -l count (count $words)
    test $argv[1] -eq 0; and return (test $count -eq 0)
    test $count -gt 0 -a "$words[1]" = "$argv[-1]"; or return 1
    test $count -eq $argv[1]; and return 0
    test "$argv[2]" = more -a $count -gt $argv[1]
end

# Whether an option of a subcommand can stand at the cursor.
function __syschroot_options
    set -l words (__syschroot_words)
    test "$words[1]" = $argv[1]; or return 1
    not contains -- -- (commandline -opc); or return 1
    test (count $words) -lt 3; or not contains -- $words[1] run explain
end

# Prints the programs of the image, then what the program's own completion has.
function __syschroot_program
    set -l words (__syschroot_words)
    if test (count $words) -gt 2
        complete -C (string join ' ' -- (string escape -- $words[3..-1]) (commandline -ct))
    else if not __syschroot_sh _syschroot_programs (__syschroot_config) $words[2] (commandline -ct)
        __fish_complete_command
    end
end

complete -c syschroot -f
@SUBCOMMANDS@
complete -c syschroot -n '__syschroot_at 0' -a '(__syschroot_sh _syschroot_images (__syschroot_config))'
complete -c syschroot -n '__syschroot_at 0' -l config -x -a '(__fish_complete_directories (commandline -ct))'
@OPTIONS@
@DECLARATIONS@
