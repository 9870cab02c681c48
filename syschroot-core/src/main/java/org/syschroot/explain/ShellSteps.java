// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.explain;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.syschroot.caller.EnvironmentPlan;
import org.syschroot.describe.MountWords;
import org.syschroot.describe.StepDescription;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.mounting.AddedMountPoint;
import org.syschroot.mounting.RootLayers;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.Layer;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStep;
import org.syschroot.mountplan.TmpfsMount;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.plan.Identity;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.KernelStep.ChangeDirectory.Choice;
import org.syschroot.plan.PlanStep;
import org.syschroot.plan.SymbolicStep;
import org.syschroot.plan.UserIds;

/**
 * The steps as commands of a shell until the mounts are made, and as calls in Perl from there on.
 * Perl does to itself what no command of the system can do, and then becomes the program. For one
 * script.
 */
@SuppressWarnings("NullAway") // a Void is null
final class ShellSteps implements PlanStep.Translator<Void, RuntimeException> {
  private final EnvironmentPlan environment;
  private final ShellText shell = new ShellText();
  private final PerlText perl = new PerlText();
  private boolean functionForPlaces;
  private boolean functionForMounts;
  private Optional<UserIds> userNamespace = Optional.empty();
  private int number;

  /**
   * Creates the steps of a plan.
   *
   * @param environment what becomes of the environment
   */
  ShellSteps(EnvironmentPlan environment) {
    this.environment = environment;
  }

  /** Adds a step. */
  void add(PlanStep step) {
    number++;
    step.translate(this);
  }

  /** Returns what the shell does. */
  ShellText shell() {
    return shell;
  }

  /** Returns what Perl does after it. */
  PerlText perl() {
    return perl;
  }

  private void inShell(KernelStep step) {
    shell.comment(number + ": " + StepDescription.of(step).text());
  }

  private void inPerl(KernelStep step) {
    inPerl(StepDescription.of(step).text());
  }

  private void inPerl(String what) {
    perl.comment(number + ": " + what);
  }

  @Override
  public @Nullable Void enterUserNamespace(KernelStep.EnterUserNamespace step) {
    userNamespace = Optional.of(step.ids());
    return null; // before all others: ShellNamespaces
  }

  @Override
  public @Nullable Void enterMountNamespace(KernelStep.EnterMountNamespace step) {
    return null; // as well
  }

  @Override
  public @Nullable Void openWorkingDirectory(KernelStep.OpenWorkingDirectory step) {
    inPerl(step);
    perl.line("open_directory();");
    return null;
  }

  @Override
  public @Nullable Void mountImageFile(KernelStep.MountImageFile step) {
    inShell(step);
    OsString file = step.file().value();
    shell.line("root=", file);
    shell.lines(ShellFunctions.checkRoot("0", "root"));
    shell.line("mkdir -p -- ", step.root().value());
    shell.line("mount -n -o ro,nodev,loop -- \"$root\" ", step.root().value(), " ||");
    shell.fail("  ", "cannot mount " + step.file());
    return null;
  }

  @Override
  public @Nullable Void openRoot(KernelStep.OpenRoot step) {
    inShell(step);
    if (userNamespace.isPresent()) {
      // Only outside can the owners be told apart.
      shell.comment("Done above, and inherited.").line("root=$1 uid=$2 gid=$3").line("shift 3");
    } else {
      shell.append(openRoot(step, "0", "root"));
    }
    return null;
  }

  /** Returns the step for a script that is not in a user namespace of its own. */
  static ShellText openRoot(KernelStep.OpenRoot step, String owners, String named) {
    return new ShellText()
        .line("root=", step.root().value())
        .lines(ShellFunctions.checkRoot(owners, named));
  }

  @Override
  public @Nullable Void unmount(KernelStep.Unmount step) {
    inShell(step);
    addMountPoint();
    shell.line("mount_point ", step.target().value(), " directory");
    shell.line("umount -n -l -- \"$place\" 2> /dev/null || :");
    return null;
  }

  /** Adds the function that finds a path in the image, once. */
  private void addMountPoint() {
    if (!functionForPlaces) {
      functionForPlaces = true;
      shell.lines(ShellFunctions.MOUNT_POINT);
    }
  }

