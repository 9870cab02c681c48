// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.image.AccountSource;
import org.syschroot.image.CatalogProblem;
import org.syschroot.image.Consistency;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.image.EnvironmentChanges;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.image.ImageName;
import org.syschroot.image.Launchers;
import org.syschroot.image.Origin;
import org.syschroot.image.Personality;
import org.syschroot.image.SharedItem;
import org.syschroot.kernel.Capability;
import org.syschroot.kernel.Errno;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.testing.RecordingKernel;
import org.syschroot.trust.TrustedPath;

final class CatalogReaderTest {
  private static final String FILE = "/etc/syschroot/images.d/x.toml";
  private static final String COMMON = "/etc/syschroot/syschroot.toml";

  private final FileSystem files = Jimfs.newFileSystem(Configuration.unix());
  private final Path directory = files.getPath("/etc/syschroot");

  @AfterEach
  void close() throws IOException {
    files.close();
  }

  private void write(String file, String... lines) throws IOException {
    Path path = files.getPath(file);
    Files.createDirectories(path.getParent());
    Files.write(path, List.of(lines));
  }

  private Image read(String name) throws IOException {
    return new CatalogReader(FileTrust.ANY).read(directory).find(name).orElseThrow();
  }

  private static OsString os(String text) {
    return OsString.of(text);
  }

  @Test
  void read_noDirectory_isAnEmptyCatalog() throws IOException {
    assertThat(new CatalogReader(FileTrust.ANY).read(directory).all()).isEmpty();
  }

  @Test
  void read_onlyRoot_hasTheDocumentedDefaults() throws IOException {
    write(FILE, "root = \"/sysroot/x\"");
    Image image = read("x");

    assertThat(image.root()).isEqualTo(HostPath.of("/sysroot/x"));
    assertThat(image.description()).isEmpty();
    assertThat(image.aliases()).isEmpty();
    assertThat(image.personality()).isEmpty();
    assertThat(image.shell()).isEmpty();
    assertThat(image.launchers()).isEmpty();
    assertThat(image.directoryPolicy()).isEqualTo(DirectoryPolicy.SAME_OR_FAIL);
    assertThat(image.users()).isEmpty();
    assertThat(image.groups()).isEmpty();
    assertThat(image.mounts()).isEqualTo(MountPlan.standard());
    assertThat(image.noNewPrivileges()).isFalse();
    assertThat(image.droppedCapabilities()).isEmpty();
    assertThat(image.openFiles()).isEmpty();
    assertThat(image.consistency()).isEqualTo(Consistency.NONE);
    assertThat(image.environment()).isEqualTo(EnvironmentChanges.NONE);
    assertThat(image.origins()).isEqualTo(Map.of("root", new Origin(FILE, 1, 1)));
  }

  @Test
  void read_everyKey_arrivesInTheImage() throws IOException {
    write(
        FILE,
        "description = \"Scientific Linux 5.4\"",
        "root = \"/sysroot//SL54/\"",
        "aliases = [\"sl54\", \"old\"]",
        "personality = [\"linux32\", \"uname26\"]",
        "shell = \"/bin/bash\"",
        "cwd = \"home\"",
        "users = [\"alice\"]",
        "groups = [\"hep\", \"staff\"]",
        "mounts = [\"standard\", \"/home\", \"/data:/srv:ro,private\"]",
        "no-new-privileges = true",
        "drop-capabilities = [\"sys_module\", \"CAP_SYS_RAWIO\"]",
        "nofile = 1024",
        "accounts = \"native\"",
        "consistent = [\"resolver\", \"machine-id\", \"accounts\", \"passwords\"]",
        "[environment]",
        "set = { CLUSTER = \"bham\", EMPTY = \"\" }",
        "unset = [\"LD_PRELOAD\"]",
        "[launchers]",
        "directory = \"/bin4/\"",
        "names = [\"sh\", \"bash\"]");
    Image image = read("sl54");

    assertThat(image.name()).isEqualTo(new ImageName("x"));
    assertThat(image.root()).isEqualTo(HostPath.of("/sysroot/SL54"));
    assertThat(image.description()).isEqualTo("Scientific Linux 5.4");
    assertThat(image.aliases()).containsExactly(new ImageName("sl54"), new ImageName("old"));
    assertThat(image.personality()).contains(Personality.of(List.of("linux32", "uname26")));
    assertThat(image.shell()).contains(ImagePath.of("/bin/bash"));
    assertThat(image.directoryPolicy()).isEqualTo(DirectoryPolicy.HOME);
    assertThat(image.users()).containsExactly("alice");
    assertThat(image.groups()).containsExactly("hep", "staff");
    assertThat(image.mounts())
        .isEqualTo(
            MountPlan.standard()
                .plus(BindMount.parse(os("/home")))
                .plus(BindMount.parse(os("/data:/srv:ro,private"))));
    assertThat(image.noNewPrivileges()).isTrue();
    assertThat(image.droppedCapabilities())
        .containsExactly(Capability.SYS_MODULE, Capability.SYS_RAWIO);
    assertThat(image.openFiles()).hasValue(1024);
    assertThat(image.consistency())
        .isEqualTo(
            new Consistency(
                Optional.of(AccountSource.NATIVE),
                Set.of(SharedItem.RESOLVER, SharedItem.MACHINE_ID, SharedItem.PASSWORDS)));
    assertThat(image.environment().set())
        .containsExactly(Map.entry(os("CLUSTER"), os("bham")), Map.entry(os("EMPTY"), os("")));
    assertThat(image.environment().unset()).containsExactly(os("LD_PRELOAD"));
    assertThat(image.launchers())
        .contains(new Launchers(HostPath.of("/bin4"), List.of("sh", "bash")));
    assertThat(image.origins()).hasSize(16);
    assertThat(image.origins().get("nofile")).hasToString(FILE + ":12:1");
    assertThat(image.origins().get("environment")).hasToString(FILE + ":15:1");
  }

