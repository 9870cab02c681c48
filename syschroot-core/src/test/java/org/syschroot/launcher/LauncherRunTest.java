// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.kernel.Capability;
import org.syschroot.launcher.LauncherImage.Outcome;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.Limit;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** What launchers do for an ordinary user. */
@RequiresRoot
@RequiresCommand({"busybox", "setpriv", "bash"})
final class LauncherRunTest {
  private static final String STATUS = "exec 3</proc/self/status; exec \"$0\" \"$@\"";

  private LauncherImage image;

  @BeforeEach
  void make() throws IOException {
    image = new LauncherImage();
  }

  @AfterEach
  void remove() throws IOException {
    image.close();
  }

  private Launchers plan(LauncherForm form) throws IOException {
    return form.of(image.plain());
  }

  @ParameterizedTest
  @EnumSource
  void command_asUser_keepsIdsDirectoryAndEnvironment(LauncherForm form) throws Exception {
    Path sh = image.write("sh", plan(form));
    image.set("LD_LIBRARY_PATH", "/some/lib").set("EMPTY", "").set("BASH_FUNC_f%%", "() {  :\n}");
    Outcome outcome =
        image.user(sh, "-c", "id -u; id -g; pwd; echo $LD_LIBRARY_PATH; env | wc -l; ls /");
    assertThat(outcome.isOk().lines())
        .startsWith("65534", "65534", image.work().toString(), "/some/lib");
    // Not through the image's shell, which drops what is no shell variable's name.
    Path env = image.write("env", image.plain().command("/bin/env"));
    Outcome variables = image.user(env).isOk();
    assertThat(variables.out())
        .contains("EMPTY=\n", "BASH_FUNC_f%%=() {  :\n}\n", "SYSCHROOT_IMAGE=sl5\n");
  }

  @ParameterizedTest
  @EnumSource
  void command_asUser_hasNoPrivilegeLeft(LauncherForm form) throws Exception {
    Path sh = image.write("sh", plan(form));
    Outcome outcome = image.user(STATUS, image.work(), sh, "-c", "cat <&3").isOk();
    assertThat(outcome.out())
        .contains("Uid:\t65534\t65534\t65534\t65534", "Gid:\t65534\t65534\t65534\t65534")
        .contains("CapPrm:\t0000000000000000", "CapEff:\t0000000000000000")
        .contains("CapInh:\t0000000000000000", "CapAmb:\t0000000000000000");
  }

  @Test
  void command_anyArgumentZero_isHandedOn() throws Exception {
    Path sh = image.write("sh", image.plain());
    for (String name : List.of("sh", "-sh", "../../sh", "/x/../sh")) {
      Outcome outcome =
          image.user(
              "exec -a \"$1\" \"$0\" -c 'cat <&3; true' 3</proc/self/cmdline",
              image.work(),
              sh,
              name);
      assertThat(outcome.isOk().out()).startsWith(name + "\0-c\0");
    }
  }

  @Test
  void command_withoutAnyArgument_isSurvived() throws Exception {
    Path launcher = image.write("l", image.plain().command("/bin/exit42"));
    Path imageLauncher = image.write("sl5", image.plain().image());
    Path first =
        image.executable(
            image.folder().resolve("a"), SmallProgram.executeWithoutArguments(launcher.toString()));
    Path second =
        image.executable(
            image.folder().resolve("b"),
            SmallProgram.executeWithoutArguments(imageLauncher.toString()));
    assertThat(image.user(first).status()).isEqualTo(42);
    // From Linux 5.18 on the kernel adds an empty argv[0]; before, there is a message.
    assertThat(image.user(second).status()).isIn(0, 125);
  }

  @Test
  void command_longestArgument_isHandedOn() throws Exception {
    Path sl5 = image.write("sl5", image.plain().image());
    Outcome outcome =
        image.user(
            "a=$(printf '%*s' 131071 ''); exec \"$0\" sh -c 'printf %s \"$1\" | wc -c' sh \"$a\"",
            image.work(), sl5);
    assertThat(outcome.isOk().out().strip()).isEqualTo("131071");
  }

  @Test
  void marker_inherited_isReplaced() throws Exception {
    Path sh = image.write("sh", image.plain());
    image.set("SYSCHROOT_IMAGE", "forged").set("SYSCHROOT_IMAGES", "other");
    Outcome outcome = image.user(sh, "-c", "env").isOk();
    assertThat(outcome.lines()).containsOnlyOnce("SYSCHROOT_IMAGE=sl5", "SYSCHROOT_IMAGES=other");
    assertThat(outcome.out()).doesNotContain("forged");
  }

