// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.Syschroot;
import org.syschroot.image.Image;
import org.syschroot.kernel.Accounts;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.plan.Identity;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.Limit;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchListener;
import org.syschroot.plan.SwitchPlan;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.site.Contribution;
import org.syschroot.site.Requester;
import org.syschroot.site.SwitchContributor;
import org.syschroot.spawn.SwitchedProcess;
import org.syschroot.testing.BusyboxImage;
import org.syschroot.testing.Dose;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;
import org.syschroot.testing.SiteJarFile;

/**
 * What the configuration says counts for the command and for programs with the library alike. Every
 * run does the rules of access in turn by the ways that take a JVM, and by all other ways; {@code
 * -Pstress} does each by each.
 */
@RequiresRoot
@InOwnMountNamespace
@RequiresCommand("busybox")
class OneFacadeIT {
  @TempDir static Path directory;

  private TestSite site;
  private Path root;

  @BeforeEach
  void createSite() throws Exception {
    site = TestSite.empty();
    root = directory.resolve("images/small");
    if (!Files.exists(root)) {
      BusyboxImage.tree(directory.resolve("images"), "small");
    }
    Files.deleteIfExists(root.resolve("heard"));
  }

  @AfterEach
  void removeSite() throws IOException {
    site.close();
  }

  private void image(String... settings) throws IOException {
    site.image(
        "small", "root = \"" + root + "\"\nmounts = []\n" + String.join("\n", settings) + "\n");
  }

  private Outcome go(EmbeddingWay way, @Nullable String user, String... command)
      throws IOException, InterruptedException {
    return way.go(site.directory(), user, "small", command);
  }

  /** Whom a setting lets in; null is the caller. */
  private record Rule(String setting, @Nullable String user, boolean allows) {}

  static Stream<Arguments> users() {
    List<Rule> rules =
        List.of(
            new Rule("users = [\"daemon\"]", "daemon", true),
            new Rule("users = [\"daemon\"]", "bin", false),
            new Rule("groups = [\"sys\"]", "daemon", false),
            new Rule("users = [\"no-such-user\"]", "daemon", false),
            new Rule("users = [\"daemon\"]", "root", true),
            new Rule("groups = [\"sys\"]", "sys", true),
            new Rule("users = [\"daemon\"]", null, true),
            new Rule("", "bin", true));
    List<EmbeddingWay> byAJvm = List.of(EmbeddingWay.RUN, EmbeddingWay.EXPLAIN, EmbeddingWay.EXEC);
    return Stream.of(EmbeddingWay.values())
        .flatMap(
            way ->
                rules.stream()
                    .filter(
                        rule ->
                            Dose.isHeavy()
                                || !byAJvm.contains(way)
                                || rules.indexOf(rule) % 3 == byAJvm.indexOf(way))
                    .map(rule -> Arguments.of(way, rule.setting, rule.user, rule.allows)));
  }

  @ParameterizedTest
  @MethodSource("users")
  void go_usersAndGroupsOfAnImage_areEnforcedAlike(
      EmbeddingWay way, String setting, @Nullable String user, boolean allowed) throws Exception {
    image(setting);

    Outcome outcome = go(way, user, "id", "-u");

    assertThat(outcome.status()).as("%s", outcome).isEqualTo(allowed ? 0 : 125);
    if (!allowed) {
      String list = setting.replaceAll("s = \\[\"(.*)\"]", " $1");
      assertThat(outcome.outText()).isEmpty();
      assertThat(outcome.errText())
          .isEqualTo(
              "syschroot: small: user "
                  + user
                  + " is not allowed to use this image; allowed: "
                  + list
                  + "\nhint: the administrator can add the user to users or groups in "
                  + site.file("small")
                  + "\n");
    }
  }

