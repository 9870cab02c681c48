// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.wrapper;

import org.syschroot.path.ImagePath;
import org.syschroot.personality.Uname;

/**
 * The scripts that stand in for uname(1) and arch(1). They call the original and change nothing but
 * the machine, the processor and the hardware platform, and these only where the original names the
 * machine of the 64-bit kernel: under the personality {@code linux32}, and on a machine of 32 bits,
 * they print what the original does.
 *
 * <p>POSIX shell without any other program, so that they run in the oldest image.
 */
final class WrapperScript {
  static final String MARK = "#!/bin/sh\n# syschroot uname-wrapper: ";
  private static final String HEAD =
      MARK
          + """
          says @NARROW@ where the kernel says @WIDE@.
          # The original is @REAL@; "syschroot uname-wrapper IMAGE --remove" puts it back.
          real=@REAL@
          """;
  private static final String ARCH =
      """
      word=$("$real" "$@") || exit
      [ "$word" != @WIDE@ ] || word=@NARROW@
      printf '%s\\n' "$word"
      """;
  private static final String UNAME =
      """
      all= want=
      for word do
        case $word in
          --?*)
            letters=
            for name in all:a kernel-name:s sysname:s nodename:n kernel-release:r release:r \\
                kernel-version:v machine:m processor:p hardware-platform:i operating-system:o \\
                help:h version:V
            do
              case --${name%:*} in "$word"*) letters=$letters${name#*:} ;; esac
              [ "--${name%:*}" != "$word" ] || { letters=${name#*:}; break; }
            done
            case $letters in ?) ;; *) exec "$real" "$@" ;; esac ;;
          -?*) letters=${word#-} ;;
          *) exec "$real" "$@" ;;
        esac
        while [ -n "$letters" ]; do
          rest=${letters#?}
          case ${letters%"$rest"} in
            a) all=yes want=snrvmpio ;;
            [snrvmpio]) want=$want${letters%"$rest"} ;;
            *) exec "$real" "$@" ;;
          esac
          letters=$rest
        done
      done
      line= kernel=
      for letter in s n r v; do
        case ${want:-s} in *$letter*) kernel=$kernel$letter ;; esac
      done
      [ -z "$kernel" ] || line=$("$real" "-$kernel") || exit
      for letter in m p i o; do
        case $want in *$letter*) ;; *) continue ;; esac
        if [ -n "$all" ]; then
          word=$("$real" -$letter 2>/dev/null) || continue
          [ "$word" != unknown ] || continue
        else
          word=$("$real" -$letter) || exit
        fi
        case $letter$word in
          [mp]@WIDE@) word=@NARROW@ ;;
          i@WIDE@) word=@PLATFORM@ ;;
        esac
        line="$line${line:+ }$word"
      done
      printf '%s\\n' "$line"
      """;

  private WrapperScript() {}

  /**
   * Returns the script for a program.
   *
   * @param program {@code uname} or {@code arch}
   * @param real where the original is
   * @param wide the machine of the kernel
   */
  static String of(String program, ImagePath real, String wide) {
    String narrow = Uname.narrow(wide);
    return (HEAD + (program.equals("arch") ? ARCH : UNAME))
        .replace("@REAL@", quoted(real))
        .replace("@WIDE@", wide)
        .replace("@NARROW@", narrow)
        .replace("@PLATFORM@", narrow.equals("i686") ? "i386" : narrow);
  }

  /** The paths are ours, and plain: a quote would be a mistake here, not an attack. */
  private static String quoted(ImagePath path) {
    String text = path.toString();
    if (!text.matches("[A-Za-z0-9/._-]+")) {
      throw new IllegalArgumentException(text);
    }
    return text;
  }
}