  @Test
  void settings_personalityLimitVariables_areMade() throws Exception {
    Launchers launchers =
        image
            .plain()
            .personality(8)
            .openFiles(40)
            .noNewPrivileges()
            .dropping(Set.of(Capability.SYS_MODULE, Capability.SYS_RAWIO))
            .variables(
                Map.of(
                    OsString.of("CLUSTER"), OsString.of("bham"),
                    OsString.of("SITE"), OsString.of("x y")));
    Path sh = image.write("sh", launchers);
    image.set("CLUSTER", "other");
    String lines = "uname -m; ulimit -n; echo $CLUSTER $SITE $SYSCHROOT_IMAGE; cat <&3";
    Outcome outcome = image.user(STATUS, image.work(), sh, "-c", lines).isOk();
    assertThat(outcome.lines().subList(0, 3))
        .containsExactly(
            "aarch64".equals(System.getProperty("os.arch")) ? "armv8l" : "i686",
            "40",
            "bham x y sl5");
    assertThat(outcome.out()).contains("NoNewPrivs:\t1", "CapEff:\t0000000000000000");
    String bounding = outcome.out().replaceAll("(?s).*CapBnd:\t([0-9a-f]+).*", "$1");
    assertThat(Long.parseUnsignedLong(bounding, 16) & (3L << 16)).isZero();
    Outcome low =
        image.user("ulimit -n 20; exec \"$0\" -c 'ulimit -n; ulimit -Hn'", image.work(), sh);
    assertThat(low.isOk().lines()).containsExactly("20", "20");
  }

  private static final String LIMITS =
      "ulimit -t; ulimit -Ht; ulimit -f; ulimit -Hf; ulimit -v; ulimit -Hv";

  private Launchers limited(long seconds, long fileBytes, long addressBytes) throws Exception {
    return image
        .plain()
        .limits(
            new KernelStep.SetLimit(Limit.CPU_SECONDS, seconds, false),
            new KernelStep.SetLimit(Limit.FILE_BYTES, fileBytes, true),
            new KernelStep.SetLimit(Limit.ADDRESS_SPACE_BYTES, addressBytes, true));
  }

