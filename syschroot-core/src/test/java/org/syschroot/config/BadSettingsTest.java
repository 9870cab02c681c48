// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.host.SchedulerSupport;
import org.syschroot.image.CatalogProblem;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountPlan;

/** Everything that is refused, with its whole message. */
final class BadSettingsTest {
  private static final SchedulerSupport SCHEDULERS =
      new SchedulerSupport() {
        @Override
        public List<String> names() {
          return List.of("torque", "slurm", "gridengine", "htcondor");
        }

        @Override
        public MountPlan withSpool(Image image, HostFiles host, MountPlan plan) {
          return plan;
        }
      };
  private static final String KEYS =
      "description, root, aliases, personality, shell, cwd, users, groups, mounts,"
          + " no-new-privileges, drop-capabilities, nofile, accounts, consistent, cached-starts, prompt, layer, trusted-owners, root-mount, environment,"
          + " launchers, submit";
  private static final String DEFAULT_KEYS =
      KEYS.replace(" root, aliases,", "").replace(", launchers", "");
  private static final String NUL = "contains a NUL character, which is not allowed";
  private static final String NAME =
      " is not an image name: letters, digits, \".\", \"_\" and \"-\" are allowed, and it begins"
          + " with a letter or digit";
  private static final String VARIABLE =
      " is not the name of a variable: it must not be empty or contain \"=\"";

  private static void assertRefused(String file, String text, String image, String message)
      throws IOException {
    try (FileSystem files = Jimfs.newFileSystem(Configuration.unix())) {
      Path directory = files.getPath("/etc/syschroot");
      Files.createDirectories(directory.resolve("images.d"));
      Files.writeString(directory.resolve("images.d/x.toml"), image);
      Files.writeString(directory.resolve(file), text);
      CatalogReader reader = new CatalogReader(FileTrust.ANY, SCHEDULERS);
      String refusal = "/etc/syschroot/" + file + ":" + message;
      if (file.equals("images.d/x.toml")) {
        ImageCatalog catalog = reader.read(directory);
        assertThat(catalog.all()).isEmpty();
        assertThat(catalog.problemsWith("x"))
            .extracting(CatalogProblem::message)
            .containsExactly(refusal);
      } else {
        assertThatExceptionOfType(ConfigException.class)
            .isThrownBy(() -> reader.read(directory))
            .withMessage(refusal);
      }
    }
  }