  @Test
  void start_programThatHasCheckedItself_isBelieved() throws Exception {
    image("users = [\"daemon\"]");
    Syschroot syschroot = Syschroot.load(site.directory());
    Accounts.User bin = Accounts.ofHost().user("bin").orElseThrow();
    SwitchRequest request =
        SwitchRequest.in(syschroot.image("small"))
            .command("true")
            .directory("/")
            .identity(new Identity(bin.uid(), bin.gid(), List.of()));

    assertThat(
            org.assertj.core.api.Assertions.catchThrowableOfType(
                    SwitchException.class, () -> syschroot.start(request))
                .kind())
        .isEqualTo(SwitchException.Kind.NOT_ALLOWED);
    assertThat(syschroot.start(request.accessChecked()).waitFor()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void go_spoolOfTheScheduler_isMounted(EmbeddingWay way) throws Exception {
    image("[submit]", "scheduler = \"slurm\"");
    Path spool = Path.of("/var/spool/slurmd");
    MountSite.host("mount", "-t", "tmpfs", "none", "/var/spool");
    try {
      Files.createDirectory(spool);
      Files.writeString(spool.resolve("script"), "of the job\n");

      Outcome outcome = go(way, null, "cat", "/var/spool/slurmd/script");

      assertThat(outcome.status()).as("%s", outcome).isZero();
      if (way.runs()) {
        assertThat(outcome.outText()).isEqualTo("of the job\n");
      } else {
        assertThat(outcome.outText()).contains("mount " + spool).contains("by submit");
      }
    } finally {
      MountSite.host("umount", "/var/spool");
    }
  }

  /** Writes down in the image's root what it hears, and refuses the command {@code false}. */
  public static final class Audit implements SwitchListener {
    @Override
    public void beforeStart(SwitchPlan plan) {
      KernelStep.Execute last = (KernelStep.Execute) plan.steps().get(plan.steps().size() - 1);
      String program = last.candidates().get(0).arguments().get(0).toString();
      if (program.equals("false")) {
        throw new IllegalStateException("nobody may run false");
      }
      write(plan, "before " + program);
    }

    @Override
    public void started(SwitchPlan plan, long pid) {
      write(plan, "started");
    }

    @Override
    public void notStarted(SwitchPlan plan, SwitchException reason) {
      write(plan, "not started: " + reason.kind());
    }

    @Override
    public void ended(SwitchPlan plan, long pid, int exitStatus) {
      write(plan, "ended " + exitStatus);
    }

    private static void write(SwitchPlan plan, String line) {
      // An exec that has failed is in the image.
      Path place = Path.of(plan.image().root().toString());
      Path file = (Files.exists(place) ? place : Path.of("/")).resolve("heard");
      try {
        Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Refuses a step. */
  public static final class Veto implements SwitchListener {
    @Override
    public void beforeStep(KernelStep step) {
      if (step instanceof KernelStep.OpenRoot) {
        throw new IllegalStateException("closed on Sundays");
      }
    }
  }

  private String heard() throws IOException {
    return Files.exists(root.resolve("heard")) ? Files.readString(root.resolve("heard")) : "";
  }

  private void awaitHeard(String expected) throws IOException, InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!heard().equals(expected) && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertThat(heard()).isEqualTo(expected);
  }

  private Path jar(Class<?> service, Class<?> code) throws IOException {
    return new SiteJarFile().service(service, code).write(site.lib().resolve("site.jar"));
  }

  @ParameterizedTest
  @EnumSource(names = {"RUN", "SPAWN", "EXEC"})
  void go_listenerOfTheSite_hearsOfTheStart(EmbeddingWay way) throws Exception {
    image();
    jar(SwitchListener.class, Audit.class);

    assertThat(go(way, null, "sh", "-c", "exit 7").status()).isEqualTo(7);

    awaitHeard(way == EmbeddingWay.SPAWN ? "before sh\nstarted\nended 7\n" : "before sh\n");
  }

  @ParameterizedTest
  @EnumSource(names = {"RUN", "SPAWN", "EXEC"})
  void go_programThatIsMissing_isToldToTheListener(EmbeddingWay way) throws Exception {
    image();
    jar(SwitchListener.class, Audit.class);

    assertThat(go(way, null, "/no/such/program").status()).isEqualTo(127);

    awaitHeard("before /no/such/program\nnot started: NOT_FOUND\n");
  }

  @ParameterizedTest
  @EnumSource(names = {"RUN", "SPAWN", "EXEC"})
  void go_listenerThatRefuses_startsNothing(EmbeddingWay way) throws Exception {
    image();
    Path jar = jar(SwitchListener.class, Audit.class);

    Outcome outcome = go(way, null, "false");

    assertThat(outcome.status()).as("%s", outcome).isEqualTo(125);
    assertThat(outcome.errText())
        .startsWith(
            "syschroot: small: extension "
                + Audit.class.getName()
                + ": nobody may run false (in "
                + jar
                + ")");
    awaitHeard("not started: FAILED\n");
  }

  @ParameterizedTest
  @EnumSource(names = {"RUN", "SPAWN", "EXEC"})
  void go_listenerThatRefusesAStep_startsNothing(EmbeddingWay way) throws Exception {
    image();
    Path jar = jar(SwitchListener.class, Veto.class);

    Outcome outcome = go(way, null, "echo", "in");

    assertThat(outcome.status()).as("%s", outcome).isEqualTo(125);
    assertThat(outcome.outText()).isEmpty();
    assertThat(outcome.errText())
        .startsWith(
            "syschroot: small: extension "
                + Veto.class.getName()
                + ": closed on Sundays (in "
                + jar
                + ")");
  }

  /** Gives each user a project. */
  public static final class Projects implements SwitchContributor {
    @Override
    public String name() {
      return "projects";
    }

    @Override
    public Contribution contribute(Image image, HostFiles host, Requester requester) {
      return Contribution.NONE
          .variable(
              "PROJECT",
              image.name() + "-" + requester.identity().uid() + requester.identity().groups())
          .variable("PROGRAM", requester.command().get(0).toString());
    }
  }

  @ParameterizedTest
  @EnumSource
  void go_contributorToCommands_seesTheRequester(EmbeddingWay way) throws Exception {
    image();
    jar(SwitchContributor.class, Projects.class);

    Outcome outcome = go(way, "daemon", "sh", "-c", "echo $PROJECT $PROGRAM");

    assertThat(outcome.status()).as("%s", outcome).isZero();
    if (way.runs()) {
      assertThat(outcome.outText()).isEqualTo("small-1[1] sh\n");
    }
  }

  /** Less than a JVM has, so that the command has it and the JVM before it has not. */
  public static final class Little implements SwitchContributor {
    @Override
    public String name() {
      return "little";
    }

    @Override
    public Contribution contribute(Image image, HostFiles host, Requester requester) {
      return Contribution.NONE
          .limit(Limit.ADDRESS_SPACE_BYTES, 64 << 20)
          .limit(Limit.PROCESSES, 2)
          .limit(Limit.CPU_SECONDS, 7)
          .limit(Limit.OPEN_FILES, 15);
    }
  }

  @ParameterizedTest
  @EnumSource
  void go_limitsByTheSite_areTheCommandsFromItsStart(EmbeddingWay way) throws Exception {
    image();
    jar(SwitchContributor.class, Little.class);

    for (int i = 0; i < (way == EmbeddingWay.RUN ? Dose.of(5, 500) : 1); i++) {
      String script = "ulimit -v; ulimit -Hv; ulimit -u; ulimit -Hu; ulimit -t; ulimit -n";
      Outcome outcome = go(way, "daemon", "sh", "-c", script);

      assertThat(outcome.status()).as("%s", outcome).isZero();
      if (way.runs()) {
        assertThat(outcome.outText().lines())
            .containsExactly("65536", "65536", "2", "2", "7", "15");
      } else {
        assertThat(outcome.outText())
            .contains("limit the bytes of address space to 67108864, soft and hard");
      }
    }
  }

  /** What is said of a program that does not run takes more memory than the command may have. */
  @ParameterizedTest
  @EnumSource(names = {"RUN", "SPAWN", "EXEC"})
  void go_limitsAndNoProgram_isToldAsEver(EmbeddingWay way) throws Exception {
    image();
    jar(SwitchContributor.class, Little.class);

    Outcome missing = go(way, "daemon", "no-such-program");
    assertThat(missing.status()).as("%s", missing).isEqualTo(127);
    assertThat(missing.errText()).contains("cannot find the command no-such-program");

    Outcome directory = go(way, "daemon", "/tmp");
    assertThat(directory.status()).as("%s", directory).isEqualTo(126);
    assertThat(directory.errText()).contains("cannot execute the command");

    script("unmarked", "echo unmarked\n");
    script("orphan", "#!/no/interpreter\n");
    assertThat(go(way, "daemon", "/unmarked").outText()).isEqualTo("unmarked\n");
    Outcome orphan = go(way, "daemon", "/orphan");
    assertThat(orphan.status()).as("%s", orphan).isEqualTo(126);
    assertThat(orphan.errText()).contains("its #! interpreter /no/interpreter is missing");
  }

  private void script(String name, String text) throws IOException {
    Path file = Files.writeString(root.resolve(name), text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void start_manyAtOnce_eachHasAListenerOfItsOwn() throws Exception {
    image();
    jar(SwitchListener.class, Audit.class);
    Syschroot syschroot = Syschroot.load(site.directory());
    SwitchRequest request =
        SwitchRequest.in(syschroot.image("small")).command("true").directory("/");
    Set<Integer> statuses =
        Stream.generate(() -> request)
            .limit(8)
            .parallel()
            .map(one -> end(syschroot, one))
            .collect(Collectors.toSet());
    assertThat(statuses).containsExactly(0);
    String all = "before true\nstarted\nended 0\n".repeat(8);
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (heard().length() < all.length() && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertThat(heard().lines().sorted()).isEqualTo(all.lines().sorted().toList());
  }

  private static int end(Syschroot syschroot, SwitchRequest request) {
    try {
      SwitchedProcess process = syschroot.start(request);
      return process.waitFor();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