  /** An operand holds 27 bits; the second number has other bytes everywhere. */
  @Test
  void limits_ofAnySize_areSetSoftAndHard() throws Exception {
    Path sh = image.write("sh", limited(70, 0x0102_0304_0506_0800L, 5L << 30));

    assertThat(image.user(sh, "-c", LIMITS).isOk().lines())
        .containsExactly(
            "70",
            "unlimited",
            Long.toString(0x0102_0304_0506_0800L / 512),
            Long.toString(0x0102_0304_0506_0800L / 512),
            Long.toString(5L << 20),
            Long.toString(5L << 20));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void limits_aboveThoseOfTheCaller_raiseNothing(boolean root) throws Exception {
    Path sh = image.write("sh", limited(Long.MAX_VALUE, 1L << 40, 6L << 30));
    String lower = "ulimit -t 50; ulimit -f 4; ulimit -v 4194304; exec \"$0\" -c '" + LIMITS + "'";
    Outcome outcome =
        root
            ? image.run(List.of("bash", "-c", lower, sh.toString()), image.work())
            : image.user(lower, image.work(), sh);

    String blocks = Integer.toString(4 * 1024 / 512); // bash counts in blocks of 1024 bytes
    assertThat(outcome.lines()).containsExactly("50", "50", blocks, blocks, "4194304", "4194304");
  }

  @Test
  void image_commandShellAndOptions_areTold() throws Exception {
    Path sl5 = image.write("sl5", image.plain().image());
    assertThat(image.user(sl5, "printf", "%s|", "a b", "", "-c").isOk().out())
        .isEqualTo("a b||-c|");
    assertThat(image.user(sl5, "-c", "echo $0 $1", "x", "y").isOk().out()).isEqualTo("x y\n");
    assertThat(image.user(sl5, "sh", "-c", "exit 7").status()).isEqualTo(7);
    Outcome missing = image.user(sl5, "nosuch");
    assertThat(missing.status()).isEqualTo(127);
    assertThat(missing.err()).contains("sl5", "nosuch");
    String login = "echo 'echo $0; pwd' | exec -a \"$1\" \"$0\"";
    assertThat(image.user(login, image.work(), sl5, "-sl5").isOk().lines())
        .containsExactly("-sh", image.work().toString());
    assertThat(image.user(login, image.work(), sl5, "sl5").isOk().lines().get(0)).isEqualTo("sh");
  }

  /** env(1) hands on what a shell would drop, and an image without it has its shell. */
  @Test
  void image_command_isLookedUpByEnvElseByTheShell() throws Exception {
    Path sl5 = image.write("sl5", image.plain().image());
    image.set("BASH_FUNC_f%%", "() {  :\n}").set("no.variable", "x");
    assertThat(image.user(sl5, "env").isOk().out()).doesNotContain("BASH_FUNC_f");
    assertThat(image.user(sl5, "nosuch").err()).startsWith("sl5: ");
    Path env = Files.createDirectories(image.root().resolve("usr/bin")).resolve("env");
    Files.createSymbolicLink(env, Path.of("/bin/busybox"));
    assertThat(image.user(sl5, "env").isOk().out())
        .contains("BASH_FUNC_f%%=() {  :\n}\n", "no.variable=x\n", "SYSCHROOT_IMAGE=sl5\n");
    assertThat(image.user(sl5, "printf", "%s|", "a b", "", "-c").isOk().out())
        .isEqualTo("a b||-c|");
    assertThat(image.user(sl5, "sh", "-c", "exit 7").status()).isEqualTo(7);
    Outcome missing = image.user(sl5, "nosuch");
    assertThat(missing.status()).isEqualTo(127);
    assertThat(missing.err()).contains("env", "nosuch");
  }

  /** In the directories of SearchPath.USUAL, with the environment as it is. */
  @Test
  void image_commandWithoutPath_isInTheUsualDirectories() throws Exception {
    Path sl5 = image.write("sl5", image.plain().image());
    script("usr/local/bin/sub/nested", "#!/bin/sh");
    script("usr/local/bin/text", "echo text $0 \"$@\"");
    script("usr/local/sbin/both", "#!/bin/sh\necho $0");
    script("usr/sbin/both", "#!/bin/sh\necho $0");
    script("usr/sbin/denied", "#!/bin/sh\necho $0");
    Path denied = script("usr/local/bin/denied", "#!/bin/sh\necho wrong");
    Files.setPosixFilePermissions(denied, PosixFilePermissions.fromString("rw-r--r--"));
    Path env = Files.createDirectories(image.root().resolve("usr/bin")).resolve("env");
    Files.createSymbolicLink(env, Path.of("/bin/busybox"));
    Path copy = image.root().resolve("usr/local/bin/busybox");
    Files.createSymbolicLink(copy, Path.of("/bin/busybox"));
    image.set("BASH_FUNC_f%%", "() {  :\n}");

    assertThat(withoutPath(sl5, "both").isOk().out()).isEqualTo("/usr/local/sbin/both\n");
    assertThat(withoutPath(sl5, "denied").isOk().out()).isEqualTo("/usr/sbin/denied\n");
    assertThat(withoutPath(sl5, "text", "a b").isOk().out())
        .isEqualTo("text /usr/local/bin/text a b\n");
    assertThat(withoutPath(sl5, "busybox", "env").isOk().out())
        .contains("BASH_FUNC_f%%=() {  :\n}\n")
        .doesNotContain("PATH=");
    assertThat(withoutPath(sl5, "sub/nested").status()).isEqualTo(127);
    assertThat(withoutPath(sl5, "nosuch").status()).isEqualTo(127);
    // NAME_MAX is 255; a longer name is nowhere, whatever its length.
    for (int length : List.of(255, 256, 257, 4096, 100_000)) {
      String name = "n".repeat(length);
      if (length == 255) {
        script("usr/local/bin/" + name, "#!/bin/sh\necho long");
        assertThat(withoutPath(sl5, name).isOk().out()).isEqualTo("long\n");
      } else {
        assertThat(withoutPath(sl5, name).status()).isIn(126, 127);
      }
    }
  }

  private Path script(String path, String text) throws IOException {
    Files.createDirectories(image.root().resolve(path).getParent());
    image.program(path, (text + "\n").getBytes(StandardCharsets.US_ASCII));
    return image.root().resolve(path);
  }

  private Outcome withoutPath(Path launcher, String... words) throws IOException {
    return image.user("unset PATH; exec \"$0\" \"$@\"", image.work(), launcher, words);
  }

  /** The kernel cuts the limit to 8 MiB when an ordinary user executes a file with a privilege. */
  @ParameterizedTest
  @EnumSource(names = "ROOTLESS", mode = EnumSource.Mode.EXCLUDE)
  void stackLimit_cutByTheKernel_isTheParentsAgain(LauncherForm form) throws Exception {
    Path sh = image.write("sh", plan(form));
    String limits = " \"$0\" -c 'ulimit -s; ulimit -Hs'; exit";
    for (String limit : List.of("unlimited", "102400", "8192", "4096")) {
      Outcome kept = image.user("ulimit -Ss " + limit + ";" + limits, image.work(), sh);
      assertThat(kept.isOk().lines()).containsExactly(limit, "unlimited");
    }
    // What the parent does not have is not known; what it has, but not more than the hard limit.
    Outcome own = image.user("(ulimit -Ss 102400; exec" + limits + ")", image.work(), sh);
    assertThat(own.isOk().lines()).containsExactly("8192", "unlimited");
    Outcome hard =
        image.user("ulimit -Ss 102400; (ulimit -s 9000; exec" + limits + ")", image.work(), sh);
    assertThat(hard.isOk().lines()).containsExactly("8192", "9000");
    // A lower limit of the parent is none that was cut.
    Outcome raised =
        image.user("ulimit -Ss 4096; (ulimit -Ss 8192; exec" + limits + ")", image.work(), sh);
    assertThat(raised.isOk().lines()).containsExactly("8192", "unlimited");
  }

  @Test
  void stackLimit_ofRoot_isItsOwn() throws Exception {
    Path sh = image.write("sh", image.plain());
    String lines = "ulimit -Ss unlimited; (ulimit -Ss 8192; exec \"$0\" -c 'ulimit -s'); exit";
    Outcome outcome = image.run(List.of("bash", "-c", lines, sh.toString()), image.work());
    assertThat(outcome.out()).isEqualTo("8192\n");
    assertThat(outcome.err()).isEqualTo(otherDirectory());
  }

  /** Root may write in the directory of the image that is not the one it came from. */
  private String otherDirectory() {
    String directory = image.work().toString();
    return "syschroot: sl5: "
        + directory
        + " in the image is not "
        + directory
        + " of the host: files you write here stay in the image\n";
  }

  @Test
  void image_callersShell_isUsedIfKnownAndThere() throws Exception {
    List<ImagePath> known = List.of(ImagePath.of("/bin/ash"), ImagePath.of("/bin/zsh"));
    Path sl5 =
        image.write(
            "sl5",
            image.plain().program(new LaunchedProgram.Shell(known, ImagePath.of("/bin/sh"))));
    String named = "export SHELL=\"$1\"; echo 'echo $0' | exec -a sl5 \"$0\"";
    assertThat(image.user(named, image.work(), sl5, "/bin/ash").isOk().out()).isEqualTo("ash\n");
    assertThat(image.user(named, image.work(), sl5, "/bin/zsh").isOk().out()).isEqualTo("sh\n");
    assertThat(image.user(named, image.work(), sl5, "/bin/bash").isOk().out()).isEqualTo("sh\n");
    assertThat(image.user(named, image.work(), sl5, "/bin/ash/").isOk().out()).isEqualTo("sh\n");
  }

  @Test
  void program_notToBeRun_exitsAsAShellWould() throws Exception {
    image.program("bin/text", new byte[] {1, 2, 3});
    image.program("bin/script", "#!/no/such\n".getBytes(StandardCharsets.US_ASCII));
    Outcome missing = image.user(image.write("a", image.plain().command("/bin/none")));
    assertThat(missing.status()).isEqualTo(127);
    assertThat(missing.err())
        .isEqualTo("syschroot: sl5: cannot run /bin/none: No such file or directory\n");
    Outcome format = image.user(image.write("b", image.plain().command("/bin/text")));
    assertThat(format.status()).isEqualTo(126);
    assertThat(format.err()).isEqualTo("syschroot: sl5: cannot run /bin/text: Exec format error\n");
    Outcome script = image.user(image.write("c", image.plain().command("/bin/script")));
    assertThat(script.status()).isEqualTo(126);
    assertThat(script.err()).contains("/bin/script", "its interpreter is not in the image");
  }

  @Test
  void script_withLauncherAsInterpreter_runsInTheImage() throws Exception {
    Path sh = image.write("sh", image.plain());
    Files.createSymbolicLink(
        Files.createDirectories(image.inImage(sh.getParent())).resolve("sh"), Path.of("/bin/sh"));
    for (Path work : List.of(image.work(), image.inImage(image.work()))) {
      String first = "#!" + sh + " -u\necho $0 $- $SYSCHROOT_IMAGE; ./inner y";
      image.executable(work.resolve("outer"), first.getBytes(StandardCharsets.US_ASCII));
      String second = "#!" + sh + "\necho inner $1 $SYSCHROOT_IMAGE";
      image.executable(work.resolve("inner"), second.getBytes(StandardCharsets.US_ASCII));
    }
    Outcome outcome = image.user("exec $PWD/outer x", image.work(), sh).isOk();
    assertThat(outcome.lines()).containsExactly(image.work() + "/outer u sl5", "inner y sl5");
  }

  @Test
  void asRoot_command_runsToo() throws Exception {
    Path sl5 = image.write("sl5", image.plain().image().policy(DirectoryPolicy.ROOT));
    Outcome outcome = image.run(List.of(sl5.toString(), "id", "-u"), image.work());
    assertThat(outcome.out()).isEqualTo("0\n");
    assertThat(outcome.err()).isEqualTo(otherDirectory());
  }
}
