// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.host.HostState;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.image.Personality;
import org.syschroot.kernel.Capability;
import org.syschroot.mounting.MountSurvey;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.mountplan.MountStep;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.plan.Identity;
import org.syschroot.plan.Limit;
import org.syschroot.plan.MountNamespace;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.plan.UserIds;

/** Really runs scripts, in an image that has nothing but a static busybox. */
final class ShellScriptRunTest {
  private static final Path BUSYBOX = Path.of("/bin/busybox");
  private static final Path MOUNTS = Path.of("/proc/self/mountinfo");

  private Path folder;
  private Path root;
  private List<OsString> environment = List.of(OsString.of("PATH=/nowhere:/bin"));
  private String directory = "/";
  private String scriptMode = "rw-------";
  private String mountsBefore;

  @BeforeEach
  void makeImage() throws IOException {
    require(Files.isExecutable(BUSYBOX), "there is no static " + BUSYBOX);
    require(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "this needs root");
    mountsBefore = Files.readString(MOUNTS);
    folder = Files.createTempDirectory("syschroot-script");
    root = Files.createDirectory(folder.resolve("image"));
    Files.createDirectories(root.resolve("work/here"));
    Path bin = Files.createDirectory(root.resolve("bin"));
    Files.copy(BUSYBOX, bin.resolve("busybox"));
    for (String name : List.of("sh", "cat", "id", "uname", "touch", "grep", "mkdir", "sleep")) {
      Files.createSymbolicLink(bin.resolve(name), Path.of("/bin/busybox"));
    }
  }

  private static void require(boolean met, String reason) {
    if (!met && Boolean.getBoolean("syschroot.tests.mustRun")) {
      throw new AssertionError(reason);
    } else if (!met) {
      System.out.println("skipped: " + reason);
      abort(reason);
    }
  }

