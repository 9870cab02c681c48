// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.javadoc;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.syschroot.Syschroot;
import org.syschroot.SyschrootReload;
import org.syschroot.config.CatalogReader;
import org.syschroot.config.FileTrust;
import org.syschroot.doctor.checks.StandardChecks;
import org.syschroot.doctor.finding.Diagnosis;
import org.syschroot.doctor.finding.Severity;
import org.syschroot.explain.TextExplanation;
import org.syschroot.image.Consistency;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.image.ImageName;
import org.syschroot.image.MountContributor;
import org.syschroot.image.Personality;
import org.syschroot.image.SharedItem;
import org.syschroot.images.Bootstrap;
import org.syschroot.images.DebootstrapImage;
import org.syschroot.images.DnfImage;
import org.syschroot.images.HostImage;
import org.syschroot.images.HostImageReport;
import org.syschroot.images.ImageFile;
import org.syschroot.images.RepositoryFile;
import org.syschroot.images.RpmSystem;
import org.syschroot.images.SourceImage;
import org.syschroot.images.SourceReport;
import org.syschroot.junit.InEachImage;
import org.syschroot.junit.InImage;
import org.syschroot.junit.TestImage;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountOption;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.mountplan.TmpfsMount;
import org.syschroot.mounts.ImageAccess;
import org.syschroot.mounts.ImageFiles;
import org.syschroot.mounts.ImageLaunchers;
import org.syschroot.mounts.ImageMounts;
import org.syschroot.mounts.MountListener;
import org.syschroot.mounts.removal.ImageRemoval;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.personality.ImageOfProcess;
import org.syschroot.personality.Uname;
import org.syschroot.personality.Whereabouts;
import org.syschroot.plan.Identity;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchListener;
import org.syschroot.plan.SwitchPlan;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.site.Contribution;
import org.syschroot.site.Requester;
import org.syschroot.site.SwitchContributor;
import org.syschroot.spawn.Spawn;
import org.syschroot.spawn.SwitchedProcess;
import org.syschroot.syslog.relay.RelayedImage;
import org.syschroot.syslog.relay.SyslogRelay;

/**
 * The examples in the Javadoc of the library, compiled: each stands between {@code example: TYPE}
 * and {@code end}, and {@link JavadocExamplesTest} compares. Not run.
 */
@SuppressWarnings("unused")
final class JavadocExamples {
  private JavadocExamples() {}

  static void syschroot() throws Exception {
    // example: Syschroot
    Syschroot syschroot = Syschroot.load(Path.of("/etc/syschroot"));
    Image sl5 = syschroot.image("sl5");
    SwitchedProcess make = syschroot.start(SwitchRequest.in(sl5).command("make", "-j4"));
    // end
  }

  static void reload() throws Exception {
    // example: SyschrootReload
    SyschrootReload images = SyschrootReload.of(Path.of("/etc/syschroot"));
    images.current().start(SwitchRequest.in(images.current().image("sl5")));
    // end
  }

  static void spawn(Syschroot syschroot, Image sl5, File log) throws Exception {
    // example: Spawn
    SwitchedProcess make =
        syschroot
            .prepare(SwitchRequest.in(sl5).command("make", "-j4"))
            .redirectOutput(Redirect.to(log))
            .redirectErrorStream(true)
            .start();
    // end
  }

  static void request(Syschroot syschroot, Image sl5) throws Exception {
    // example: SwitchRequest
    SwitchRequest build = SwitchRequest.in(sl5).command("make", "-j4").directory("/home/alice/src");
    SwitchedProcess make = syschroot.start(build.identity(Identity.of("alice")));
    // end
  }

  static void process(Syschroot syschroot, Image sl5) throws Exception {
    // example: SwitchedProcess
    SwitchedProcess uname = syschroot.start(SwitchRequest.in(sl5).command("uname", "-r"));
    byte[] release = uname.getInputStream().readAllBytes();
    int status = uname.waitFor();
    // end
  }

