// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.syschroot.caller.Caller;
import org.syschroot.caller.CurrentProcess;
import org.syschroot.config.CatalogReader;
import org.syschroot.config.ConfigDirectories;
import org.syschroot.config.FileTrust;
import org.syschroot.exec.CompiledSwitch;
import org.syschroot.exec.InPlaceSwitch;
import org.syschroot.host.SchedulerSupport;
import org.syschroot.image.CatalogProblem;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.image.MountContributor;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.kernel.LinuxProgramMemory;
import org.syschroot.mounting.MountSupport;
import org.syschroot.mounting.MountSurvey;
import org.syschroot.mounting.Mounter;
import org.syschroot.perform.StartNotices;
import org.syschroot.perform.UserNamespace;
import org.syschroot.plan.ImagePlan;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchListener;
import org.syschroot.plan.SwitchPlan;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.rules.SiteCode;
import org.syschroot.rules.SiteRules;
import org.syschroot.spawn.Spawn;
import org.syschroot.spawn.SpawnContext;
import org.syschroot.spawn.SwitchedProcess;

/**
 * Entry point: loads the images of a configuration directory and starts commands in them. The
 * {@code syschroot} command is a program on top of it. Thread-safe.
 *
 * <pre>{@code
 * Syschroot syschroot = Syschroot.load(Path.of("/etc/syschroot"));
 * Image sl5 = syschroot.image("sl5");
 * SwitchedProcess make = syschroot.start(SwitchRequest.in(sl5).command("make", "-j4"));
 * }</pre>
 *
 * <p>Without root's privileges a command runs in a user namespace of its own.
 */
public final class Syschroot {
  private static final Set<Integer> STANDARD_STREAMS = Set.of(0, 1, 2);
  private static final int STANDARD_ERROR = 2;

  private final ImageCatalog catalog;
  private final Kernel kernel;
  private final MountSupport mounts;
  private final SiteRules site;
  private @Nullable SpawnContext spawnHost;

  private Syschroot(
      ImageCatalog catalog,
      Kernel kernel,
      MountSupport mounts,
      SchedulerSupport schedulers,
      SiteCode code,
      Contributors own) {
    this.catalog = catalog;
    this.kernel = kernel;
    this.mounts = mounts;
    this.site = new SiteRules(kernel, mounts, schedulers, code, own.list());
  }

  /** Contributors that the program itself has. */
  private record Contributors(List<MountContributor> list) {}

  /**
   * Reads the images of a configuration directory, such as {@code /etc/syschroot}, and loads the
   * extensions in its {@code lib}. Mounting is left to the first {@link MountSupport} on the class
   * path, which the module syschroot-mounts has, and what {@code [submit]} means to the first
   * {@link SchedulerSupport}, which the module syschroot-batch has.
   *
   * <p>An image whose file is wrong is left out; {@code catalog().problems()} says why.
   *
   * @throws org.syschroot.config.ConfigException if {@code syschroot.toml} is wrong or not to be
   *     trusted
   * @throws org.syschroot.rules.SiteCodeException if site code cannot be loaded
   * @throws IOException if that file or a directory cannot be read
   */
  public static Syschroot load(Path configDirectory) throws IOException {
    Syschroot loaded = configuredIn(configDirectory).load();
    loaded.site.load();
    loaded.spawnHost();
    return loaded;
  }

  /**
   * Reads the images that the {@code syschroot} command has for the user of this process: those of
   * {@code /etc/syschroot}, and for an ordinary user their own besides. See {@link #load(Path)}.
   *
   * @throws org.syschroot.config.ConfigException if {@code /etc/syschroot/syschroot.toml} is wrong
   *     or not to be trusted
   * @throws org.syschroot.rules.SiteCodeException if site code cannot be loaded
   * @throws IOException if that file or {@code /etc/syschroot} cannot be read
   */
  public static Syschroot load() throws IOException {
    int uid = LinuxProcessCalls.running().effectiveUid();
    Syschroot loaded = configuredIn(ConfigDirectories.ofUser(uid, System.getenv())).load();
    loaded.site.load();
    loaded.spawnHost();
    return loaded;
  }

  /**
   * Returns a loader for a configuration directory, for other options than those of {@link #load}.
   */
  public static Loader configuredIn(Path configDirectory) {
    return configuredIn(ConfigDirectories.only(configDirectory));
  }

