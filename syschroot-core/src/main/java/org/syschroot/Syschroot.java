// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.ServiceLoader;
import java.util.Set;
import org.syschroot.config.CatalogReader;
import org.syschroot.config.FileTrust;
import org.syschroot.exec.InPlaceSwitch;
import org.syschroot.image.CatalogProblem;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.image.MountContributor;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.mount.MountSupport;
import org.syschroot.mount.MountSurvey;
import org.syschroot.mount.Mounter;
import org.syschroot.path.HostPath;
import org.syschroot.perform.SwitchListener;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchPlan;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.site.SiteCode;
import org.syschroot.spawn.Spawn;
import org.syschroot.spawn.SpawnHost;
import org.syschroot.spawn.SwitchedProcess;
import org.syschroot.trust.TrustedPath;

/**
 * The images of a site, and this JVM's way into them. Immutable and thread-safe.
 *
 * <pre>{@code
 * Syschroot syschroot = Syschroot.load(Path.of("/etc/syschroot"));
 * Image sl5 = syschroot.image("sl5");
 * SwitchedProcess make = syschroot.start(SwitchRequest.in(sl5).command("make", "-j4"));
 * }</pre>
 *
 * <p>To switch, the JVM needs root's privileges.
 */
public final class Syschroot {
  private static final Set<Integer> STANDARD_STREAMS = Set.of(0, 1, 2);

  private final ImageCatalog catalog;
  private final SpawnHost host;
  private final MountSupport mounts;

  private Syschroot(ImageCatalog catalog, SpawnHost host, MountSupport mounts) {
    this.catalog = catalog;
    this.host = host;
    this.mounts = mounts;
  }

  /**
   * Reads the images of a configuration directory, such as {@code /etc/syschroot}, and loads the
   * site code in its {@code lib}. Mounting is left to the first {@link MountSupport} on the class
   * path, which the module syschroot-mounts has.
   *
   * <p>An image whose file is wrong is left out; {@code catalog().problems()} says why.
   *
   * @throws org.syschroot.config.ConfigException if {@code syschroot.toml} is wrong or not to be
   *     trusted
   * @throws IOException if that file or a directory cannot be read
   */
  public static Syschroot load(Path configDirectory) throws IOException {
    Kernel kernel = LinuxKernel.running();
    TrustedPath trust = TrustedPath.forUser(kernel, LinuxProcessCalls.running().effectiveUid());
    FileTrust checked = file -> kernel.close(trust.open(HostPath.of(file.toString())));
    Path directory = configDirectory.toAbsolutePath();
    ImageCatalog catalog = new CatalogReader(checked).read(directory);
    return of(catalog, new SiteCode(directory, checked).contributors());
  }

  /**
   * Returns this JVM's way into images that were not read from files.
   *
   * @throws IOException if this process cannot be looked at in {@code /proc}
   */
  public static Syschroot of(ImageCatalog catalog) throws IOException {
    return of(catalog, List.of());
  }

  /**
   * Returns this JVM's way into images that were not read from files.
   *
   * @param contributors site code that adds mounts or takes them away
   * @throws IOException if this process cannot be looked at in {@code /proc}
   */
  public static Syschroot of(ImageCatalog catalog, List<MountContributor> contributors)
      throws IOException {
    MountSupport mounts =
        ServiceLoader.load(MountSupport.class, Syschroot.class.getClassLoader())
            .findFirst()
            .orElseGet(NoMounts::new);
    return new Syschroot(catalog, SpawnHost.running(mounts, contributors), mounts);
  }

  /** Returns all images. */
  public ImageCatalog catalog() {
    return catalog;
  }

  /**
   * Returns the image of a name or alias.
   *
   * @throws NoSuchElementException if there is none; its message names near ones, or what is wrong
   *     with the image's file
   */
  public Image image(String name) {
    return catalog.find(name).orElseThrow(() -> new NoSuchElementException(whyNot(name)));
  }

  private String whyNot(String name) {
    List<CatalogProblem> problems = catalog.problemsWith(name);
    return problems.isEmpty()
        ? "no such image: " + name + "; near: " + catalog.near(name)
        : problems.get(0).message();
  }

  /** Returns the way to start a request, with pipes until said otherwise. */
  public Spawn prepare(SwitchRequest request) {
    return Spawn.of(host, request);
  }

  /**
   * Starts a request with pipes for its three streams.
   *
   * @throws SwitchException if a step fails; then there is no process
   */
  public SwitchedProcess start(SwitchRequest request) throws SwitchException {
    return prepare(request).start();
  }

  /**
   * Decides what a request takes, and touches nothing.
   *
   * @throws SwitchException if the request cannot be carried out
   */
  public SwitchPlan plan(SwitchRequest request) throws SwitchException {
    return prepare(request).plan();
  }

  /**
   * Becomes the command: this JVM ends without shutdown hooks, and what is still in its buffers is
   * lost. Returns only by an exception, after which the calling thread may be in the image: report
   * it and exit.
   *
   * @throws SwitchException if a step fails
   */
  public void exec(SwitchRequest request) throws SwitchException {
    Kernel kernel = LinuxKernel.running();
    SwitchPlan plan;
    try {
      plan = request.plan(host.caller(STANDARD_STREAMS), host.state());
    } catch (SwitchException e) {
      throw e;
    } catch (IOException e) {
      throw new SwitchException(request.image().name(), "cannot look at this system", e);
    }
    int uid = LinuxProcessCalls.running().effectiveUid();
    new InPlaceSwitch(plan, kernel, mounts.mounter(kernel), SwitchListener.SILENT, uid).run();
  }

  /** Stands in where no module can mount: images without mounts need none. */
  private static final class NoMounts implements MountSupport {
    @Override
    public Mounter mounter(Kernel kernel) {
      return (root, mount) -> {
        throw new KernelException("mount", mount.step().toString(), Errno.ENOSYS.number())
            .withHint("put syschroot-mounts on the class path");
      };
    }

    @Override
    public MountSurvey survey(Kernel kernel) {
      return MountSurvey.NOTHING_MOUNTED;
    }
  }
}