  @AfterEach
  void removeImage() throws IOException {
    if (folder == null) {
      return;
    }
    assertThat(Files.readString(MOUNTS)).isEqualTo(mountsBefore).doesNotContain(folder.toString());
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private Image.Builder image(String... mounts) {
    MountPlan plan = MountPlan.empty();
    for (String mount : mounts) {
      MountStep step = BindMount.parse(OsString.of(mount));
      plan = plan.plus(step);
    }
    return Image.builder(new ImageName("tiny"), HostPath.of(root.toString()))
        .directoryPolicy(DirectoryPolicy.ROOT)
        .mounts(plan);
  }

  /** Runs the script from the directory, with exactly the entries of the environment. */
  private Shell.Outcome run(SwitchRequest request, String... before) {
    HostFiles files = path -> HostFiles.Kind.DIRECTORY;
    try {
      OsString script =
          ShellScript.of(request.plan(new HostState(files, MountSurvey.NOTHING_MOUNTED)));
      ShellText caller = new ShellText().line("cd -- ", OsString.of(directory));
      List<Object> line = new ArrayList<>(List.of("exec env -i --"));
      for (OsString entry : environment) {
        line.add(" ");
        line.add(entry);
      }
      line.add(" \"$@\"");
      caller.line(line.toArray());
      List<String> words = new ArrayList<>(List.of(before));
      for (OsString each : List.of(caller.toOsString(), script)) {
        Path file = Shell.write(folder, each);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(scriptMode));
        words.addAll(List.of("/bin/sh", file.toString()));
      }
      return Shell.run(folder, words.toArray(new String[0]));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static SwitchRequest sh(Image image, String script) {
    return SwitchRequest.in(image).command("sh", "-c", script, "name");
  }

  @Test
  void run_plainCommand_hasDirectoryMarkerAndName() {
    Shell.Outcome outcome = run(sh(image().build(), "pwd; echo $SYSCHROOT_IMAGE; id -u; exit 3"));

    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.text()).isEqualTo("/\ntiny\n0\n");
    assertThat(outcome.status()).isEqualTo(3);
  }

  @Test
  void run_everything_isAsPlanned() {
    Image image =
        image("/proc")
            .personality(Personality.of(List.of("linux32")))
            .openFiles(128)
            .droppedCapabilities(Set.of(Capability.SYS_MODULE))
            .noNewPrivileges(true)
            .build();
    String script =
        "pwd; id; uname -m; ulimit -n; grep -E '^(CapBnd|CapInh|CapEff|NoNew)' /proc/self/status";
    Shell.Outcome outcome =
        run(sh(image, script).identity(new Identity(4321, 1234, List.of(5, 6))));

    assertThat(outcome.err()).isEmpty();
    List<String> lines = outcome.text().lines().toList();
    boolean x86 = System.getProperty("os.arch").equals("amd64");
    assertThat(lines.subList(0, 4))
        .containsExactly("/", "uid=4321 gid=1234 groups=5,6", x86 ? "i686" : "armv8l", "128");
    assertThat(lines).contains("CapEff:\t0000000000000000", "NoNewPrivs:\t1");
    assertThat(lines.get(5)).startsWith("CapEff");
    long bounding = Long.parseUnsignedLong(lines.get(6).substring("CapBnd:\t".length()), 16);
    assertThat(bounding & 1L << Capability.SYS_MODULE.number()).isZero();
    assertThat(bounding & 1L << Capability.SYS_CHROOT.number()).isNotZero();
  }

  @Test
  void run_limits_areTheCommandsSoftAndHardButNeverHigher() {
    SwitchRequest request =
        sh(image().build(), "ulimit -n; ulimit -Hn; ulimit -v; ulimit -Hv; ulimit -t; ulimit -Ht")
            .limit(Limit.OPEN_FILES, Long.MAX_VALUE)
            .limit(Limit.ADDRESS_SPACE_BYTES, 1L << 30)
            .limit(Limit.CPU_SECONDS, 60)
            .identity(new Identity(4321, 1234, List.of()));
    Shell.Outcome outcome = run(request);

    assertThat(outcome.err()).isEmpty();
    List<String> lines = outcome.text().lines().toList();
    assertThat(lines.get(0)).isEqualTo(lines.get(1));
    assertThat(lines.subList(2, 6)).containsExactly("1048576", "1048576", "60", "60");
  }

  @Test
  void run_oddArgumentsAndEnvironment_arriveByteForByte() {
    OsString odd = OsString.ofBytes(new byte[] {(byte) 0xe9, '\'', '\n', (byte) 0x81, '\\', '%'});
    environment =
        List.of(
            OsString.of("PATH=/bin"),
            OsString.of("EMPTY="),
            OsString.of("-u=").plus(odd),
            OsString.of("BASH_FUNC_module%%=() { :\n}"),
            OsString.of("=nameless"));
    List<OsString> words = List.of(OsString.of("cat"), OsString.of("/proc/self/environ"));
    Image image = image("/proc").build();
    List<OsString> expected = new ArrayList<>(environment);
    expected.add(OsString.of("SYSCHROOT_IMAGE=tiny"));

    assertThat(OsString.split(run(SwitchRequest.in(image).command(words)).out()))
        .isEqualTo(expected);
    List<OsString> command =
        List.of(
            OsString.of("sh"),
            OsString.of("-c"),
            OsString.of("cat /proc/$$/cmdline; :"),
            odd,
            OsString.of(""),
            OsString.of("-S"));
    assertThat(OsString.split(run(SwitchRequest.in(image).command(command)).out()))
        .isEqualTo(command);
  }

  @Test
  void run_readOnlyMount_coversWhatIsMountedBeneath() throws IOException {
    Path source = Files.createDirectory(folder.resolve("s %s"));
    Image image = image(source + ":/data:ro", "/proc").build();
    String before =
        "mount -t tmpfs a '%1$s' && mkdir '%1$s/b %%d' && mount -t tmpfs -o noexec b '%1$s/b %%d'"
                .formatted(source.toString().replace("%s", "%%s"))
                .replace("%%", "%")
            + " && exec \"$@\"";
    Shell.Outcome outcome =
        run(
            sh(image, "touch /data/x; touch '/data/b %d/x'; grep ' /data' /proc/self/mountinfo"),
            "unshare",
            "--mount",
            "sh",
            "-c",
            before,
            "sh");

    assertThat(outcome.err().lines()).hasSize(2).allMatch(line -> line.contains("Read-only"));
    assertThat(outcome.text().lines().toList())
        .hasSize(2)
        .satisfies(lines -> assertThat(lines.get(0)).contains(" / /data ro,"))
        .satisfies(lines -> assertThat(lines.get(1)).contains("b\\040%d ro,noexec"));
  }

  @Test
  void run_symbolicLinkAsTarget_staysInTheImage() throws IOException {
    Path source = Files.createDirectory(folder.resolve("source"));
    Files.createFile(source.resolve("seen"));
    Files.createSymbolicLink(root.resolve("out"), Path.of("../../../../over/there"));
    Image image = image(source + ":/out/data").build();

    Shell.Outcome outcome = run(sh(image, "echo /over/there/data/*"));

    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.text()).isEqualTo("/over/there/data/seen\n");
    assertThat(Path.of("/over")).doesNotExist();
  }

