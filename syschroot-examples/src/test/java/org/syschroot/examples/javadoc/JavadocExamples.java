// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.javadoc;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.syschroot.Syschroot;
import org.syschroot.SyschrootReload;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.image.ImageName;
import org.syschroot.image.MountContributor;
import org.syschroot.image.Personality;
import org.syschroot.junit.InEachImage;
import org.syschroot.junit.InImage;
import org.syschroot.junit.TestImage;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxSocketDiagnosis;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountOption;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.mountplan.TmpfsMount;
import org.syschroot.mounts.ImageAccess;
import org.syschroot.mounts.ImageMounts;
import org.syschroot.mounts.MountListener;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.personality.Uname;
import org.syschroot.plan.Identity;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.spawn.SwitchedProcess;
import org.syschroot.syslog.relay.RelayedImage;
import org.syschroot.syslog.relay.SyslogRelay;
import org.syschroot.syslog.route.LogRoute;
import org.syschroot.syslog.route.LogRouteProbe;
import org.syschroot.syslog.route.LogView;

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

  static void route(Kernel kernel, ImageName name, int imageRoot) throws Exception {
    // example: LogRouteProbe
    LogView view = new LogRouteProbe(kernel, LinuxSocketDiagnosis.running()).look(name, imageRoot);
    LogRoute route = LogRoute.of(view);
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
