// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Capability;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Machine;
import org.syschroot.kernel.SystemCall;
import org.syschroot.launcher.TableBuilder.Mark;
import org.syschroot.mountplan.Layer;
import org.syschroot.plan.Identity;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.SwitchPlan;

/**
 * Writes the table of a plan of one caller, step by step. A step that it does not know cannot be
 * overlooked: the compiler of Java asks for each kind.
 */
@SuppressWarnings("NullAway") // a Void is null
class BoundTable implements KernelStep.Visitor<Void, LauncherException> {
  private static final int FAILED = 125;
  private static final int SIG_SETMASK = 2;
  private static final int SIGNAL_SET_BYTES = 8;
  private static final int SIZE_OF_SIGACTION = 32;
  private static final int CLOSE_RANGE_CLOEXEC = 4;

  final TableBuilder table;
  final Constants constants;
  final Messages messages;
  private final FileStatus root;
  private final NamespaceEntries namespaces;
  private final RootEntries roots;
  private final MountEntries mounts;
  private final ChoiceEntries directory;
  private final SettingEntries settings;
  private final PrivilegeEntries privilege;
  private final StatusEntries status;
  private final Set<Capability> dropped = EnumSet.noneOf(Capability.class);
  private boolean inUserNamespace;
  private int userNamespace = -1;

  BoundTable(
      FileStatus root,
      Machine machine,
      TableBuilder table,
      Constants constants,
      Messages messages) {
    this.root = root;
    this.table = table;
    this.constants = constants;
    this.messages = messages;
    this.namespaces = new NamespaceEntries(table, constants, messages);
    this.roots = new RootEntries(table, constants, messages, machine);
    this.mounts = new MountEntries(table, constants, messages, machine, false);
    this.directory = new ChoiceEntries(table, constants, messages);
    this.settings = new SettingEntries(table, constants, messages);
    this.privilege = new PrivilegeEntries(table, constants, messages);
    this.status = new StatusEntries(table, constants);
  }

  /**
   * Returns the table.
   *
   * @param root what the image's root directory must be when the program runs
   * @param reports the descriptor for messages
   * @param userNamespace the descriptor of a user namespace that is there, or a negative number
   */
  static Table of(SwitchPlan plan, FileStatus root, Machine machine, int reports, int userNamespace)
      throws LauncherException {
    TableBuilder table = new TableBuilder(machine);
    Constants constants = new Constants();
    Messages messages = new Messages(table, constants, plan.image().name(), reports);
    BoundTable bound = new BoundTable(root, machine, table, constants, messages);
    bound.userNamespace = userNamespace;
    bound.messages.tellOfMounts();
    bound.messages.begin();
    for (KernelStep step : plan.steps()) {
      step.accept(bound);
    }
    bound.messages.writeFailures();
    return bound.finished();
  }

  /** Returns what has been written. */
  final Table finished() throws LauncherException {
    return new Table(table.entries(), table.steps(), constants.bytes());
  }

  @Override
  public @Nullable Void enterUserNamespace(KernelStep.EnterUserNamespace step) {
    if (userNamespace >= 0) {
      namespaces.enterUser(userNamespace);
    } else {
      namespaces.user(step.ids());
    }
    inUserNamespace = true;
    return null;
  }

  @Override
  public @Nullable Void enterMountNamespace(KernelStep.EnterMountNamespace step) {
    namespaces.mount(!inUserNamespace);
    return null;
  }

  /** What was mounted before is locked in a user namespace: mount_namespaces(7). */
  @Override
  public @Nullable Void unmount(KernelStep.Unmount step) throws LauncherException {
    throw new LauncherException(
        "cannot leave out the mount of "
            + step.target()
            + ": it is mounted, and only root can unmount it");
  }

  /** Loop devices are root's alone. */
  @Override
  public @Nullable Void mountImageFile(KernelStep.MountImageFile step) throws LauncherException {
    throw new LauncherException(
        "an image file is mounted by syschroot as root, not by a program that is compiled");
  }

  @Override
  public @Nullable Void openWorkingDirectory(KernelStep.OpenWorkingDirectory step) {
    directory.remember();
    return null;
  }

  /** The way to the directory has been checked; here only that the path still leads to it. */
  @Override
  public @Nullable Void openRoot(KernelStep.OpenRoot step) {
    table.step("go to the image's root directory");
    table.call(
        SystemCall.CHDIR,
        messages.failure("cannot enter " + step.root(), FAILED),
        constants.string(step.root().value()));
    status.requireFile(
        constants.string("."),
        root,
        messages.completeFailure(step.root() + " was replaced during the start", FAILED));
    status.end();
    return null;
  }