  @Test
  void run_onSharedMounts_letsNothingOut() throws IOException {
    Image image = image("/proc").build();
    String before =
        "mount --make-rshared / && n=$(grep -c image /proc/self/mountinfo); \"$@\"; "
            + "[ \"$(grep -c image /proc/self/mountinfo)\" = \"$n\" ]";

    Shell.Outcome outcome =
        run(
            sh(image, "grep -c ' /proc ' /proc/self/mountinfo; sh -c 'sleep 1 &'"),
            "unshare",
            "--mount",
            "sh",
            "-c",
            before,
            "sh");

    assertThat(outcome.text()).isEqualTo("1\n");
    assertThat(outcome.status()).isZero();
  }

  @Test
  void run_command_isTheSameProcessWithNoFurtherDescriptor() {
    Image image = image("/proc").build();
    String script =
        "echo $$; for n in 3 4 5 6 7 8 9 10 11; do [ ! -h /proc/$$/fd/$n ] || echo $n; done";
    Shell.Outcome outcome = run(sh(image, script), "sh", "-c", "echo $$; exec \"$@\"", "sh");

    List<String> lines = outcome.text().lines().toList();
    assertThat(lines).hasSize(2);
    assertThat(lines.get(1)).isEqualTo(lines.get(0));
  }

  @Test
  void run_missingDirectory_isReplacedForAShellOnlyAndSaysSo() throws IOException {
    directory = Files.createDirectory(folder.resolve("here\u001b")).toString();
    String told =
        "syschroot: tiny: cannot enter "
            + directory.replace("\u001b", "\\x1b")
            + " in the image: No such file or directory";

    Shell.Outcome command = run(sh(image().build(), "pwd"));
    assertThat(command.err()).isEqualTo(told + "\n");
    assertThat(command.status()).isEqualTo(125);

    environment = List.of(OsString.of("SHELL=/bin/sh"), OsString.of("HOME=/work"));
    Shell.Outcome shell = run(SwitchRequest.in(image().build()));
    assertThat(shell.err()).isEqualTo(told + "; starting in /\n");
    assertThat(shell.status()).isZero();
    Image home = image().directoryPolicy(DirectoryPolicy.HOME).build();
    assertThat(run(SwitchRequest.in(home)).err()).isEqualTo(told + "; starting in /work\n");
    assertThat(run(SwitchRequest.in(home).shell(List.of(OsString.of("-c")))).status())
        .isEqualTo(125);
  }

  @Test
  void run_directoryBehindALinkOfTheHost_isEnteredByPwd() throws IOException {
    Path real = Files.createDirectory(folder.resolve("real"));
    directory = Files.createSymbolicLink(folder.resolve("link"), real).toString();
    Files.createDirectories(root.resolve(directory.substring(1)));
    environment = List.of(OsString.of("PATH=/bin"), OsString.of("PWD=" + directory));

    Shell.Outcome outcome = run(sh(image().build(), "pwd"));
    assertThat(outcome.text()).as(outcome.err()).isEqualTo(directory + "\n");
    environment = List.of(OsString.of("PATH=/bin"), OsString.of("PWD=/work"));
    assertThat(run(sh(image().build(), "pwd")).status()).isEqualTo(125);
  }

