#!/bin/sh
# Times syschroot doctor on copies of an image with more and more files. As root.
# usage: doctor.sh IMAGE-ROOT [RUNS [FILES...]]
set -eu
root=$1
runs=${2:-5}
[ $# -le 2 ] || shift 2
[ "$1" != "$root" ] || set -- 0 12500 25000 50000
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d /var/tmp/syschroot-doctor.XXXXXX)
chmod 755 "$work"
trap 'rm -rf --one-file-system "$work"' EXIT
trap "exit 1" INT TERM
mkdir -p "$work/conf/images.d"

echo "$(date +%F) load $(cut -d' ' -f1-3 /proc/loadavg)"
"$here/syschroot" doctor --config "$work/conf" > /dev/null # builds, and makes the class-data archive
for files; do
    image=$work/image
    rm -rf "$image"
    cp -a "$root" "$image"
    have=$(find "$image" -xdev | wc -l)
    # Ten small programs a directory, as in /usr/bin, until there are so many files.
    perl -e '
        my ($image, $missing) = @ARGV;
        for (my $d = 0; $missing > 0; $d++) {
            my $directory = sprintf "%s/opt/%05d", $image, $d;
            mkdir $directory or die "$directory: $!";
            for (my $f = 0; $f < 10 && --$missing > 0; $f++) {
                open my $out, ">", "$directory/$f" or die $!;
                print $out "#!/bin/sh\n";
                chmod 0755, $out;
            }
            $missing--;
        }' "$image" $((files > have ? files - have : 0))
    printf 'root = "%s"\n' "$image" > "$work/conf/images.d/image.toml"
    hyperfine -N --warmup 2 --runs "$runs" -i --export-csv "$work/csv" \
        "$here/syschroot doctor -q --config $work/conf" > /dev/null 2>&1
    echo "$(find "$image" -xdev | wc -l) files: $(awk -F, 'NR == 2 { printf "median %.3f s, user and system %.3f s", $4, $5 + $6 }' "$work/csv")"
done
