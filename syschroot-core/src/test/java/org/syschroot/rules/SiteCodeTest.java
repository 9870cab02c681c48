// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.config.FileTrust;
import org.syschroot.host.ContributedMounts;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.image.MountContributor;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.plan.Identity;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.SwitchListener;
import org.syschroot.plan.SwitchPlan;
import org.syschroot.site.Contribution;
import org.syschroot.site.Requester;
import org.syschroot.site.SwitchContributor;
import org.syschroot.testing.HostileContributors;
import org.syschroot.testing.RecordingKernel;
import org.syschroot.testing.SiteJarFile;

/** Jars of every kind, and that the message tells jar and class of one that misbehaves. */
@Timeout(60)
class SiteCodeTest {
  private static final Image IMAGE =
      Image.builder(new ImageName("sl5"), HostPath.of("/sysroot/SL54"))
          .mounts(MountPlan.empty())
          .build();

  @TempDir Path config;
  private final List<String> warnings = Collections.synchronizedList(new ArrayList<>());

  private SiteCode code() {
    return code(Duration.ofSeconds(20), Duration.ofSeconds(40));
  }

  private SiteCode code(Duration patience, Duration limit) {
    SiteCalls calls = new SiteCalls(new RecordingKernel(), warnings::add, patience, limit);
    return SiteCode.in(config, FileTrust.ANY, calls);
  }

  private Path jar(SiteJarFile content) throws IOException {
    return content.write(config.resolve("lib/site.jar"));
  }