  @Override
  public @Nullable Void mountRoot(KernelStep.MountRoot step) {
    inShell(step);
    RootLayers layers = step.layers();
    String options = options(layers);
    if (!layers.isOverlay()) {
      shell.line("mount -n --rbind -- \"$root\" \"$root\" ||");
      shell.fail("  ", "cannot mount the image's root");
      if (!options.isEmpty()) {
        shell.line("mount -n -o remount,bind" + options + " -- \"$root\" ||");
        shell.fail("  ", "cannot restrict the image's root");
      }
      return null;
    }
    // In a shell of its own, whose descriptors 6 to 9 are none of the command's.
    shell.line("( umask 022 && exec 9< \"$root\" &&");
    shell.line("mount -n -t tmpfs -o nosuid,nodev,mode=755 -- ", layers.source(), " \"$root\" &&");
    Optional<Layer> layer = layers.layer();
    if (layer.isPresent()) {
      OsString kept = layer.get().directory().map(HostPath::value).orElse(null);
      shell.line("layer=", kept == null ? "\"$root\"" : kept, " &&");
      shell.line("mkdir -p -- \"$layer/upper\" \"$layer/work\" &&");
      shell.line("chmod --reference=/proc/self/fd/9 -- \"$layer/upper\" &&");
      if (userNamespace.isEmpty()) {
        shell.line("chown --reference=/proc/self/fd/9 -- \"$layer/upper\" &&");
      }
      shell.line("exec 6< \"$layer/upper\" && exec 7< \"$layer/work\" &&");
    }
    shell.line("mkdir -- \"$root/points\" &&");
    for (AddedMountPoint point : layers.skeleton()) {
      OsString place = point.place().value();
      shell.line(
          point.ofDirectory() ? "mkdir -- \"$root/points\"" : ": > \"$root/points\"", place, " &&");
    }
    shell.line("exec 8< \"$root/points\" &&");
    shell.line(
        "mount -n -t overlay -o "
            + (layer.isPresent()
                ? "upperdir=/proc/self/fd/6,workdir=/proc/self/fd/7,"
                    + (userNamespace.isPresent() ? "userxattr," : "")
                : "ro,")
            + "lowerdir=/proc/self/fd/9:/proc/self/fd/8"
            + options
            + " -- ",
        layers.source(),
        " \"$root\" ) ||");
    shell.fail("  ", "cannot mount the layers of the image by overlayfs");
    return null;
  }

  private static String options(RootLayers layers) {
    return layers.restrictions().stream().map(option -> "," + option).collect(Collectors.joining());
  }

  @Override
  public @Nullable Void mount(KernelStep.Mount step) {
    inShell(step);
    addMountPoint();
    if (!functionForMounts) {
      functionForMounts = true;
      shell.lines(ShellFunctions.RESTRICT);
    }
    MountSelection.Mount mount = step.mount();
    String kind = mount.ofDirectory() ? " directory" : " file";
    shell.line("mount_point ", mount.step().target().value(), kind);
    mount
        .step()
        .accept(
            new MountStep.Visitor<@Nullable Void, RuntimeException>() {
              @Override
              public @Nullable Void bind(BindMount bind) {
                addBind(bind);
                return null;
              }

              @Override
              public @Nullable Void tmpfs(TmpfsMount tmpfs) {
                addTmpfs(tmpfs);
                return null;
              }
            });
    return null;
  }

  private void addTmpfs(TmpfsMount tmpfs) {
    OsString data = tmpfs.data();
    OsString options = OsString.of(data.isEmpty() ? "nosuid,nodev" : "nosuid,nodev,").plus(data);
    shell.line("mount -n -t tmpfs -o ", options, " -- tmpfs \"$place\" ||");
    shell.fail("  ", "cannot mount " + tmpfs);
  }

  private void addBind(BindMount bind) {
    String r = bind.recursive() ? "r" : "";
    shell.line("mount -n --" + r + "bind -- ", bind.source().value(), " \"$place\" ||");
    shell.fail("  ", "cannot mount " + bind);
    shell.line("mount -n --make-" + r + MountWords.propagation(bind) + " -- \"$place\" ||");
    shell.fail("  ", "cannot set the propagation of " + bind);
    List<String> restrictions = MountWords.restrictions(bind);
    if (!restrictions.isEmpty()) {
      String extent = bind.recursive() ? " tree" : " one";
      shell.line("restrict \"$place\" ", OsString.of(String.join(",", restrictions)), extent);
    }
  }

  @Override
  public @Nullable Void enterRoot(KernelStep.EnterRoot step) {
    change();
    if (userNamespace.equals(Optional.of(UserIds.KEPT))) {
      perl.comment(
          "Mounting needs root of the user namespace; from here on the user is the caller.");
      perl.line("become_caller_again($uid, $gid);");
    }
    inPerl(step);
    perl.line("enter_root();");
    return null;
  }

  /** Before the directory is chosen, which may be the new $HOME. */
  private void change() {
    perl.comment("The environment of the command.");
    if (!environment.callers()) {
      perl.line("@environment = ();");
    }
    for (EnvironmentPlan.Change change : environment.changes()) {
      switch (change.kind()) {
        case SET -> perl.line("set_variable(", change.name(), ", ", change.value(), ");");
        case DEFAULT -> perl.line("default_variable(", change.name(), ", ", change.value(), ");");
        case REPLACE -> perl.line("replace_variable(", change.name(), ", ", change.value(), ");");
        case UNSET -> perl.line("unset_variable(", change.name(), ");");
      }
    }
  }