  @Test
  void run_anotherDirectoryOfTheSameName_isTold() throws IOException {
    Path shared = Files.createDirectory(folder.resolve("it's"));
    directory = shared.toString();
    Path inside = root.resolve(directory.substring(1));
    Files.createDirectories(inside);
    String fact =
        "syschroot: tiny: " + directory + " in the image is not " + directory + " of the host";

    assertThat(run(sh(image().build(), "pwd")).err())
        .isEqualTo(fact + ": files you write here stay in the image\n");
    assertThat(run(sh(image().build(), "pwd").identity(new Identity(4321, 4321, List.of()))).err())
        .isEmpty();
    Files.setPosixFilePermissions(inside, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThat(run(sh(image().build(), "pwd").identity(new Identity(4321, 4321, List.of()))).err())
        .isEqualTo(fact + ": files you write here stay in the image\n");
    Shell.Outcome same = run(sh(image().directoryPolicy(DirectoryPolicy.SAME).build(), "pwd"));
    assertThat(same.err()).isEqualTo(fact + "\n");
    assertThat(same.status()).isEqualTo(125);
    assertThat(same.text()).isEmpty();
  }

  @Test
  void run_rootDirectory_isEnteredSilently() throws IOException {
    directory = "/";
    Shell.Outcome outcome = run(sh(image().directoryPolicy(DirectoryPolicy.SAME).build(), "pwd"));

    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.text()).isEqualTo("/\n");
  }