  /** Settings after a first line with a root, and the message from the line number on. */
  static Stream<Arguments> settings() {
    return Stream.of(
        Arguments.of("colour = \"red\"", "2:1: unknown key \"colour\": allowed are " + KEYS),
        Arguments.of("  Root = \"/y\"", "2:3: unknown key \"Root\": allowed are " + KEYS),
        Arguments.of("[mounts]\na = 1", "2:1: \"mounts\" must be a list of strings"),
        Arguments.of("launchers = \"/bin4\"", "2:1: \"launchers\" must be a table"),
        Arguments.of("submit = \"slurm\"", "2:1: \"submit\" must be a table"),
        Arguments.of(
            "[submit]\nqueue = \"long\"",
            "3:1: unknown key \"queue\": allowed are scheduler, commands, definition"),
        Arguments.of(
            "[submit]\ncommands = [\"qsub4\"]",
            "2:1: \"scheduler\" is missing: allowed are torque, slurm, gridengine, htcondor"),
        Arguments.of(
            "[submit]\nscheduler = \"lsf\"",
            "3:1: scheduler \"lsf\" is unknown: allowed are torque, slurm, gridengine, htcondor"),
        Arguments.of(
            "[submit]\nscheduler = \"slurm\"\n[submit.definition]\nlauncher = \"word\"",
            "3:1: scheduler \"slurm\" is known: choose another name for your definition"),
        Arguments.of(
            "[submit]\nscheduler = \"jobq\"\n[submit.definition]\nlauncher = \"first\"",
            "5:1: \"launcher\" must be \"word\", \"text\", \"one-word\" or \"option\""),
        Arguments.of(
            "[submit]\nscheduler = \"jobq\"\n[submit.definition]\nlauncher = \"word\"",
            "4:1: \"command\" must name the command that submits a job"),
        Arguments.of(
            "[submit]\nscheduler = \"jobq\"\n[submit.definition]\ncommand = \"jobq\"\n"
                + "launcher = \"option\"",
            "4:1: \"option\" must be a dash and a letter, such as \"-S\", with launcher ="
                + " \"option\" only"),
        Arguments.of(
            "[submit]\nscheduler = \"jobq\"\n[submit.definition]\ncommand = \"jobq\"\n"
                + "launcher = \"word\"\nspool = [\"var\"]",
            "7:10: \"var\" is not absolute: it must begin with /"),
        Arguments.of(
            "[submit]\nscheduler = \"slurm\"\ncommands = [\"syschroot\"]",
            "4:13: \"syschroot\" is the name of the command itself"),
        Arguments.of(
            "[submit]\nscheduler = \"slurm\"\ncommands = [\"x\"]",
            "2:1: \"x\" already names the image x (/sysroot/x): every name and alias must be unique"),
        Arguments.of(
            "[launchers]\nplace = \"/bin4\"",
            "3:1: unknown key \"place\": allowed are directory, names, mounts, without-mounts,"
                + " without-privilege"),
        Arguments.of(
            "[launchers]\nnames = [\"sh\"]",
            "2:1: \"directory\" is missing: set the directory of the launchers: directory ="
                + " \"/...\""),
        Arguments.of(
            "[launchers]\ndirectory = \"bin4\"",
            "3:1: directory \"bin4\" is not absolute: it must begin with /"),
        Arguments.of(
            "[launchers]\ndirectory = \"/bin4\"\nnames = [\"sh\", \"../sh\"]",
            "4:16: \"../sh\" is not the name of a launcher: letters, digits, \".\", \"_\", \"+\" and"
                + " \"-\" are allowed, and it begins with a letter, a digit or \"_\""),
        Arguments.of(
            "[launchers]\ndirectory = \"/bin4\"\nnames = [\"sh\", \"sh\"]",
            "4:16: \"sh\" is named twice"),
        Arguments.of("description = 5", "2:1: \"description\" must be a string"),
        Arguments.of("aliases = \"a\"", "2:1: \"aliases\" must be a list of strings"),
        Arguments.of("aliases = [\"a\", 5]", "2:17: \"aliases\" must be a list of strings"),
        Arguments.of(
            "personality = 5", "2:1: \"personality\" must be a string or a list of strings"),
        Arguments.of("shell = [\"/bin/sh\"]", "2:1: \"shell\" must be a string"),
        Arguments.of("cwd = true", "2:1: \"cwd\" must be a string"),
        Arguments.of("users = \"alice\"", "2:1: \"users\" must be a list of strings"),
        Arguments.of("groups = [1000]", "2:11: \"groups\" must be a list of strings"),
        Arguments.of("mounts = \"/home\"", "2:1: \"mounts\" must be a list of strings"),
        Arguments.of(
            "no-new-privileges = \"yes\"", "2:1: \"no-new-privileges\" must be true or false"),
        Arguments.of(
            "drop-capabilities = \"all\"", "2:1: \"drop-capabilities\" must be a list of strings"),
        Arguments.of("nofile = \"1024\"", "2:1: \"nofile\" must be a whole number"),
        Arguments.of("nofile = 1.5", "2:1: \"nofile\" must be a whole number"),
        Arguments.of("nofile = 0", "2:1: nofile 0 is not a valid limit: it must be positive"),
        Arguments.of("environment = \"A=1\"", "2:1: \"environment\" must be a table"),
        Arguments.of("environment.set = 1", "2:1: \"set\" must be a table"),
        Arguments.of("[environment]\nset = { A = 1 }", "3:9: \"A\" must be a string"),
        Arguments.of("[environment]\nunset = \"A\"", "3:1: \"unset\" must be a list of strings"),
        Arguments.of(
            "[environment]\nadd = { }", "3:1: unknown key \"add\": allowed are set, unset"),
        Arguments.of("[environment]\nset = { \"A=B\" = \"\" }", "3:9: \"A=B\"" + VARIABLE),
        Arguments.of("[environment]\nunset = [\"\"]", "3:10: \"\"" + VARIABLE),
        Arguments.of("aliases = [\"a b\"]", "2:12: \"a b\"" + NAME),
        Arguments.of("aliases = [\"a\", \"../b\"]", "2:17: \"../b\"" + NAME),
        Arguments.of(
            "cwd = \"here\"",
            "2:1: cwd \"here\" is unknown: allowed are \"same\", \"same-or-fail\", \"home\", \"root\""),
        Arguments.of(
            "personality = [\"linux32\", \"linux\"]",
            "2:16: \"linux32\" and \"linux\" are both domains: choose one"),
        Arguments.of(
            "shell = \"bash\"", "2:1: shell \"bash\" is not absolute: it must begin with /"),
        Arguments.of(
            "drop-capabilities = [\"sys_modul\"]",
            "2:22: \"sys_modul\" is not a capability: allowed are \"all\" and the names of"
                + " capabilities(7), such as \"sys_module\""),
        Arguments.of(
            "mounts = [\n  \"/a:/t\", # one\n  \"/b:/t\",\n]",
            "4:3: two mounts for /t: \"/a:/t\" and \"/b:/t\": remove one of them"),
        Arguments.of(
            "mounts = [\"/home/alice\", \"/home\"]",
            "2:26: \"/home\" would hide \"/home/alice\", which is mounted before it: put \"/home\""
                + " first"),
        Arguments.of(
            "mounts = [\"/a::rw\"]",
            "2:11: \"rw\" is not a mount option: allowed are ro, optional, norbind, private, slave,"
                + " shared, file, nosuid, nodev, noexec"),
        Arguments.of("mounts = [\"home\"]", "2:11: \"home\" is not absolute: it must begin with /"),
        Arguments.of(
            "mounts = [\"/a:/../b\"]", "2:11: \"/../b\" contains \"..\": write the path out"),
        Arguments.of(
            "mounts = [\"/a:/b:ro:x\"]",
            "2:11: \"/a:/b:ro:x\" has too many fields: allowed is SOURCE[:TARGET[:OPTION,...]]"),
        Arguments.of(
            "accounts = \"host\"",
            "2:1: accounts \"host\" is unknown: allowed are \"merged\", \"native\", \"image\""),
        Arguments.of(
            "consistent = [\"mtab\", \"ntp\"]",
            "2:23: consistent \"ntp\" is unknown: allowed are \"accounts\", \"passwords\","
                + " \"resolver\", \"hosts\", \"timezone\", \"locale\", \"machine-id\","
                + " \"mtab\", \"certificates\", \"printers\""),
        Arguments.of(
            "accounts = \"image\"\nconsistent = [\"accounts\"]",
            "3:15: \"accounts\" in consistent contradicts accounts = \"image\""),
        Arguments.of(
            "layer = \"memory\"",
            "2:1: layer \"memory\" is unknown: allowed are none, throw-away, and the pathname of a"
                + " directory"),
        Arguments.of(
            "trusted-owners = [\"nobody-of-this-name\"]",
            "2:19: \"nobody-of-this-name\" is no user of this host: name a user or a number"),
        Arguments.of(
            "trusted-owners = [\"4294967295\"]",
            "2:19: \"4294967295\" is no user of this host: name a user or a number"),
        Arguments.of(
            "consistent = [\"passwords\"]",
            "2:15: \"passwords\" needs accounts = \"merged\" or accounts = \"native\""),
        Arguments.of("description = \"a\\u0000\"", "2:1: " + NUL),
        Arguments.of("shell = \"/bin\\u0000\"", "2:1: " + NUL),
        Arguments.of("users = [\"a\", \"\\u0000\"]", "2:15: " + NUL),
        Arguments.of("mounts = [\"/a\\u0000\"]", "2:11: " + NUL),
        Arguments.of("[environment]\nset = { A = \"\\u0000\" }", "3:9: " + NUL));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void read_badSetting_isRefusedWithItsPlace(String setting, String message) throws IOException {
    String text = "root = \"/sysroot/x\"\n" + setting + "\n";
    assertRefused("images.d/x.toml", text, "", message);
  }

  static Stream<Arguments> roots() {
    return Stream.of(
        Arguments.of(
            "",
            "1:1: \"root\" is missing: set the directory or file of the image: root = \"/...\""),
        Arguments.of("root = 5", "1:1: \"root\" must be a string"),
        Arguments.of(
            "\n root = \"sysroot\"", "2:2: root \"sysroot\" is not absolute: it must begin with /"),
        Arguments.of("root = \"\"", "1:1: root \"\" is not absolute: it must begin with /"),
        Arguments.of("root = \"//./\"", "1:1: root \"/\" is the host itself, not an image"),
        Arguments.of(
            "root = \"/a/../b\"", "1:1: root \"/a/../b\" contains \"..\": write the path out"),
        Arguments.of("root = \"/a\\u0000\"", "1:1: " + NUL));
  }

  @ParameterizedTest
  @MethodSource("roots")
  void read_badRoot_isRefusedWithItsPlace(String text, String message) throws IOException {
    assertRefused("images.d/x.toml", text, "", message);
  }

  static Stream<Arguments> common() {
    return Stream.of(
        Arguments.of(
            "[default]\ncwd = \"root\"",
            "1:1: unknown table or key \"default\": only [defaults] is allowed"),
        Arguments.of(
            "cwd = \"root\"", "1:1: unknown table or key \"cwd\": only [defaults] is allowed"),
        Arguments.of("defaults = 5", "1:1: \"defaults\" must be a table: write [defaults]"),
        Arguments.of(
            "[defaults]\nroot = \"/y\"", "2:1: unknown key \"root\": allowed are " + DEFAULT_KEYS),
        Arguments.of(
            "[defaults]\naliases = [\"y\"]",
            "2:1: unknown key \"aliases\": allowed are " + DEFAULT_KEYS));
  }

  @Test
  void read_wrongValueOfADefault_concernsTheImagesThatUseIt() throws IOException {
    try (FileSystem files = Jimfs.newFileSystem(Configuration.unix())) {
      Path directory = files.getPath("/etc/syschroot");
      Files.createDirectories(directory.resolve("images.d"));
      Files.writeString(
          directory.resolve("syschroot.toml"), "[defaults]\nnofile = 512\nmounts = [\"x\"]\n");
      Files.writeString(directory.resolve("images.d/x.toml"), "root = \"/x\"\n");
      Files.writeString(directory.resolve("images.d/y.toml"), "root = \"/y\"\n");
      Files.writeString(directory.resolve("images.d/z.toml"), "root = \"/z\"\nmounts = []\n");
      ImageCatalog catalog = new CatalogReader(FileTrust.ANY, SCHEDULERS).read(directory);

      assertThat(catalog.find("z")).isPresent();
      assertThat(catalog.problems())
          .containsExactly(
              new CatalogProblem(
                  Set.of("x", "y"),
                  "/etc/syschroot/syschroot.toml:3:11: \"x\" is not absolute: it must begin with"
                      + " /"));
    }
  }

  @ParameterizedTest
  @MethodSource("common")
  void read_badDefaults_areRefusedWithTheirPlace(String text, String message) throws IOException {
    assertRefused("syschroot.toml", text, "root = \"/sysroot/x\"", message);
  }

  @ParameterizedTest
  @MethodSource("notToml")
  void read_notToml_namesThePlace(String text, String place) throws IOException {
    try (FileSystem files = Jimfs.newFileSystem(Configuration.unix())) {
      Path directory = files.getPath("/etc/syschroot");
      Files.createDirectories(directory.resolve("images.d"));
      Files.writeString(directory.resolve("images.d/x.toml"), text);
      assertThat(new CatalogReader(FileTrust.ANY, SCHEDULERS).read(directory).problemsWith("x"))
          .singleElement()
          .extracting(CatalogProblem::message, InstanceOfAssertFactories.STRING)
          .startsWith("/etc/syschroot/images.d/x.toml:" + place + ": not TOML: ");
    }
  }

  static Stream<Arguments> notToml() {
    return Stream.of(
        Arguments.of("root = /sysroot/x\n", "1:8"),
        Arguments.of("root = \"/x\"\nroot = \"/y\"\n", "2:1"),
        Arguments.of("root = \"/x\nnofile = 5", "1:11"),
        Arguments.of("<xml/>", "1:1"));
  }
}
