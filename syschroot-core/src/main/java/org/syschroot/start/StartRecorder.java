// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.start;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.syschroot.caller.EnvironmentPlan;
import org.syschroot.caller.SearchPath;
import org.syschroot.caller.ShellChoice;
import org.syschroot.config.ConfigDirectories;
import org.syschroot.image.Image;
import org.syschroot.kernel.Capability;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.Machine;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.TreeCalls;
import org.syschroot.launcher.LauncherException;
import org.syschroot.launcher.StartCompiler;
import org.syschroot.mounting.RootLayers;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.Layer;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStep;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.path.UntrustedException;
import org.syschroot.plan.ImagePlan;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.PlanStep;
import org.syschroot.plan.SymbolicStep;
import org.syschroot.trust.ConfinedPath;

/**
 * Records a start: the plan as a program, what it was made of, and what the start script does with
 * environment and command. Immutable and thread-safe.
 */
public final class StartRecorder {
  private static final int ROOT = 0;
  private static final String SUFFIX = ".toml";
  private static final ImagePath DECIDING_PROGRAM = ShellChoice.LAST;
  private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};
  private static final List<String> USER_NAMESPACE_FILES =
      List.of(
          "/proc/sys/user/max_user_namespaces",
          "/proc/sys/kernel/unprivileged_userns_clone",
          "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
          "/proc/self/attr/current");
  private static final int MOST_TEXT = 4096;
  private static final byte[] NOTHING = {};
  private static final OsString GIVEN = OsString.of("=");
  private static final String BOOT = "/proc/sys/kernel/random/boot_id";

  private final Kernel kernel;
  private final TreeCalls tree;
  private final int effectiveUid;

  /** Creates a recorder for starts by a user. */
  public StartRecorder(Kernel kernel, TreeCalls tree, int effectiveUid) {
    this.kernel = kernel;
    this.tree = tree;
    this.effectiveUid = effectiveUid;
  }

  /**
   * Returns the entry for a plan.
   *
   * @param moment before the configuration was read
   * @param directories where that is
   * @param siteCode whether extensions were looked for
   * @param call what the start script says
   * @throws NotCachedException if the plan depends on something that is not known or on this one
   *     call
   */
  public StartEntry record(
      ImagePlan plan,
      ReadMoment moment,
      ConfigDirectories directories,
      boolean siteCode,
      StartCall call)
      throws NotCachedException {
    boolean inUserNamespace = has(plan, KernelStep.EnterUserNamespace.class);
    StartFacts facts = new StartFacts(kernel, tree, moment);
    MountFacts mounts = new MountFacts();
    try {
      requireSame(plan, inUserNamespace);
      addConfiguration(facts, directories.system(), siteCode);
      if (directories.own().isPresent()) {
        addConfiguration(facts, directories.own().get(), false);
      }
      addImage(plan, facts, mounts);
      for (OsString file : call.program()) {
        facts.contentSince(file, call.begun());
      }
      EntryParts parts = new EntryParts().add(call.key());
      facts.addTo(parts);
      parts.add(texts(inUserNamespace));
      // A layer has the restrictions of the filesystem that the tree is on.
      if (inUserNamespace && has(plan, KernelStep.EnterMountNamespace.class) && !hasLayer(plan)) {
        MountFacts.addNone(parts);
      } else {
        mounts.addTo(parts, moment);
      }
      parts.add(program(plan.program(), !inUserNamespace));
      parts.add(changes(plan.program().environment()));
      parts.add(
          StartCompiler.compile(plan, kernel, effectiveUid, Machine.current(), !inUserNamespace));
      return new StartEntry(parts);
    } catch (LauncherException e) {
      throw new NotCachedException(e.getMessage());
    } catch (UntrustedException | KernelException e) {
      throw new NotCachedException(
          "the kernel does not tell what it is made of: " + e.getMessage());
    } catch (IOException e) {
      throw new NotCachedException("what the plan is made of cannot be read: " + e.getMessage());
    }
  }

  private static boolean has(ImagePlan plan, Class<? extends PlanStep> kind) {
    for (PlanStep step : plan.steps()) {
      if (kind.isInstance(step)) {
        return true;
      }
    }
    return false;
  }

  /** Refuses what is looked up or told anew at each start. */
  private void requireSame(ImagePlan plan, boolean inUserNamespace)
      throws NotCachedException, KernelException {
    Image image = plan.image();
    if (!image.cachedStarts()) {
      throw new NotCachedException("cached-starts = false");
    }
    if (effectiveUid != ROOT && !(image.users().isEmpty() && image.groups().isEmpty())) {
      throw new NotCachedException("users and groups of the image are looked up at each start");
    }
    if (!image.consistency().isNone()) {
      throw new NotCachedException("accounts and files of the image are renewed at each start");
    }
    if (!plan.missingMounts().isEmpty() || !plan.replacedMounts().isEmpty()) {
      throw new NotCachedException("each start tells of a mount that is missing or stale");
    }
    if (has(plan, KernelStep.MountImageFile.class)) {
      throw new NotCachedException("the image is a file that is mounted for each command");
    }
    for (PlanStep step : plan.steps()) {
      if (step instanceof KernelStep.MountRoot root) {
        requireInMemory(root.layers());
      }
    }
    for (PlanStep step : plan.steps()) {
      if (step instanceof KernelStep.EnterUserNamespace enter && !enter.further().isEmpty()) {
        throw new NotCachedException("newuidmap(1) maps the users at each start");
      }
    }
    if (!plan.image().trustedOwners().isEmpty()) {
      throw new NotCachedException("the image's root directory may belong to others than root");
    }
    if (!inUserNamespace) {
      requireWayBack(plan);
    }
    if (has(plan, SymbolicStep.EnterWorkingDirectory.class)) {
      EnvironmentPlan environment = plan.program().environment();
      boolean changesPwd =
          environment.changes().stream().anyMatch(one -> one.name().equals(OsString.of("PWD")));
      if (changesPwd || !environment.callers()) {
        throw new NotCachedException("PWD of the command is another one than the caller's");
      }
    }
  }

  /**
   * Refuses a layer that is kept, which belongs to one command at a time, and trees of which the
   * plan depends on whether they can be written to, since that is no property of a file.
   */
  private static void requireInMemory(RootLayers layers) throws NotCachedException {
    if (layers.layer().flatMap(Layer::directory).isPresent()) {
      throw new NotCachedException("the image has a layer that is kept");
    }
    if (layers.isOverlay() && layers.layer().isEmpty()) {
      throw new NotCachedException("the image has mount points that its tree lacks");
    }
  }

  private static boolean hasLayer(ImagePlan plan) {
    for (PlanStep step : plan.steps()) {
      if (step instanceof KernelStep.MountRoot root && root.layers().isOverlay()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Root goes back to where it was for a JVM to tell what is the matter, and so must be able to.
   */
  private void requireWayBack(ImagePlan plan) throws NotCachedException, KernelException {
    if (effectiveUid != ROOT) {
      throw new NotCachedException("the caller has privileges and is not root");
    }
    if (has(plan, KernelStep.DropCapabilities.class)) {
      throw new NotCachedException("root drops capabilities");
    }
    if (has(plan, KernelStep.EnterMountNamespace.class)
        && !kernel.hasCapability(Capability.SYS_ADMIN.number())) {
      throw new NotCachedException("root has no CAP_SYS_ADMIN");
    }
  }

  private static void addConfiguration(StartFacts facts, Path directory, boolean siteCode)
      throws NotCachedException, IOException {
    facts.content(bytes(directory.resolve("syschroot.toml")));
    Path images = directory.resolve("images.d");
    facts.content(bytes(images));
    for (Path file : names(images, SUFFIX)) {
      facts.content(bytes(file));
    }
    if (siteCode) {
      Path lib = directory.resolve("lib");
      facts.content(bytes(lib));
      if (!names(lib, ".jar").isEmpty()) {
        throw new NotCachedException(
            "extensions in " + lib + " do not say what they depend on; see --no-site-code");
      }
    }
  }

  private static List<Path> names(Path directory, String suffix) throws IOException {
    List<Path> found = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
        for (Path entry : entries) {
          if (entry.getFileName().toString().endsWith(suffix)) {
            found.add(entry);
          }
        }
      }
    }
    return found;
  }

  private static OsString bytes(Path path) {
    return HostPath.of(path).value();
  }

  private void addImage(ImagePlan plan, StartFacts facts, MountFacts mounts)
      throws NotCachedException {
    OsString root = plan.image().root().value();
    facts.identity(root);
    mounts.add(root);
    if (readsPersonality(plan)) {
      requireDeciding(plan.image());
      facts.contentInImage(root, DECIDING_PROGRAM.value());
    }
    for (MountSelection.Mount mount : plan.mounts()) {
      addMount(mount.step(), root, facts, mounts);
    }
    for (MountSelection.Skipped skipped : plan.skippedMounts()) {
      addMount(skipped.step(), root, facts, mounts);
    }
  }

  private static void addMount(MountStep step, OsString root, StartFacts facts, MountFacts mounts)
      throws NotCachedException {
    if (step instanceof BindMount bind) {
      facts.identity(bind.source().value());
      mounts.add(bind.source().value());
    }
    facts.identityInImage(root, step.target().value());
  }

  private static boolean readsPersonality(ImagePlan plan) {
    for (PlanStep step : plan.steps()) {
      if (step instanceof KernelStep.SetPersonality personality) {
        return personality.readFromImage();
      }
    }
    return true;
  }

  /** The personality is read from the first of several programs that is an ELF file. */
  private void requireDeciding(Image image) throws NotCachedException {
    try {
      int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
      int root = kernel.openat(Kernel.AT_FDCWD, image.root().value(), flags, 0);
      try {
        int file = new ConfinedPath(kernel).regularFileInImage(root, DECIDING_PROGRAM);
        try {
          if (Arrays.equals(kernel.read(file, ELF.length), ELF)) {
            return;
          }
        } finally {
          kernel.close(file);
        }
      } finally {
        kernel.close(root);
      }
    } catch (KernelException unseen) {
      // As one that is none.
    }
    throw new NotCachedException(DECIDING_PROGRAM + " of the image is no ELF file");
  }

  /** Whether there is a way back, whether the caller's variables are kept, and the programs. */
  private static byte[] program(SymbolicStep.RunProgram program, boolean returns) {
    ByteArrayOutputStream part = new ByteArrayOutputStream();
    part.write(returns ? '1' : '0');
    part.write(program.environment().callers() ? '1' : '0');
    EntryParts texts = new EntryParts();
    texts.add(program.shell().map(shell -> shell.value().toBytes()).orElse(NOTHING));
    texts.add(program.programName().map(name -> GIVEN.plus(name).toBytes()).orElse(NOTHING));
    texts.add(program.login() ? "1" : "");
    texts.add(SearchPath.USUAL.toString());
    texts.add(ShellChoice.LAST.value().toBytes());
    part.writeBytes(texts.bytes());
    return part.toByteArray();
  }

  /** What the start script does with the environment of each call. */
  private static byte[] changes(EnvironmentPlan environment) {
    EntryParts changes = new EntryParts();
    for (EnvironmentPlan.Change change : environment.changes()) {
      String kind =
          switch (change.kind()) {
            case SET -> "s";
            case DEFAULT -> "d";
            case REPLACE -> "r";
            case UNSET -> "u";
          };
      changes.add(kind).add(change.name().plus(GIVEN).toBytes()).add(change.value().toBytes());
    }
    return changes.bytes();
  }

  /** Files of the kernel's of which the text counts, and which have no times. */
  private byte[] texts(boolean inUserNamespace) {
    EntryParts texts = new EntryParts();
    add(texts, BOOT);
    if (inUserNamespace) {
      for (String file : USER_NAMESPACE_FILES) {
        add(texts, file);
      }
    }
    return texts.bytes();
  }

  private void add(EntryParts texts, String file) {
    byte[] text = NOTHING;
    try {
      int opened = kernel.openat(Kernel.AT_FDCWD, OsString.of(file), OpenFlags.O_RDONLY, 0);
      try {
        // In one call: a setting of sysctl(8) has nothing but its beginning for small ones.
        text = kernel.read(opened, MOST_TEXT);
      } finally {
        kernel.close(opened);
      }
    } catch (KernelException missingOrUnreadable) {
      // As an empty one, by the start script too.
    }
    texts.add(file).add(text);
  }
}
