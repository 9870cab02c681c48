// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;
import org.syschroot.Syschroot;
import org.syschroot.SyschrootReload;
import org.syschroot.config.ConfigException;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.examples.ExampleSite;
import org.syschroot.image.Image;
import org.syschroot.images.SourceImage;
import org.syschroot.mountplan.MountStatus;
import org.syschroot.mounts.MountException;
import org.syschroot.mounts.MountListener;
import org.syschroot.mounts.removal.ImageRemoval;
import org.syschroot.path.HostPath;
import org.syschroot.personality.ImageOfProcess;
import org.syschroot.plan.Identity;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchListener;
import org.syschroot.plan.SwitchPlan;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.spawn.SwitchedProcess;
import org.syschroot.syslog.relay.SyslogRelay;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.ProcFiles;

/** Each deed of the page, done from outside of the library's packages. */
@InOwnMountNamespace
final class ImageToolsTest {
  private static final MountListener NOBODY = new MountListener() {};

  /** Launchers are in no directory in which all users can create files. */
  static final class UnderCheckout implements TempDirFactory {
    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context)
        throws IOException {
      Path checkout = Path.of(System.getProperty("syschroot.tests.checkout")).toAbsolutePath();
      Path parent = Files.createDirectories(checkout.normalize().resolve("target/it"));
      return Files.createTempDirectory(parent, "image-tools");
    }
  }

  @TempDir(factory = UnderCheckout.class)
  Path directory;

  private ExampleSite site;

  @BeforeEach
  void makeSite() throws Exception {
    ProcFiles.assumeRootAndBusybox();
    site = new ExampleSite(directory);
  }

  private Image load(String... settings) throws Exception {
    site.image("sl5", settings);
    return Syschroot.load(site.config()).image("sl5");
  }

  private ImageTools tools() throws Exception {
    return new ImageTools(Syschroot.load(site.config()));
  }

  private void settings(String name, String text) throws Exception {
    Files.writeString(site.config().resolve("images.d/" + name + ".toml"), text);
  }

  @Test
  void mount_image_isMountedUntilUnmounted() throws Exception {
    Path root = site.image("sl5");
    settings("sl5", "root = \"" + root + "\"\nmounts = [\"/dev\"]\n");
    Image image = Syschroot.load(site.config()).image("sl5");
    assertThat(tools().status(image))
        .extracting(MountStatus::state)
        .containsExactly(MountStatus.State.MISSING);
    assertThat(tools().mount(image, NOBODY)).isPositive();
    assertThat(tools().status(image))
        .extracting(MountStatus::state)
        .containsExactly(MountStatus.State.MOUNTED);
    assertThat(tools().unmount(image, NOBODY)).isPositive();
    assertThat(tools().mount(image, NOBODY)).isPositive();
    assertThat(tools().unmount(image, NOBODY)).isPositive();
  }

  @Test
  void link_configured_isLinked() throws Exception {
    Path bin = Files.createDirectory(directory.resolve("launchers"));
    Image image = load("[launchers]", "directory = \"" + bin + "\"", "names = [\"cat\"]");
    assertThat(tools().link(image)).containsExactly(HostPath.of(bin.resolve("cat")));
    assertThat(bin.resolve("cat")).isExecutable();
    assertThat(tools().link(image)).as("again").hasSize(1);
  }

  @Test
  void copy_ofATree_hasACommandThatIsFoundAndIsRemoved() throws Exception {
    Path tree = site.image("sl5");
    Path copy = directory.resolve("copy");
    assertThat(SourceImage.create(copy, tree.toString(), line -> {}).files()).isPositive();
    settings("copy", "root = \"" + copy + "\"\nmounts = []\n");

    Syschroot syschroot = Syschroot.load(site.config());
    Image image = syschroot.image("copy");
    SwitchedProcess waiting = syschroot.start(SwitchRequest.in(image).command("/bin/cat"));
    try {
      assertThat(ImageOfProcess.among(syschroot.catalog()).of(waiting.pid()).image())
          .hasValue(image.name());
      assertThatThrownBy(() -> ImageRemoval.remove(image.root()))
          .isInstanceOf(MountException.class)
          .hasMessageContaining(Long.toString(waiting.pid()));
    } finally {
      waiting.getOutputStream().close();
    }
    assertThat(waiting.waitFor()).isZero();
    ImageRemoval.remove(image.root());
    assertThat(copy).doesNotExist();
    assertThat(tree).exists();
  }

  @Test
  void examine_imageWithoutProgramInterpreter_hasFindings() throws Exception {
    Image image = load();
    Files.writeString(directory.resolve("images/sl5/bin/orphan"), "#!/bin/none\n");
    assertThat(tools().examine(image).findings()).extracting(Finding::id).isNotEmpty();
  }

  @Test
  void relay_image_runsUntilClosed() throws Exception {
    Image image = load();
    try (SyslogRelay relay = tools().relay(image, HostPath.of(directory + "/native-log"))) {
      assertThat(relay.isRunning()).isTrue();
      assertThat(relay.counters()).hasSize(1);
    }
  }

  @Test
  void create_hostPrograms_isAnImage() throws Exception {
    ImageTools.create(site.config(), directory.resolve("tools"));
    Syschroot syschroot = Syschroot.load(site.config());
    SwitchRequest request = SwitchRequest.in(syschroot.image("tools")).directory("/");
    Process process = syschroot.start(request.command("/bin/sh", "-c", "cat /proc/none; echo $?"));
    assertThat(process.getInputStream().readAllBytes())
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("1\n");
    process.waitFor();
  }

  @Test
  void fromText_settings_areAnImage() throws Exception {
    Path root = site.image("sl5");
    String settings = "root = \"" + root + "\"\nmounts = []\n";
    Syschroot syschroot = ImageTools.fromText(settings);
    SwitchRequest request = SwitchRequest.in(syschroot.image("sl5")).directory("/");
    Process process = syschroot.start(request.command("cat", "/image"));
    assertThat(process.getInputStream().readAllBytes())
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("sl5\n");
    process.waitFor();
    assertThatThrownBy(() -> ImageTools.fromText("root = \"/x\"\nmount = 1\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("sl5.toml:2:1");
  }

  @Test
  void reloaded_changes_areSeenWhenTheyAreMade() throws Exception {
    Path root = site.image("sl5");
    SyschrootReload images = ImageTools.reloaded(site.config());
    Syschroot first = images.current();
    assertThat(images.current()).isSameAs(first);
    settings("sl6", "root = \"" + root + "\"\nmounts = []\n");
    assertThat(images.current().image("sl6").root()).isEqualTo(HostPath.of(root.toString()));
    settings("sl6", "root = \"" + root + "\"\nmounts = []\nshell = \"/bin/cat\"\n");
    assertThat(images.current().image("sl6").shell()).isPresent();
    Files.delete(site.config().resolve("images.d/sl6.toml"));
    assertThatThrownBy(() -> images.current().image("sl6"))
        .isInstanceOf(NoSuchElementException.class);
    Files.writeString(site.config().resolve("syschroot.toml"), "nonsense = 1\n");
    assertThatThrownBy(images::current).isInstanceOf(ConfigException.class);
    Files.delete(site.config().resolve("syschroot.toml"));
    assertThat(images.current().image("sl5")).isNotNull();
  }

  @Test
  void start_userWhoIsNotListed_isRefusedWhoeverAsks() throws Exception {
    Image image = load("users = [\"no-such-user-here\"]");
    Syschroot syschroot = Syschroot.load(site.config());
    SwitchRequest request =
        SwitchRequest.in(image)
            .directory("/")
            .command("true")
            .identity(new Identity(1234, 1234, List.of()));
    assertThatThrownBy(() -> syschroot.start(request))
        .isInstanceOfSatisfying(
            SwitchException.class,
            e -> assertThat(e.kind()).isEqualTo(SwitchException.Kind.NOT_ALLOWED));
    assertThat(syschroot.start(request.accessChecked()).waitFor()).isZero();
    assertThat(syschroot.start(SwitchRequest.in(image).directory("/").command("true")).waitFor())
        .as("root may always")
        .isZero();
  }

  @Test
  void start_ownListener_canRefuse() throws Exception {
    Image image = load();
    Syschroot syschroot = Syschroot.load(site.config());
    SwitchListener refusing =
        new SwitchListener() {
          @Override
          public void beforeStart(SwitchPlan plan) {
            throw new UncheckedIOException(new IOException("the licence is taken"));
          }
        };
    assertThatThrownBy(
            () ->
                syschroot
                    .prepare(SwitchRequest.in(image).directory("/").command("true"))
                    .listener(refusing)
                    .start())
        .isInstanceOf(SwitchException.class)
        .hasMessageContaining("the licence is taken");
  }
}