  @Override
  public @Nullable Void mountRoot(KernelStep.MountRoot step) throws LauncherException {
    if (step.layers().layer().flatMap(Layer::directory).isPresent()) {
      throw new LauncherException(
          "a layer in a directory is for \"syschroot run\" by root: use --throw-away");
    }
    roots.add(step.layers(), Optional.of(root), inUserNamespace);
    return null;
  }

  @Override
  public @Nullable Void mount(KernelStep.Mount step) {
    mounts.add(step.mount());
    return null;
  }

  @Override
  public @Nullable Void enterRoot(KernelStep.EnterRoot step) {
    mounts.end();
    table.step("enter the image's root");
    table.call(
        SystemCall.CHROOT,
        messages.failure("cannot change root to " + step.root(), FAILED),
        constants.string("."));
    return null;
  }

  @Override
  public @Nullable Void changeDirectory(KernelStep.ChangeDirectory step) {
    directory.change(step, "add it to the mounts of the image, or use --directory DIR");
    return null;
  }

  @Override
  public @Nullable Void compareWorkingDirectory(KernelStep.CompareWorkingDirectory step) {
    directory.compare(step.mustBeSame(), "use --directory DIR");
    return null;
  }

  @Override
  public @Nullable Void setPersonality(KernelStep.SetPersonality step) {
    settings.personality(step.personality());
    return null;
  }

  @Override
  public @Nullable Void setLimit(KernelStep.SetLimit step) {
    settings.limit(step);
    return null;
  }

  @Override
  public @Nullable Void dropCapabilities(KernelStep.DropCapabilities step) {
    privilege.cutBoundingSet(step.capabilities());
    dropped.addAll(step.capabilities());
    return null;
  }

  @Override
  public @Nullable Void setIdentity(KernelStep.SetIdentity step) throws LauncherException {
    Identity identity = step.identity();
    table.step("become another user");
    ByteBuffer groups =
        ByteBuffer.allocate(Math.max(1, identity.groups().size()) * Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    identity.groups().forEach(groups::putInt);
    Mark failed = messages.failure("cannot become " + identity, FAILED);
    table.call(
        SystemCall.SETGROUPS,
        failed,
        Operand.number(identity.groups().size()),
        constants.block(groups.array()));
    Operand gid = table.value(constants, Integer.toUnsignedLong(identity.gid()));
    table.call(SystemCall.SETRESGID, failed, gid, gid, gid);
    Operand uid = table.value(constants, Integer.toUnsignedLong(identity.uid()));
    table.call(SystemCall.SETRESUID, failed, uid, uid, uid);
    return null;
  }

  @Override
  public @Nullable Void noNewPrivileges(KernelStep.NoNewPrivileges step) {
    privilege.noNewPrivileges();
    return null;
  }

  @Override
  public @Nullable Void keepDescriptors(KernelStep.KeepDescriptors step) {
    table.step("keep further descriptors from the program");
    int next = 0;
    for (int kept : step.descriptors()) {
      if (kept > next) {
        closeOnExec(next, kept - 1);
      }
      next = kept + 1;
    }
    closeOnExec(next, -1);
    return null;
  }

  private void closeOnExec(int first, int last) {
    table.call(
        SystemCall.CLOSE_RANGE,
        messages.failure("cannot close file descriptors for the command", FAILED),
        table.value(constants, first),
        Operand.number(last),
        Operand.number(CLOSE_RANGE_CLOEXEC));
  }

  @Override
  public @Nullable Void restoreSignals(KernelStep.RestoreSignals step) {
    table.step("restore the signals");
    Mark failed = messages.failure("cannot restore the signals", FAILED);
    table.store(Operand.FOURTH, Operand.number(SIGNAL_SET_BYTES));
    List<Integer> ignored = step.signals().ignoredNumbers();
    if (!ignored.isEmpty()) {
      ByteBuffer action =
          ByteBuffer.allocate(SIZE_OF_SIGACTION).order(ByteOrder.LITTLE_ENDIAN).put((byte) 1);
      Operand ignore = constants.block(action.array());
      for (int signal : ignored) {
        table.call(SystemCall.RT_SIGACTION, failed, Operand.number(signal), ignore, Operand.ZERO);
      }
    }
    table.call(
        SystemCall.RT_SIGPROCMASK,
        failed,
        Operand.number(SIG_SETMASK),
        constants.word(step.signals().blocked()),
        Operand.ZERO);
    table.store(Operand.FOURTH, Operand.ZERO);
    return null;
  }

  @Override
  public @Nullable Void execute(KernelStep.Execute step) {
    giveUpCapabilities();
    new CandidateEntries(table, constants, messages).execute(step);
    return null;
  }

  /** Empties what is left of capabilities if some were dropped. */
  final void giveUpCapabilities() {
    privilege.emptyCapabilitySets(dropped);
  }
}