  @Override
  public @Nullable Void enterWorkingDirectory(SymbolicStep.EnterWorkingDirectory step) {
    // A command was meant for one directory, and could destroy files in another.
    boolean root = step.forShell() && step.policy() == DirectoryPolicy.ROOT;
    boolean home = step.forShell() && step.policy() == DirectoryPolicy.HOME;
    inPerl(
        "change to the working directory of the caller"
            + (root ? ", else to /" : home ? ", else to $HOME" : ""));
    String other = root ? ", \"/\"" : home ? ", value(\"HOME\")" : "";
    perl.line("enter_working_directory(\"" + step.whenDenied() + "\"" + other + ");");
    return null;
  }

  @Override
  public @Nullable Void changeDirectory(KernelStep.ChangeDirectory step) {
    inPerl(step);
    StringBuilder choices = new StringBuilder();
    for (Choice choice : step.choices()) {
      choices.append(", [").append(PerlText.quoted(choice.directory()));
      choice
          .reason()
          .ifPresent(why -> choices.append(", ").append(PerlText.quoted(OsString.of(why))));
      choices.append(']');
    }
    perl.line("change_directory(\"" + step.whenDenied() + "\"" + choices + ");");
    return null;
  }

  @Override
  public @Nullable Void setPersonality(KernelStep.SetPersonality step) {
    inPerl(step);
    perl.line(String.format("set_personality(0x%x);", step.personality().bits()));
    return null;
  }

  @Override
  public @Nullable Void setLimit(KernelStep.SetLimit step) {
    inPerl(step);
    perl.line(
        "set_limit("
            + step.limit().resource()
            + ", \""
            + step.limit().what()
            + "\", "
            + step.value()
            + ", "
            + (step.hard() ? 1 : 0)
            + ");");
    return null;
  }

  @Override
  public @Nullable Void dropCapabilities(KernelStep.DropCapabilities step) {
    inPerl(step);
    perl.line(
        "drop_capabilities("
            + step.capabilities().stream()
                .map(capability -> String.valueOf(capability.number()))
                .collect(Collectors.joining(", "))
            + ");");
    return null;
  }

  @Override
  public @Nullable Void setIdentity(KernelStep.SetIdentity step) {
    inPerl(step);
    Identity identity = step.identity();
    StringBuilder numbers = new StringBuilder();
    numbers.append(Integer.toUnsignedString(identity.uid()));
    numbers.append(", ").append(Integer.toUnsignedString(identity.gid()));
    identity.groups().forEach(id -> numbers.append(", ").append(Integer.toUnsignedString(id)));
    perl.line("become_user(" + numbers + ");");
    return null;
  }

  @Override
  public @Nullable Void compareWorkingDirectory(KernelStep.CompareWorkingDirectory step) {
    inPerl(step);
    perl.line("compare_directory(" + (step.mustBeSame() ? 1 : 0) + ");");
    return null;
  }

  @Override
  public @Nullable Void noNewPrivileges(KernelStep.NoNewPrivileges step) {
    inPerl(step);
    perl.line("set_no_new_privileges();");
    return null;
  }

  @Override
  public @Nullable Void restoreOpenFiles(SymbolicStep.RestoreOpenFiles step) {
    inPerl("keep the limit of open files, which is unchanged");
    return null;
  }

  @Override
  public @Nullable Void keepCallersDescriptors(SymbolicStep.KeepCallersDescriptors step) {
    inPerl("pass the file descriptors that the script was started with, and no others");
    return null;
  }

  @Override
  public @Nullable Void restoreCallersSignals(SymbolicStep.RestoreCallersSignals step) {
    inPerl("keep blocked and ignored signals: only SIGCHLD cannot stay ignored in a shell");
    return null;
  }

  @Override
  public @Nullable Void runProgram(SymbolicStep.RunProgram step) {
    inPerl(step.command().isEmpty() ? "execute the shell" : "look for the command, and execute it");
    String login = step.login() ? "1" : "0";
    String name = step.programName().map(PerlText::quoted).orElse("undef");
    if (step.command().isEmpty()) {
      String own = step.shell().map(shell -> ", " + PerlText.quoted(shell.value())).orElse("");
      perl.line("run_shell(" + login + ", " + name + own + ");");
    } else {
      perl.line("run_command(" + login + ", " + name + ");");
    }
    return null;
  }

  @Override
  public @Nullable Void keepDescriptors(KernelStep.KeepDescriptors step) {
    throw ofOneCaller(step);
  }

  @Override
  public @Nullable Void restoreSignals(KernelStep.RestoreSignals step) {
    throw ofOneCaller(step);
  }

  @Override
  public @Nullable Void execute(KernelStep.Execute step) {
    throw ofOneCaller(step);
  }

  private static IllegalArgumentException ofOneCaller(KernelStep step) {
    return new IllegalArgumentException(
        "a plan without a caller cannot contain this step:" + " " + step);
  }
}
