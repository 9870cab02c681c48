// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.explain;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.image.Personality;
import org.syschroot.kernel.Capability;
import org.syschroot.path.OsString;
import org.syschroot.plan.Caller;
import org.syschroot.plan.Identity;
import org.syschroot.plan.MountNamespace;
import org.syschroot.plan.Signals;
import org.syschroot.plan.SwitchPlan;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.plan.WorkingDirectory;

final class ShellScriptTest {
  private static final String REFUSED = "fail 'this script cannot do what is planned: ";

  @TempDir Path folder;

  @Test
  void of_smallPlan_isThisScript() {
    String functions = ShellFunctions.fail("deb32");
    assertThat(script(Plans.command(List.of(OsString.of("ls"), OsString.of("it's")))))
        .isEqualTo(
            """
            #!/bin/sh
            # Runs a command in the image deb32 as "syschroot run" does:
            # for root, with the commands of util-linux 2.38 and coreutils.
            @FAIL@[ "$(id -u)" -eq 0 ] || fail 'only root can do this'
            # 1: open the working directory, to be compared with that of the image
            # Not needed: this script stays outside, and can look at both.
            # 2: open /sysroot/deb32, checked to be in root's hands alone
            root='/sysroot/deb32'
            @CHECK_ROOT@# 3: make /sysroot/deb32 the root directory
            # Done by nsenter at the end, which takes its path and program from inside.
            nsenter=$(command -v nsenter) || fail 'nsenter of util-linux is missing'
            directory=/
            set --
            @ENTERS@# 4: change to the directory /home/alice/src
            replaced=
            if enters '/home/alice/src'; then
              directory='/home/alice/src'
            else
              fail 'cannot enter /home/alice/src in the image'": $cause"
            fi
            # 5: tell if it is another directory of the same pathname
            @MOUNT_POINT@mount_point "$directory" look || place=$root
            here=$(stat -L -c %d:%i -- "$directory" 2> /dev/null) || here=
            there=$(stat -c %d:%i -- "$place")
            if [ -z "$replaced" ] && [ "$directory" != / ] && [ "$there" != "$here" ]\
             && [ -n "$here" ]; then
              if (cd -- "$directory" && test -w .) || (cd -- "$place" && test -w .); then
                say "$directory in the image is not $directory of the host: files you write here\
             stay in the image"
              fi
            fi
            # 6: hand on the descriptors 0, 1, 2 and no other
            # Nothing to do: the command has those that this script was started with.
            # 7: block no signal and ignore the signals 13
            # Set at the end. What this script was started with besides stays: a shell cannot
            # unblock a signal, nor take back that one is ignored.
            # 8: execute the first of /usr/bin/ls, /bin/ls
            # nsenter looks along the PATH of this environment, in the image.
            # First all of it without the command: what fails there is our failure (125).
            status=0
            problem=$(LC_ALL=C "$@" "$nsenter" --root="$root" --wdns="$directory" -- '' 2>&1) ||
              status=$?
            [ "$status" -eq 127 ] || fail "cannot start the command: $problem"
            trap '' 13
            exec "$@" env -i -- \\
              'PATH=/usr/bin:/bin' \\
              'HOME=/home/alice' \\
              'SHELL=/bin/zsh' \\
              'SYSCHROOT_IMAGE=deb32' \\
              "$nsenter" --root="$root" --wdns="$directory" -- \\
              'ls' 'it'\\''s'
            """
                .replace("@FAIL@", functions)
                .replace("@CHECK_ROOT@", ShellFunctions.checkRoot("0", "root"))
                .replace("@MOUNT_POINT@", ShellFunctions.MOUNT_POINT)
                .replace("@ENTERS@", ShellFunctions.ENTERS));
  }