  private static MountPlan ask(SiteCode code) throws IOException {
    try {
      HostFiles host = HostFiles.of(java.nio.file.FileSystems.getDefault());
      return ContributedMounts.of(IMAGE, host, code.contributors()).plan();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  static Stream<Arguments> hostileContributors() {
    return Stream.of(
        Arguments.of(HostileContributors.Throws.class, "the licence server is away"),
        Arguments.of(HostileContributors.Conflicts.class, "/data"),
        Arguments.of(HostileContributors.Mistaken.class, "threw java.lang.NullPointerException"),
        Arguments.of(HostileContributors.Overflows.class, "threw java.lang.StackOverflowError"),
        Arguments.of(HostileContributors.LacksClass.class, "threw java.lang.NoClassDefFoundError"),
        Arguments.of(HostileContributors.ReturnsNull.class, "contribute returned null"),
        Arguments.of(HostileContributors.NoName.class, "name returned null"),
        Arguments.of(HostileContributors.EmptyName.class, "name returned an empty string"),
        Arguments.of(HostileContributors.NameThrows.class, "nameless"),
        Arguments.of(HostileContributors.Unborn.class, "no database"),
        Arguments.of(HostileContributors.Hidden.class, "must be a public class"),
        Arguments.of(HostileContributors.BadStart.class, "For input string: \"many\""),
        Arguments.of(HostileContributors.Impostor.class, "does not implement"));
  }

  @ParameterizedTest
  @MethodSource("hostileContributors")
  void contribute_hostileCode_isNamedWithItsJarAndClass(Class<?> hostile, String words)
      throws IOException {
    Path jar = jar(new SiteJarFile().service(MountContributor.class, hostile));

    assertThatThrownBy(() -> ask(code()))
        .isInstanceOf(SiteCodeException.class)
        .hasMessageStartingWith("extension " + hostile.getName() + ": ")
        .hasMessageContaining(words)
        .hasMessageEndingWith(" (in " + jar + ")");
  }

  @Test
  void contribute_codeThatNeverAnswers_isToldOfAndGivenUp() throws IOException {
    Path jar =
        jar(new SiteJarFile().service(MountContributor.class, HostileContributors.Hangs.class));

    assertThatThrownBy(() -> ask(code(Duration.ofMillis(1), Duration.ofMillis(2))))
        .isInstanceOf(SiteCodeException.class)
        .hasMessageContaining(" has not returned within ")
        .hasMessageEndingWith(" (in " + jar + ")");
    assertThat(warnings).anyMatch(warning -> warning.contains(" has not returned for "));
  }

  /** Answers as soon as somebody was told that it is slow. */
  public static final class Slow implements MountContributor {
    static final CountDownLatch TOLD = new CountDownLatch(1);

    @Override
    public String name() {
      return "slow";
    }

    @Override
    public MountPlan contribute(Image image, HostFiles host, MountPlan plan) {
      try {
        TOLD.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return plan.plus(BindMount.parse(OsString.of("/mnt/slow:/slow")));
    }
  }

  @Test
  void contribute_slowCode_isToldOfAndItsAnswerCounts() throws IOException {
    jar(new SiteJarFile().service(MountContributor.class, Slow.class));
    SiteCalls calls =
        new SiteCalls(
            new RecordingKernel(),
            warning -> {
              warnings.add(warning);
              if (warning.contains("contribute")) {
                Slow.TOLD.countDown();
              }
            },
            Duration.ofMillis(20),
            Duration.ofSeconds(40));

    MountPlan plan = ask(SiteCode.in(config, FileTrust.ANY, calls));

    assertThat(plan.steps()).hasSize(1);
    assertThat(warnings)
        .anyMatch(
            warning ->
                warning.startsWith("extension " + Slow.class.getName())
                    && warning.contains("contribute has not returned for"));
  }

  @Test
  void contribute_endOfTheHeap_isNotTheCodesFault() throws IOException {
    jar(new SiteJarFile().service(MountContributor.class, HostileContributors.NoMemory.class));

    assertThatThrownBy(() -> ask(code())).isInstanceOf(OutOfMemoryError.class);
  }

  /** Gives others time to run first. */
  public static final class Unhurried implements MountContributor {
    @Override
    public String name() {
      return "unhurried";
    }

    @Override
    public MountPlan contribute(Image image, HostFiles host, MountPlan plan) {
      Thread.yield();
      return plan.plus(BindMount.parse(OsString.of("/mnt/a:/a")));
    }
  }

  @Test
  void contribute_interruptedCaller_answersAndKeepsTheInterrupt() throws IOException {
    jar(new SiteJarFile().service(MountContributor.class, Unhurried.class));
    Thread.currentThread().interrupt();
    try {
      assertThat(ask(code()).steps()).hasSize(1);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  private void assertRefused(Path jar, String words) {
    assertThatThrownBy(() -> ask(code()))
        .isInstanceOf(SiteCodeException.class)
        .hasMessageStartingWith("extension " + jar + ": ")
        .hasMessageContaining(words);
  }

  @Test
  void contributors_fileThatIsNoJar_isRefused() throws IOException {
    Path jar = jar(new SiteJarFile());
    Files.writeString(jar, "PK\3\4 and nothing else");
    assertRefused(jar, "cannot read the jar: ");
    Files.write(jar, new byte[0]);
    assertRefused(jar, "cannot read the jar: ");
  }

  @Test
  void contributors_jarThatEndsEarly_isRefused() throws IOException {
    Path jar = jar(new SiteJarFile().service(MountContributor.class, Slow.class));
    byte[] whole = Files.readAllBytes(jar);
    Files.write(jar, java.util.Arrays.copyOf(whole, whole.length - 30));
    assertRefused(jar, "cannot read the jar: ");
  }

  @Test
  void contributors_whatIsNoFile_isRefusedWithoutReadingIt() throws IOException {
    Path jar = Files.createDirectories(config.resolve("lib/site.jar"));
    assertRefused(jar, "not a regular file");
    Files.delete(jar);
    Files.createSymbolicLink(jar, Path.of("/dev/zero"));
    assertRefused(jar, "not a regular file");
    Files.delete(jar);
    Files.createSymbolicLink(jar, Path.of("nowhere"));
    assertRefused(jar, "not a regular file");
  }

  @Test
  void contributors_jarThatOthersCanChange_isRefusedBeforeItIsRead() throws IOException {
    Path jar = jar(new SiteJarFile());
    Files.writeString(jar, "no jar");
    FileTrust nobody =
        file -> {
          throw new IOException(file + " belongs to uid 1000, not to root");
        };
    SiteCalls calls = new SiteCalls(new RecordingKernel(), warnings::add);
    assertThatThrownBy(() -> SiteCode.in(config, nobody, calls).contributors())
        .isInstanceOf(SiteCodeException.class)
        .hasCauseInstanceOf(IOException.class)
        .hasMessage("extension " + jar + ": " + jar + " belongs to uid 1000, not to root");
  }

  @Test
  void contributors_classThatIsMissing_isNamed() throws IOException {
    Path jar = jar(new SiteJarFile().named(MountContributor.class, "org.example.Gone"));
    assertThatThrownBy(() -> ask(code()))
        .isInstanceOf(SiteCodeException.class)
        .hasMessageStartingWith("extension org.example.Gone: ")
        .hasMessageEndingWith(" (in " + jar + ")");
  }

  @Test
  void contributors_fileThatIsNoClass_isNamed() throws IOException {
    Path jar =
        jar(
            new SiteJarFile()
                .named(MountContributor.class, "org.example.Broken")
                .file("org/example/Broken.class", new byte[] {1, 2, 3, 4}));
    assertThatThrownBy(() -> ask(code()))
        .isInstanceOf(SiteCodeException.class)
        .hasMessageContaining("org.example.Broken: threw java.lang.ClassFormatError")
        .hasMessageEndingWith(" (in " + jar + ")");
  }

  @Test
  void contributors_jarWithoutServicesAndOtherFiles_areNoFault() throws IOException {
    jar(new SiteJarFile().file("org/example/readme", new byte[0]));
    Files.writeString(config.resolve("lib/README"), "our jars\n");
    assertThat(code().contributors()).isEmpty();
  }

  /** Refuses, and cannot write down that something has started. */
  public static final class Refusing implements SwitchListener {
    @Override
    public void beforeStart(SwitchPlan plan) {
      throw new IllegalStateException("no project today");
    }

    @Override
    public void beforeStep(KernelStep step) {
      throw new IllegalStateException("not this step");
    }

    @Override
    public void started(SwitchPlan plan, long pid) {
      throw new IllegalStateException("disk full");
    }
  }

  private static final SwitchPlan PLAN =
      new SwitchPlan(
          IMAGE, List.of(new KernelStep.NoNewPrivileges()), List.of(), List.of(), List.of());

  @Test
  void listener_thatThrowsBeforeTheStart_endsItByName() throws IOException {
    jar(new SiteJarFile().service(SwitchListener.class, Refusing.class));
    SwitchListener listener = code().listener(SwitchListener.SILENT);

    assertThatThrownBy(() -> listener.beforeStart(PLAN))
        .isInstanceOf(UncheckedIOException.class)
        .cause()
        .isInstanceOf(SiteCodeException.class)
        .hasMessageStartingWith(
            "extension " + Refusing.class.getName() + ": no project today (in ");
    assertThatThrownBy(() -> listener.beforeStep(PLAN.steps().get(0)))
        .cause()
        .isInstanceOf(SiteCodeException.class)
        .hasMessageContaining("not this step");
  }

  @Test
  void listener_thatThrowsAfterTheStart_isToldOfAndEndsNothing() throws IOException {
    jar(new SiteJarFile().service(SwitchListener.class, Refusing.class));

    code().listener(SwitchListener.SILENT).started(PLAN, 4711);

    assertThat(warnings)
        .singleElement()
        .asString()
        .startsWith("extension " + Refusing.class.getName() + ": disk full");
  }

  /** Knows whether it has heard of a start before. */
  public static final class ForOneStart implements SwitchListener {
    private boolean used;

    @Override
    public void beforeStart(SwitchPlan plan) {
      if (used) {
        throw new IllegalStateException("used twice");
      }
      used = true;
    }
  }

  @Test
  void listener_eachStart_isANewOne() throws IOException {
    jar(new SiteJarFile().service(SwitchListener.class, ForOneStart.class));
    SiteCode code = code();
    code.listener(SwitchListener.SILENT).beforeStart(PLAN);
    code.listener(SwitchListener.SILENT).beforeStart(PLAN);
  }

  /** Has an answer for each requester. */
  public static final class ByRequester implements SwitchContributor {
    @Override
    public String name() {
      return "projects";
    }

    @Override
    public Contribution contribute(Image image, HostFiles host, Requester requester) {
      return Contribution.NONE
          .variable("PROJECT", "of-" + requester.identity().uid())
          .mount(BindMount.parse(OsString.of("/mnt/" + requester.command().get(0) + ":/mnt")));
    }
  }

  @Test
  void switchContributor_requester_isSeenByIt() throws IOException {
    jar(new SiteJarFile().service(SwitchContributor.class, ByRequester.class));
    Requester requester =
        new Requester(new Identity(1000, 100, List.of()), List.of(OsString.of("make")));
    HostFiles host = HostFiles.of(java.nio.file.FileSystems.getDefault());

    Contribution contribution =
        code().switchContributors().get(0).contribute(IMAGE, host, requester);

    assertThat(contribution.environment().set())
        .containsEntry(OsString.of("PROJECT"), OsString.of("of-1000"));
    assertThat(contribution.mounts()).hasSize(1);
  }
}