  /**
   * Returns a loader for configuration directories, for other options than those of {@link
   * #load()}.
   */
  public static Loader configuredIn(ConfigDirectories directories) {
    return new Loader(directories);
  }

  /**
   * Returns the entry for images that were not read from files.
   *
   * @throws IOException if this process cannot be looked at in {@code /proc}
   */
  public static Syschroot of(ImageCatalog catalog) throws IOException {
    return of(catalog, List.of());
  }

  /**
   * Returns the entry for images that were not read from files.
   *
   * @param contributors add mounts or take them away
   * @throws IOException if this process cannot be looked at in {@code /proc}
   */
  public static Syschroot of(ImageCatalog catalog, List<MountContributor> contributors)
      throws IOException {
    Kernel kernel = LinuxKernel.running();
    SiteCode none = SiteCode.none(kernel);
    Syschroot made =
        new Syschroot(
            catalog,
            kernel,
            mountsOfClassPath(),
            schedulersOfClassPath(),
            none,
            new Contributors(contributors));
    made.spawnHost();
    return made;
  }

  private static MountSupport mountsOfClassPath() {
    return ServiceLoader.load(MountSupport.class, Syschroot.class.getClassLoader())
        .findFirst()
        .orElseGet(NoMounts::new);
  }

  private static SchedulerSupport schedulersOfClassPath() {
    return ServiceLoader.load(SchedulerSupport.class, Syschroot.class.getClassLoader())
        .findFirst()
        .orElse(SchedulerSupport.NONE);
  }

  /**
   * Loader of a configuration directory, with options. What is not said is as with {@link
   * Syschroot#load}; problems of site code are found when it is first needed. Not thread-safe.
   */
  public static final class Loader {
    private final ConfigDirectories directories;
    private Kernel kernel = LinuxKernel.running();
    private @Nullable FileTrust trust;
    private @Nullable MountSupport mounts;
    private @Nullable SchedulerSupport schedulers;
    private Consumer<String> warnings = warning -> {};
    private boolean siteCode = true;

    private Loader(ConfigDirectories given) {
      directories =
          new ConfigDirectories(
              given.system().toAbsolutePath(), given.own().map(Path::toAbsolutePath));
    }

    /** Omits the extensions in the directory's {@code lib} without reading them. */
    public Loader withoutSiteCode() {
      siteCode = false;
      return this;
    }

    /** Sets the receiver of warnings about slow or failing extensions. */
    public Loader warnings(Consumer<String> receiver) {
      warnings = receiver;
      return this;
    }

    /** Sets the implementation of mounts, instead of that of the class path. */
    public Loader mounts(MountSupport support) {
      mounts = support;
      return this;
    }

    /** Sets the batch schedulers, instead of those of the class path. */
    public Loader schedulers(SchedulerSupport support) {
      schedulers = support;
      return this;
    }

    /** Sets the implementation of system calls. */
    public Loader kernel(Kernel calls) {
      kernel = calls;
      return this;
    }

    /**
     * Sets the policy for configuration files, instead of accepting only files that only root can
     * write.
     */
    public Loader trust(FileTrust accepted) {
      trust = accepted;
      return this;
    }

    /**
     * Reads the images.
     *
     * @throws org.syschroot.config.ConfigException if {@code syschroot.toml} is wrong or not to be
     *     trusted
     * @throws IOException if that file or a directory cannot be read
     */
    public Syschroot load() throws IOException {
      FileTrust strict = FileTrust.ofUser(kernel, LinuxProcessCalls.running().effectiveUid());
      SchedulerSupport known = schedulers == null ? schedulersOfClassPath() : schedulers;
      ImageCatalog catalog =
          new CatalogReader(trust == null ? strict : trust, known).read(directories);
      SiteCode code =
          siteCode
              ? SiteCode.in(directories.system(), strict, kernel, warnings)
              : SiteCode.none(kernel);
      return new Syschroot(
          catalog,
          kernel,
          mounts == null ? mountsOfClassPath() : mounts,
          known,
          code,
          new Contributors(List.of()));
    }
  }

