// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.explain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.image.Image;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.plan.MountNamespace;
import org.syschroot.plan.SwitchRequest;

final class ShellScriptTest {
  @TempDir Path folder;

  @Test
  void of_smallPlan_endsWithTheseSteps() {
    SwitchRequest request = SwitchRequest.in(Plans.image().build()).command("ls", "it's");
    String script = script(request);

    assertThat(script)
        .startsWith(
            """
            #!/bin/sh
            # Runs a command in the image deb32 as "syschroot run" does:
            # for root, with the commands of util-linux 2.38, coreutils and Perl.
            """
                + ShellFunctions.fail("deb32")
                + ShellFunctions.ENVIRONMENT
                + """
                [ "$(id -u)" -eq 0 ] || fail 'only root can do this'
                # What the command inherits: ignored signals, closed standard streams, the environment.
                set -- "$ignored" "$closed" "$#" "$@" 'ls' 'it'\\''s'
                # 2: open /sysroot/deb32 and check that only root can modify it
                root='/sysroot/deb32'
                """
                + ShellFunctions.checkRoot("0", "root"))
        .endsWith(
            """

            # 1: open the working directory, to compare it with that of the image
            open_directory();
            # The environment of the command.
            set_variable("SYSCHROOT_IMAGE", "deb32");
            # 3: make /sysroot/deb32 the root directory
            enter_root();
            # 4: change to the working directory of the caller
            enter_working_directory("MISSING");
            # 5: report if it is another directory of the same pathname
            compare_directory(0);
            # 6: pass the file descriptors that the script was started with, and no others
            # 7: keep blocked and ignored signals: only SIGCHLD cannot stay ignored in a shell
            # 8: keep the limit of open files, which is unchanged
            # 9: look for the command, and execute it
            run_command(0, undef);
            END_OF_PERL
            }
            exec perl -e "$(last_part)" -- "$root" "${uid-}" "${gid-}" "$@"
            """);
  }

  @Test
  void of_planWithEverything_takesTheStepsInAnOrderThatKeepsPrivileges() {
    assertThat(script(Plans.requestOfEverything()))
        .containsSubsequence(
            "mount_point '/home' directory",
            "mount -n --rbind -- '/home' \"$place\"",
            "mount -n --make-rslave -- \"$place\"",
            "restrict \"$place\" 'ro,nosuid' tree",
            "mount_point '/etc/resolv.conf' file",
            "mount -n -t tmpfs -o 'nosuid,nodev,mode=1777' -- tmpfs \"$place\"",
            "\nenter_root();",
            "\nenter_working_directory(\"TRY_AGAIN_LATER\");",
            "\nset_personality(0x20008);",
            "\ndrop_capabilities(16, 17);",
            "\nbecome_user(1000, 100, 100, 27);",
            "\nenter_working_directory(\"ONLY_IF_DENIED_BEFORE\");",
            "\ncompare_directory(0);",
            "\nset_no_new_privileges();",
            "\nset_limit(7, \"open files\", 1024, 0);",
            "\nrun_command(0, undef);",
            "exec unshare --mount --propagation slave -- sh -c \"$(inside)\" syschroot \"$@\"");
  }

  @Test
  void of_shell_isChosenWhenTheScriptRuns() {
    SwitchRequest shell = SwitchRequest.in(Plans.image().build());
    assertThat(script(shell.login(true))).contains("\nrun_shell(1, undef);\n");
    assertThat(script(shell)).contains("enter_working_directory(\"MISSING\", \"/\");\n");
    Image own = Plans.image().shell(ImagePath.of("/bin/zsh")).build();
    assertThat(script(SwitchRequest.in(own))).contains("\nrun_shell(0, undef, \"/bin/zsh\");\n");
  }

  static Stream<SwitchRequest> requests() {
    OsString odd = OsString.ofBytes(new byte[] {'\'', '\n', (byte) 0x81, (byte) 0xff, '\\', '`'});
    SwitchRequest request = SwitchRequest.in(Plans.image().build());
    return Stream.of(
        Plans.requestOfEverything(),
        request,
        request.login(true).programName(odd),
        request.emptyEnvironment(true).command("ls"),
        request.command(List.of(odd, odd)).variable(OsString.of("$A@\"").plus(odd), odd),
        request.withoutVariable(odd).directory(ImagePath.of(OsString.of("/").plus(odd))),
        request.command("x", "\nEND_OF_INSIDE\n", "\nEND_OF_PERL\n"));
  }

  @ParameterizedTest
  @MethodSource("requests")
  void of_anyRequest_isAcceptedByTheShellAndPerl(SwitchRequest request) throws IOException {
    OsString text = ShellScript.of(Plans.imagePlan(request));
    Shell.Outcome outcome = Shell.run(folder, "sh", "-n", Shell.write(folder, text).toString());

    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.status()).isZero();
    String perl = text(text).split("<<'END_OF_PERL'\n")[1].split("\nEND_OF_PERL\n")[0];
    assertThat(perl).matches("[\\n -~]*");
    Path program = Files.writeString(folder.resolve("last.pl"), perl);
    Shell.Outcome checked = Shell.run(folder, "perl", "-wc", program.toString());
    assertThat(checked.err()).isEqualTo(program + " syntax OK\n");
  }

  @Test
  void of_endMarkerInThePlan_takesAnotherMarker() {
    SwitchRequest request =
        SwitchRequest.in(Plans.image().build())
            .mountNamespace(MountNamespace.PRIVATE)
            .command("x", "\nEND_OF_INSIDE\n");

    assertThat(script(request)).doesNotContain("cat <<'END_OF_INSIDE_2'\n");
    SwitchRequest root =
        SwitchRequest.in(
                Image.builder(Plans.image().build().name(), HostPath.of("/a\nEND_OF_INSIDE"))
                    .build())
            .mountNamespace(MountNamespace.PRIVATE);
    assertThat(script(root)).contains("cat <<'END_OF_INSIDE_2'\n");
  }

  private static String script(SwitchRequest request) {
    return text(ShellScript.of(Plans.imagePlan(request)));
  }

  private static String text(OsString script) {
    return new String(script.toBytes(), StandardCharsets.UTF_8);
  }
}