  static void image() {
    // example: Image
    Image tools =
        Image.builder(new ImageName("tools"), HostPath.of("/sysroot/tools"))
            .mounts(MountPlan.standard())
            .users(List.of("alice"))
            .build();
    // end
  }

  static void catalog(Image tools) throws IOException {
    // example: ImageCatalog
    ImageCatalog catalog = ImageCatalog.of(List.of(tools));
    Image found = catalog.find("tools").orElseThrow();
    Syschroot syschroot = Syschroot.of(catalog);
    // end
  }

  static void mountPlan() {
    // example: MountPlan
    MountPlan plan =
        MountPlan.standard()
            .plus(BindMount.of(HostPath.of("/data"), MountOption.READ_ONLY))
            .plus(new TmpfsMount(ImagePath.of("/scratch"), OsString.of("size=1g")))
            .without(ImagePath.of("/tmp"));
    // end
  }

  // example: MountContributor
  public final class DataMount implements MountContributor {
    @Override
    public String name() {
      return "data";
    }

    @Override
    public MountPlan contribute(Image image, HostFiles host, MountPlan plan) {
      HostPath data = HostPath.of("/data");
      boolean isHere = host.kind(data) == HostFiles.Kind.DIRECTORY;
      return isHere ? plan.plus(BindMount.of(data)) : plan;
    }
  }

  // end

  static void identity(Syschroot syschroot, Image sl5) throws Exception {
    // example: Identity
    Identity alice = Identity.of("alice"); // and her groups, as the host knows them
    Identity service = new Identity(990, 990, List.of());
    syschroot.start(SwitchRequest.in(sl5).identity(alice).command("make"));
    // end
  }

  static void mounts(Syschroot syschroot, Image sl5) throws Exception {
    // example: ImageMounts
    try (ImageMounts mounts = ImageAccess.of(syschroot).mounts(sl5)) {
      mounts.up(MountListener.NONE);
    }
    // end
  }

  static void relay(Image image) throws Exception {
    // example: SyslogRelay
    try (SyslogRelay relay =
        SyslogRelay.builder()
            .image(RelayedImage.of(image.name(), image.root()))
            .listener(event -> log(event.message()))
            .build()) {
      relay.start();
      awaitTermination();
    }
    // end
  }

  static void exception(Spawn make) throws IOException {
    // example: SwitchException
    try {
      make.start();
    } catch (SwitchException e) {
      log(e.fact() + e.hint().map(hint -> " (" + hint + ")").orElse(""));
      int status = e.kind().exitStatus(); // as a shell has it: 125, 126 or 127
    }
    // end
  }

  static void explanation(Syschroot syschroot, Image sl5) throws Exception {
    // example: TextExplanation
    SwitchPlan plan = syschroot.plan(SwitchRequest.in(sl5).command("make"));
    System.out.println(TextExplanation.of(plan));
    // end
  }

  // example: SwitchListener
  public final class Accounting implements SwitchListener {
    @Override
    public void ended(SwitchPlan plan, long pid, int exitStatus) {
      log(plan.image().name() + " " + pid + ": " + exitStatus);
    }
  }

  // end

  static Image consistent(Image.Builder tools) {
    // example: Consistency
    Consistency names = new Consistency(Optional.empty(), Set.of(SharedItem.HOSTS));
    return tools.consistency(names).build();
    // end
  }

  static void reader() throws Exception {
    // example: CatalogReader
    Image tools = CatalogReader.image("tools", "root = \"/sysroot/tools\"");
    Syschroot syschroot = Syschroot.of(ImageCatalog.of(List.of(tools)));
    // end
  }

  static void strings(Image sl5) {
    // example: OsString
    OsString name = OsString.ofBytes(new byte[] {'B', (byte) 0xfc, 'r', 'o'}); // Latin-1
    OsString text = OsString.of("Büro"); // UTF-8
    boolean same = name.equals(text); // false
    // end
  }

  static void trust(Path job) throws IOException {
    // example: FileTrust
    FileTrust.ofThisProcess().check(job); // or an exception that says who could have changed it
    // end
  }