  @Test
  void run_theSameDirectory_isEnteredSilently() throws IOException {
    directory = Files.createDirectory(folder.resolve("shared")).toString();
    Image image = image(directory).directoryPolicy(DirectoryPolicy.SAME).build();

    Shell.Outcome outcome = run(sh(image, "pwd"));
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.text()).isEqualTo(directory + "\n");
  }

  /** What setpriv(1), nsenter(1) and chroot(1) have no way to say. */
  @Test
  void run_whatNoCommandCanDo_isDone() {
    Image image = image("/proc").build();
    SwitchRequest cat = SwitchRequest.in(image).command("cat", "/proc/self/cmdline");
    assertThat(run(cat.programName(OsString.of("other name"))).err()).contains("other name");
    SwitchRequest busybox = SwitchRequest.in(image).command("/bin/busybox", "/proc/self/cmdline");
    assertThat(OsString.split(run(busybox.programName(OsString.of("cat"))).out()))
        .containsExactly(OsString.of("cat"), OsString.of("/proc/self/cmdline"));
    SwitchRequest shown = sh(image, "cat /proc/$$/cmdline; :").login(true);
    assertThat(OsString.split(run(shown).out()).get(0)).isEqualTo(OsString.of("-sh"));

    SwitchRequest status = SwitchRequest.in(image).command("grep", "^Cap", "/proc/self/status");
    String none = "0000000000000000\n";
    assertThat(run(status.dropCapabilities(EnumSet.allOf(Capability.class))).text())
        .isEqualTo(
            "CapInh:\t"
                + none
                + "CapPrm:\t"
                + none
                + "CapEff:\t"
                + none
                + "CapBnd:\t"
                + none
                + "CapAmb:\t"
                + none);
    SwitchRequest id =
        SwitchRequest.in(image).command("id").identity(new Identity(7, 8, List.of()));
    assertThat(run(id.dropCapabilities(Set.of(Capability.SETUID, Capability.SYS_CHROOT))).text())
        .isEqualTo("uid=7 gid=8\n");
    SwitchRequest personality = SwitchRequest.in(image).command("cat", "/proc/self/personality");
    assertThat(run(personality.personality(new Personality(0x10000000L))).text())
        .isEqualTo("10000000\n");
  }

  @Test
  void run_command_isLookedForAlongThePathOfWhoRunsIt() throws IOException {
    Files.writeString(root.resolve("work/text"), "echo text \"$@\"\n");
    Files.writeString(root.resolve("work/orphan"), "#!/no/such\n");
    Files.writeString(root.resolve("work/denied"), "#!/bin/sh\n");
    for (String name : List.of("text", "orphan")) {
      Files.setPosixFilePermissions(
          root.resolve("work/" + name), PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    environment = List.of(OsString.of("PATH=/nowhere:/work/text:/work"));
    SwitchRequest request = SwitchRequest.in(image().build());
    Shell.Outcome text = run(request.command("text", "a  b"));
    assertThat(text.err()).isEmpty();
    assertThat(text.text()).isEqualTo("text a  b\n");
    Shell.Outcome orphan = run(request.command("orphan"));
    assertThat(orphan.status()).isEqualTo(126);
    assertThat(orphan.err()).contains("/work/orphan: its interpreter is missing");
    assertThat(run(request.command("denied")).status()).isEqualTo(126);
    assertThat(run(request.command("sh")).status()).isEqualTo(127);
    environment = List.of();
    assertThat(run(request.command("sh", "-c", "echo ran")).text()).isEqualTo("ran\n");
    environment = List.of(OsString.of("PATH="));
    assertThat(run(request.command("bin/sh", "-c", "echo $PATH.")).text()).isEqualTo(".\n");
  }

  @Test
  void run_shellOfTheCaller_isTheFirstThatIsThere() {
    environment = List.of(OsString.of("SHELL=/bin/zsh"));
    Shell.Outcome outcome = run(SwitchRequest.in(image().build()));
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.status()).isZero();

    environment = List.of(OsString.of("SHELL=/bin/sh"));
    assertThat(run(SwitchRequest.in(image().build()).login(true)).status()).isZero();
  }

  /** Returns what runs a command as a user without privileges. */
  private static String[] asNobody() {
    return new String[] {
      "setpriv", "--reuid", "65534", "--regid", "65534", "--groups", "65534,12345", "--"
    };
  }

  @Test
  void run_rootless_isTheSameUserWithItsOwnMountsAndNoPrivilege() throws IOException {
    openToAll();
    Path source = Files.createDirectory(folder.resolve("source"));
    Path secret = Files.writeString(source.resolve("seen"), "by the group\n");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("r--r-----"));
    Files.setAttribute(secret, "unix:gid", 12345);
    Files.createDirectory(root.resolve("data"));
    Files.createDirectory(root.resolve("proc"));
    Image image = image(source + ":/data:ro", "/proc").build();
    String script = "pwd; id -u; id -g; cat /data/seen; grep CapEff /proc/self/status";

    Shell.Outcome outcome = run(sh(image, script).rootless(UserIds.KEPT), asNobody());

    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.text())
        .isEqualTo("/\n65534\n65534\nby the group\nCapEff:\t0000000000000000\n");
    assertThat(run(sh(image, "exit 3").rootless(UserIds.KEPT), asNobody()).status()).isEqualTo(3);
  }

  @Test
  void run_asRoot_isRootOfItsNamespace() throws IOException {
    openToAll();
    Shell.Outcome outcome =
        run(sh(image().build(), "id -u; id -g").rootless(UserIds.AS_ROOT), asNobody());

    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.text()).isEqualTo("0\n0\n");
  }

  @Test
  void run_rootlessInARootOfSomebodyElse_isRefused() throws IOException {
    openToAll();
    Files.setAttribute(root, "unix:uid", 4321);
    Shell.Outcome outcome = run(sh(image().build(), "id").rootless(UserIds.KEPT), asNobody());
    Files.setAttribute(root, "unix:uid", 65534);
    Shell.Outcome own = run(sh(image().build(), "id -u").rootless(UserIds.KEPT), asNobody());

    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.err()).contains("does not belong to root or you");
    assertThat(own.err()).isEmpty();
    assertThat(own.text()).isEqualTo("65534\n");
  }

  private void openToAll() throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    scriptMode = "r--r--r--";
  }

  @Test
  void run_failures_haveTheStatusOfTheContract() throws IOException {
    assertThat(run(SwitchRequest.in(image().build()).command("nothing")).status()).isEqualTo(127);
    assertThat(run(SwitchRequest.in(image().build()).command("/work")).status()).isEqualTo(126);
    Shell.Outcome missing = run(sh(image("/not/there").build(), "pwd"));
    assertThat(missing.status()).isEqualTo(125);
    assertThat(missing.err()).contains("syschroot: tiny: cannot mount /not/there");

    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxrwxr-x"));
    Shell.Outcome unsafe = run(sh(image().build(), "pwd").mountNamespace(MountNamespace.PRIVATE));
    assertThat(unsafe.status()).isEqualTo(125);
    assertThat(new String(unsafe.out(), StandardCharsets.UTF_8)).isEmpty();
    assertThat(unsafe.err()).contains("is writable by other users");
  }
}