  private synchronized SpawnContext spawnHost() throws IOException {
    SpawnContext known = spawnHost;
    if (known == null) {
      known =
          SpawnContext.running(mounts.mounter(kernel), site, new UnprivilegedPlans(kernel, mounts));
      spawnHost = known;
    }
    return known;
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
    if (!problems.isEmpty()) {
      return problems.get(0).message();
    }
    List<String> near = catalog.near(name).stream().map(Object::toString).toList();
    return "no such image: " + name + (near.isEmpty() ? "" : "; near: " + String.join(", ", near));
  }

  /** Returns the rules of this host for all commands and mounts. */
  public SiteRules site() {
    return site;
  }

  /** Returns a builder for a child process; its standard streams are pipes by default. */
  public Spawn prepare(SwitchRequest request) {
    try {
      return Spawn.of(spawnHost(), request);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
   * Computes the steps for a request without executing any of them.
   *
   * @throws SwitchException if the request cannot be carried out
   */
  public SwitchPlan plan(SwitchRequest request) throws SwitchException {
    return prepare(request).plan();
  }

  /**
   * Computes the steps for a request of another caller than this JVM, without executing any of
   * them.
   *
   * @throws SwitchException if the request cannot be carried out
   */
  public SwitchPlan plan(SwitchRequest request, Caller caller) throws SwitchException {
    return site.plan(request, caller);
  }

  /**
   * Computes the steps for a request independently of the caller, without executing any of them.
   *
   * @throws SwitchException if the request cannot be carried out
   */
  public ImagePlan imagePlan(SwitchRequest request) throws SwitchException {
    return site.imagePlan(request);
  }

  /**
   * Replaces this JVM by the command: shutdown hooks do not run, and buffered output is lost.
   * Returns only by an exception, after which the calling thread may be in the image: report it and
   * exit. A file that another thread opens at that moment without close-on-exec is the command's.
   *
   * @throws SwitchException if a step fails
   */
  public void exec(SwitchRequest request) throws SwitchException {
    Caller caller;
    try {
      caller = CurrentProcess.of(kernel).asJvm(STANDARD_STREAMS);
    } catch (IOException e) {
      throw new SwitchException(request.image().name(), "cannot read the state of this process", e);
    }
    exec(plan(request, caller), SwitchListener.SILENT);
  }

  /**
   * Replaces this JVM by the command of a plan, as {@link #exec(SwitchRequest)} does.
   *
   * @param own is told before the listeners of the site
   * @throws SwitchException if a step fails, or a listener of the site refuses
   */
  public void exec(SwitchPlan plan, SwitchListener own) throws SwitchException {
    SwitchListener told = site.listener(plan, own);
    int uid = LinuxProcessCalls.running().effectiveUid();
    try {
      StartNotices.tell(told, plan);
      if (plan.needsProcessOfOneThread()) {
        becomeCompiled(plan, told);
      }
      new InPlaceSwitch(plan, kernel, mounts.mounter(kernel), told, uid).run();
    } catch (UncheckedIOException e) {
      SwitchException refused =
          new SwitchException(plan.image().name(), Objects.requireNonNull(e.getCause()));
      told.notStarted(plan, refused);
      throw refused;
    } catch (SwitchException e) {
      told.notStarted(plan, e);
      throw e;
    }
  }

  private void becomeCompiled(SwitchPlan plan, SwitchListener told) throws SwitchException {
    UnprivilegedPlans compiler = new UnprivilegedPlans(kernel, mounts);
    LinuxProgramMemory memory = new LinuxProgramMemory(kernel);
    try (UserNamespace namespace = UserNamespace.of(plan, kernel)) {
      byte[] program = compiler.compile(plan, STANDARD_ERROR, namespace.descriptor());
      namespace.keepOnExec();
      new CompiledSwitch(plan, program, memory, told).run();
    } catch (KernelException e) {
      throw new SwitchException(plan.image().name(), "cannot hand the user namespace on", e);
    }
  }

  /** Stands in where no module can mount: images without mounts need none. */
  private static final class NoMounts implements MountSupport {
    @Override
    public Mounter mounter(Kernel kernel) {
      return (root, mount) -> {
        throw new KernelException("mount", mount.step().toString(), Errno.ENOSYS.number())
            .withHint("add syschroot-mounts to the class path");
      };
    }

    @Override
    public MountSurvey survey(Kernel kernel) {
      return MountSurvey.NOTHING_MOUNTED;
    }
  }
}