  // example: SwitchContributor
  public final class LicenceServer implements SwitchContributor {
    @Override
    public String name() {
      return "licences";
    }

    @Override
    public Contribution contribute(Image image, HostFiles host, Requester requester) {
      return requester.identity().groups().contains(27)
          ? Contribution.NONE.variable("LM_LICENSE_FILE", "27000@licences")
          : Contribution.NONE;
    }
  }

  // end

  static boolean access(Syschroot syschroot, Image sl5) throws Exception {
    // example: ImageAccess
    ImageAccess access = ImageAccess.of(syschroot);
    return access.lacksMounts(sl5);
    // end
  }

  static void launchers(Syschroot syschroot, Image sl5) throws Exception {
    // example: ImageLaunchers
    ImageLaunchers launchers = new ImageLaunchers(ImageAccess.of(syschroot));
    launchers.write(sl5);
    List<HostPath> asConfigured = launchers.current(sl5);
    // end
  }

  static boolean files(Syschroot syschroot, Image sl5) throws Exception {
    // example: ImageFiles
    try (ImageFiles files = ImageAccess.of(syschroot).files(sl5)) {
      return files.isProgram(ImagePath.of("/usr/bin/make"));
    }
    // end
  }

  static void removal(Image sl5) throws Exception {
    // example: ImageRemoval
    ImageRemoval.remove(sl5.root());
    // end
  }

  static void hostImage(Path root) throws Exception {
    // example: HostImage
    HostImageReport made =
        HostImage.searching("/usr/bin:/bin").create(root, List.of("sh", "cat"), file -> {});
    // end
  }

  static void debootstrap(Path root) throws Exception {
    // example: DebootstrapImage
    Bootstrap bookworm = new Bootstrap("bookworm", Optional.of("i386"), Optional.empty());
    DebootstrapImage.installed(System.getenv("PATH")).create(root, bookworm, line -> log(line));
    // end
  }

  static void dnf(Path root, RepositoryFile repositories) throws Exception {
    // example: DnfImage
    RpmSystem system = new RpmSystem("9", Optional.empty(), List.of(repositories), RpmSystem.BASE);
    DnfImage.installed(System.getenv("PATH")).create(root, system, line -> log(line));
    // end
  }

  static void sourceImage(Path root) throws Exception {
    // example: SourceImage
    SourceReport made = SourceImage.create(root, "docker://registry.example.org/sl:5", line -> {});
    made.losses().forEach(line -> log(line));
    // end
  }

  static void imageFile(Path config, Path root) throws Exception {
    // example: ImageFile
    ImageFile.write(config, new ImageName("tools"), "root = \"" + root + "\"\n");
    Image tools = Syschroot.load(config).image("tools");
    // end
  }

  static void doctor(Syschroot syschroot, Image sl5) throws Exception {
    // example: StandardChecks
    Diagnosis diagnosis = StandardChecks.examine(syschroot, sl5);
    long errors = diagnosis.count(Severity.ERROR);
    // end
  }

  static void imageOfProcess(Syschroot syschroot, long pid) throws Exception {
    // example: ImageOfProcess
    Whereabouts where = ImageOfProcess.among(syschroot.catalog()).of(pid);
    String image = where.image().map(ImageName::toString).orElse("host");
    // end
  }

  static String uname() throws IOException {
    return
    // example: Uname
    Uname.running().under(Personality.of(List.of("linux32"))).machine() // i686
    // end
    ;
  }

  private static void log(String message) {
    System.err.println(message);
  }

  private static void awaitTermination() throws InterruptedException {
    Thread.currentThread().join();
  }

  /** Not found by the engine: its tests need an image. */
  abstract static class Tests {
    // example: InImage
    @Test
    @InImage("sl5")
    void build_onScientificLinux5_succeeds(TestImage sl5) throws Exception {
      sl5.run("make", "check").requireSuccess();
    }

    // end

    // example: InEachImage
    @InEachImage
    void build_onEachSystem_succeeds(TestImage image) throws Exception {
      image.run("make", "check").requireSuccess();
    }
    // end
  }
}