  @Test
  void read_onePersonalityAndAllCapabilities_needNoList() throws IOException {
    write(
        FILE,
        "root = \"/x\"",
        "personality = \"linux32\"",
        "mounts = []",
        "drop-capabilities = [\"all\"]");
    Image image = read("x");

    assertThat(image.personality()).contains(new Personality(8));
    assertThat(image.mounts()).isEqualTo(MountPlan.empty());
    assertThat(image.droppedCapabilities()).isEqualTo(EnumSet.allOf(Capability.class));
  }

  @Test
  void read_defaults_areReplacedAsAWhole() throws IOException {
    write(
        COMMON,
        "[defaults]",
        "cwd = \"root\"",
        "mounts = [\"/home\", \"/data\"]",
        "nofile = 512",
        "[defaults.environment]",
        "set = { A = \"1\" }");
    write(FILE, "root = \"/x\"", "mounts = [\"/scratch\"]", "[environment]", "unset = [\"B\"]");
    write("/etc/syschroot/images.d/y.toml", "root = \"/y\"");
    Image own = read("x");
    Image plain = read("y");

    assertThat(own.mounts()).isEqualTo(MountPlan.empty().plus(BindMount.parse(os("/scratch"))));
    assertThat(own.environment().set()).isEmpty();
    assertThat(own.environment().unset()).containsExactly(os("B"));
    assertThat(own.directoryPolicy()).isEqualTo(DirectoryPolicy.ROOT);
    assertThat(own.origins().get("mounts")).isEqualTo(new Origin(FILE, 2, 1));
    assertThat(own.origins().get("cwd")).isEqualTo(new Origin(COMMON, 2, 1));
    assertThat(plain.mounts().steps()).hasSize(2);
    assertThat(plain.openFiles()).hasValue(512);
    assertThat(plain.environment().set()).containsEntry(os("A"), os("1"));
    assertThat(plain.origins().get("nofile")).isEqualTo(new Origin(COMMON, 4, 1));
  }

  @Test
  void read_otherFiles_areNotImages() throws IOException {
    write(FILE, "root = \"/x\"");
    write("/etc/syschroot/images.d/x.toml.bak", "nonsense");
    write("/etc/syschroot/images.d/README", "nonsense");

    assertThat(new CatalogReader(FileTrust.ANY).read(directory).all()).hasSize(1);
  }

  private List<String> problems(FileTrust trust) throws IOException {
    return new CatalogReader(trust)
        .read(directory).problems().stream().map(CatalogProblem::message).toList();
  }

  @Test
  void read_untrustedFile_isAProblemWithTheReason() throws IOException {
    write(FILE, "root = \"/x\"");
    RecordingKernel kernel = new RecordingKernel().mode("/etc", 0777);
    FileTrust trust = file -> TrustedPath.forUser(kernel, 0).open(HostPath.of(file.toString()));

    assertThat(problems(trust))
        .containsExactly(
            FILE
                + ":1:1: /etc is writable by users other than root (mode 0777):"
                + " chmod go-w /etc");
  }

  @Test
  void read_fileThatCannotBeRead_isAProblemWithTheReason() throws IOException {
    write(FILE, "root = \"/x\"");
    RecordingKernel kernel = new RecordingKernel().failAlways("openat", Errno.EIO);
    FileTrust trust = file -> TrustedPath.forUser(kernel, 0).open(HostPath.of(file.toString()));

    assertThat(problems(trust))
        .containsExactly(
            FILE
                + ":1:1: cannot be read: openat(path=/, flags=O_DIRECTORY|O_PATH): EIO"
                + " (Input/output error)");
  }