  @Test
  void of_planWithEverything_takesTheStepsInAnOrderThatKeepsPrivileges() {
    assertThat(script(Plans.everything()))
        .containsSubsequence(
            "mount_point '/home' directory",
            "mount -n --rbind -- '/home' \"$place\"",
            "mount -n --make-rslave -- \"$place\"",
            "restrict \"$place\" 'ro,nosuid' tree",
            "mount_point '/etc/resolv.conf' file",
            "mount -n -t tmpfs -o 'nosuid,nodev,mode=1777' -- tmpfs \"$place\"",
            "set -- setarch linux32 --uname-2.6 -- \"$@\"",
            "set -- setpriv --bounding-set -sys_module,-sys_rawio",
            "set -- setpriv --regid 100 --groups 100,27 -- \"$@\"",
            "set -- setpriv --no-new-privs -- \"$@\"",
            "prlimit --pid $$ --nofile=\"$soft:\"",
            "--wdns=\"$directory\" -S 1000 -- \\\n  'make' 'it'\\''s' ''",
            "exec unshare --mount --propagation slave -- sh -c \"$(inside)\" syschroot")
        .doesNotContain(REFUSED);
  }

  @Test
  void of_whatCommandsCannotDo_isRefusedBeforeAnythingIsDone() {
    SwitchRequest request = SwitchRequest.in(Plans.image().build()).command("/bin/ls");
    List<SwitchRequest> impossible =
        List.of(
            request.dropCapabilities(EnumSet.allOf(Capability.class)),
            request
                .dropCapabilities(Set.of(Capability.SETUID))
                .identity(new Identity(1, 1, List.of())),
            request.programName(OsString.of("other")),
            request.personality(new Personality(0x10000000L)));
    for (SwitchRequest each : impossible) {
      OsString script = ShellScript.of(Plans.plan(each));
      assertThat(text(script)).contains(REFUSED);
      Shell.Outcome outcome = Shell.run(folder, "sh", Shell.write(folder, script).toString());
      assertThat(outcome.status()).isEqualTo(125);
      assertThat(outcome.err()).startsWith("syschroot: deb32: this script cannot do");
      assertThat(outcome.err().lines()).hasSize(1);
    }
  }

  @Test
  void of_loginShellOfTheCaller_isStartedByNsenter() {
    String script = script(Plans.plan(SwitchRequest.in(Plans.image().build()).login(true)));

    assertThat(script)
        .contains("there '/bin/zsh' ||")
        .endsWith("\n  \"$nsenter\" --root=\"$root\" --wdns=\"$directory\"\n")
        .doesNotContain(REFUSED);
  }

  static Stream<SwitchPlan> plans() {
    OsString odd = OsString.ofBytes(new byte[] {'\'', '\n', (byte) 0x81, (byte) 0xff, '\\', '`'});
    Caller caller =
        new Caller(
            List.of(odd, odd.plus(OsString.of("=x")), OsString.of("A=1"), OsString.of("A=2")),
            new WorkingDirectory(List.of(OsString.of("/").plus(odd))),
            Set.of(),
            new Signals(~0L, 0));
    SwitchRequest request = SwitchRequest.in(Plans.image().build());
    return Stream.of(
        Plans.everything(),
        Plans.plan(request),
        Plans.plan(request, caller),
        Plans.plan(request.login(true)),
        Plans.plan(request.emptyEnvironment(true).command("ls")),
        Plans.plan(request.command(List.of(odd, odd)), caller),
        Plans.command(List.of(OsString.of("x"), OsString.of("\nEND_OF_INSIDE\n"))));
  }

  @ParameterizedTest
  @MethodSource("plans")
  void of_anyPlan_isAcceptedByTheShell(SwitchPlan plan) {
    Path script = Shell.write(folder, ShellScript.of(plan));
    Shell.Outcome outcome = Shell.run(folder, "sh", "-n", script.toString());

    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.status()).isZero();
  }

  @Test
  void of_endMarkerInAnArgument_takesAnotherMarker() {
    SwitchRequest request =
        SwitchRequest.in(Plans.image().build())
            .mountNamespace(MountNamespace.PRIVATE)
            .command("x", "\nEND_OF_INSIDE\n");

    assertThat(script(Plans.plan(request))).contains("cat <<'END_OF_INSIDE_2'\n");
  }

  private static String script(SwitchPlan plan) {
    return text(ShellScript.of(plan));
  }

  private static String text(OsString script) {
    return new String(script.toBytes(), StandardCharsets.UTF_8);
  }
}