  @Test
  void read_notUtf8_namesTheLine() throws IOException {
    write(FILE, "root = \"/x\"");
    Files.write(
        files.getPath(FILE),
        "root = \"/x\"\ndescription = \"\ufffd caf\u00e9\"\n# end"
            .replace("\ufffd", "?")
            .getBytes(StandardCharsets.ISO_8859_1));

    assertThat(problems(FileTrust.ANY)).containsExactly(FILE + ":2:1: not UTF-8, as TOML requires");
  }

  @Test
  void read_oneWrongFileAmongGoodOnes_keepsTheOthers() throws IOException {
    write(FILE, "root = \"relative\"", "aliases = [\"old\", 7]");
    write("/etc/syschroot/images.d/y.toml", "root = \"/y\"", "aliases = [\"new\"]");
    ImageCatalog catalog = new CatalogReader(FileTrust.ANY).read(directory);

    assertThat(catalog.all()).extracting(image -> image.name().value()).containsExactly("y");
    assertThat(catalog.find("new")).isPresent();
    assertThat(catalog.find("x")).isEmpty();
    assertThat(catalog.problemsWith("x")).isEqualTo(catalog.problems()).hasSize(1);
    assertThat(catalog.problemsWith("old")).isEqualTo(catalog.problems());
    assertThat(catalog.problemsWith("y")).isEmpty();
  }

  @Test
  void read_aliasThatAWrongFileClaims_selectsNothing() throws IOException {
    write(FILE, "root = \"/x\"", "aliases = [\"old\"]", "colour = \"red\"");
    write("/etc/syschroot/images.d/y.toml", "root = \"/y\"", "aliases = [\"old\", \"x\"]");
    ImageCatalog catalog = new CatalogReader(FileTrust.ANY).read(directory);

    assertThat(catalog.find("old")).isEmpty();
    assertThat(catalog.find("x")).isEmpty();
    assertThat(catalog.find("y")).isPresent();
    assertThat(catalog.near("old")).doesNotContain("old");
  }

  @Test
  void read_twoImagesOneAlias_selectsNeitherByIt() throws IOException {
    write(FILE, "root = \"/x\"", "aliases = [\"old\"]");
    write("/etc/syschroot/images.d/y.toml", "root = \"/y\"", "# the same", "aliases = [\"old\"]");
    ImageCatalog catalog = new CatalogReader(FileTrust.ANY).read(directory);

    assertThat(catalog.problemsWith("old"))
        .extracting(CatalogProblem::message)
        .containsExactly(
            "/etc/syschroot/images.d/y.toml:3:1: \"old\" already names the image x (/x): every"
                + " name and alias must be unique");
    assertThat(catalog.find("old")).isEmpty();
    assertThat(catalog.find("x")).isPresent();
    assertThat(catalog.find("y")).isPresent();
  }

  @Test
  void read_aliasThatIsAName_namesThePlaceOfTheAlias() throws IOException {
    write(FILE, "root = \"/x\"", "aliases = [\"y\"]");
    write("/etc/syschroot/images.d/y.toml", "root = \"/y\"");
    ImageCatalog catalog = new CatalogReader(FileTrust.ANY).read(directory);

    assertThat(catalog.problemsWith("y"))
        .extracting(CatalogProblem::message)
        .containsExactly(
            FILE
                + ":2:1: \"y\" already names the image y (/y): every name and alias must be unique");
    assertThat(catalog.find("y")).isEmpty();
    assertThat(catalog.all()).hasSize(2);
  }

  @Test
  void read_commandThatIsAName_submitsNothing() throws IOException {
    write(
        FILE, "root = \"/x\"", "[submit]", "scheduler = \"slurm\"", "commands = [\"y\", \"sub\"]");
    write("/etc/syschroot/images.d/y.toml", "root = \"/y\"");
    ImageCatalog catalog = new CatalogReader(FileTrust.ANY).read(directory);

    assertThat(catalog.find("y")).isEmpty();
    assertThat(catalog.submittedToBy("y")).isEmpty();
    assertThat(catalog.submittedToBy("sub")).isPresent();
  }

  private static final String OWN = "/home/alice/.config/syschroot/images.d/";

  private ImageCatalog withOwn() throws IOException {
    Path own = files.getPath("/home/alice/.config/syschroot");
    return new CatalogReader(FileTrust.ANY)
        .read(new ConfigDirectories(directory, Optional.of(own)));
  }

  @Test
  void read_ownImagesBesideTheSystems_hasBoth() throws IOException {
    write(FILE, "root = \"/x\"");
    write(OWN + "mine.toml", "root = \"/home/alice/mine\"", "aliases = [\"m\"]");

    assertThat(withOwn().problems()).isEmpty();
    assertThat(withOwn().all())
        .extracting(image -> image.name().value())
        .containsExactly("mine", "x");
    assertThat(withOwn().find("m")).isPresent();
  }

  @Test
  void read_noDirectoryOfOnesOwn_hasTheSystems() throws IOException {
    write(FILE, "root = \"/x\"");

    assertThat(withOwn().problems()).isEmpty();
    assertThat(withOwn().find("x")).isPresent();
  }

  @Test
  void read_ownDefaults_areForOwnImagesOnly() throws IOException {
    write(FILE, "root = \"/x\"");
    write(OWN + "mine.toml", "root = \"/home/alice/mine\"");
    write("/home/alice/.config/syschroot/syschroot.toml", "[defaults]", "shell = \"/bin/zsh\"");
    write("/etc/syschroot/syschroot.toml", "[defaults]", "description = \"of the system\"");

    assertThat(withOwn().find("mine").orElseThrow().shell()).isPresent();
    assertThat(withOwn().find("mine").orElseThrow().description()).isEmpty();
    assertThat(withOwn().find("x").orElseThrow().shell()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "x.toml, aliases = []",
    "mine.toml, 'aliases = [\"x\"]'",
    "mine.toml, 'aliases = [\"old\"]'",
    "mine.toml, 'submit = { scheduler = \"slurm\", commands = [\"x\"] }'"
  })
  void read_ownImageWithANameOfTheSystem_isRefusedAlone(String file, String setting)
      throws IOException {
    write(FILE, "root = \"/x\"", "aliases = [\"old\"]");
    write(OWN + file, "root = \"/home/alice/x\"", setting);
    write(OWN + "other.toml", "root = \"/home/alice/other\"");
    ImageCatalog catalog = withOwn();

    assertThat(catalog.problems())
        .singleElement()
        .extracting(CatalogProblem::message)
        .asString()
        .startsWith(OWN + file + ":1:1: ")
        .endsWith("is the name of an image in /etc/syschroot: choose another name for yours");
    assertThat(catalog.find("x").orElseThrow().root()).isEqualTo(HostPath.of("/x"));
    assertThat(catalog.find("old").orElseThrow().root()).isEqualTo(HostPath.of("/x"));
    assertThat(catalog.find("mine")).isEmpty();
    assertThat(catalog.find("other")).isPresent();
  }

  @Test
  void read_ownImageWithANameThatARefusedFileOfTheSystemClaims_isRefused() throws IOException {
    write(FILE, "root = \"/x\"", "aliases = [\"old\"]", "colour = \"red\"");
    write(OWN + "old.toml", "root = \"/home/alice/old\"");

    assertThat(withOwn().find("old")).isEmpty();
    assertThat(withOwn().problemsWith("old")).isNotEmpty();
  }

  @Test
  void read_wrongFilesOfOnesOwn_concernNoImageOfTheSystem() throws IOException {
    write(FILE, "root = \"/x\"");
    write(OWN + "x.toml", "root = \"relative\"");
    write(OWN + "mine.toml", "root = \"/home/alice/mine\"");
    assertThat(withOwn().problems()).hasSize(1);
    assertThat(withOwn().find("x")).isPresent();

    write("/home/alice/.config/syschroot/syschroot.toml", "[default]");
    assertThat(withOwn().find("x")).isPresent();
    assertThat(withOwn().find("mine")).isEmpty();
    assertThat(withOwn().problemsWith("mine")).hasSize(1);
  }

  @Test
  void directories_ofUsers_followTheXdgSpecificationButNeverForRoot() {
    assertThat(own(1000, Map.of("HOME", "/home/alice")))
        .contains(Path.of("/home/alice/.config/syschroot"));
    assertThat(own(1000, Map.of("HOME", "/home/alice", "XDG_CONFIG_HOME", "/c")))
        .contains(Path.of("/c/syschroot"));
    assertThat(own(1000, Map.of("HOME", "/home/alice", "XDG_CONFIG_HOME", "c")))
        .contains(Path.of("/home/alice/.config/syschroot"));
    assertThat(own(1000, Map.of("HOME", ""))).isEmpty();
    assertThat(own(0, Map.of("HOME", "/root", "XDG_CONFIG_HOME", "/c"))).isEmpty();
  }

  private static Optional<Path> own(int uid, Map<String, String> environment) {
    return ConfigDirectories.ofUser(uid, environment).own();
  }

  @Test
  void read_badFileName_isAProblem() throws IOException {
    write("/etc/syschroot/images.d/sl 5.toml", "root = \"/x\"");

    assertThat(problems(FileTrust.ANY))
        .containsExactly(
            "/etc/syschroot/images.d/sl 5.toml:1:1: the file's name: \"sl 5\" is not an image"
                + " name: letters, digits, \".\", \"_\" and \"-\" are allowed, and it begins with"
                + " a letter or digit");
  }
}
