// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.explain;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.syschroot.image.Personality;
import org.syschroot.kernel.Capability;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.TmpfsMount;
import org.syschroot.path.OsString;
import org.syschroot.plan.Identity;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.KernelStep.ChangeDirectory.Choice;
import org.syschroot.plan.KernelStep.ChangeDirectory.WhenDenied;
import org.syschroot.plan.Signals;
import org.syschroot.plan.UserIds;

/**
 * The steps as commands. What only a process can do to itself is collected as a prefix of the last
 * command, in {@code $@}: each is put before those of earlier steps, so that a privilege is not
 * dropped before it is used. For one script.
 */
final class ShellSteps implements KernelStep.Visitor<ShellText, RuntimeException> {
  private final List<String> refusals = new ArrayList<>();
  private boolean functionForPlaces;
  private boolean functionForMounts;
  private String asUser = "";
  private int uid;
  private boolean changesUser;
  private Set<Capability> dropped = Set.of();
  private Signals signals = Signals.NONE;
  private Optional<UserIds> userNamespace = Optional.empty();

  /** Returns what makes the script impossible. */
  List<String> refusals() {
    return Collections.unmodifiableList(refusals);
  }

  @Override
  public ShellText enterUserNamespace(KernelStep.EnterUserNamespace step) {
    userNamespace = Optional.of(step.ids());
    return new ShellText();
  }

  @Override
  public ShellText enterMountNamespace(KernelStep.EnterMountNamespace step) {
    return new ShellText();
  }

  @Override
  public ShellText openWorkingDirectory(KernelStep.OpenWorkingDirectory step) {
    return new ShellText().comment("Not needed: this script stays outside, and can look at both.");
  }

  @Override
  public ShellText compareWorkingDirectory(KernelStep.CompareWorkingDirectory step) {
    ShellText text = new ShellText();
    addMountPoint(text);
    String fact = "$directory in the image is not $directory of the host";
    text.line("mount_point \"$directory\" look || place=$root");
    text.line("here=$(stat -L -c %d:%i -- \"$directory\" 2> /dev/null) || here=");
    text.line("there=$(stat -c %d:%i -- \"$place\")");
    String another =
        "if [ -z \"$replaced\" ] && [ \"$directory\" != / ] && [ \"$there\" != \"$here\" ]";
    if (step.mustBeSame()) {
      text.line(another + "; then");
      return text.line("  fail \"" + fact + "\"").line("fi");
    }
    text.line(another + " && [ -n \"$here\" ]; then");
    String mayWrite = " && " + asUser + "test -w .)";
    text.line(
        "  if (cd -- \"$directory\"" + mayWrite + " || (cd -- \"$place\"" + mayWrite + "; then");
    text.line("    say \"" + fact + ": files you write here stay in the image\"");
    return text.line("  fi").line("fi");
  }

  /** Adds the function that finds a path in the image, once. */
  private void addMountPoint(ShellText text) {
    if (!functionForPlaces) {
      functionForPlaces = true;
      text.lines(ShellFunctions.MOUNT_POINT);
    }
  }

  @Override
  public ShellText openRoot(KernelStep.OpenRoot step) {
    if (userNamespace.isPresent()) {
      // Only outside can the owners be told apart.
      return new ShellText().comment("Done before, and handed on.").line("root=$1 uid=$2 gid=$3");
    }
    return openRoot(step, "0", "root");
  }

  /** Returns the step for a script that is not in a user namespace of its own. */
  static ShellText openRoot(KernelStep.OpenRoot step, String owners, String named) {
    return new ShellText()
        .line("root=", step.root().value())
        .lines(ShellFunctions.checkRoot(owners, named));
  }

  @Override
  public ShellText unmount(KernelStep.Unmount step) {
    ShellText text = new ShellText();
    addMountPoint(text);
    text.line("mount_point ", step.target().value(), " directory");
    text.line("umount -n -l -- \"$place\" 2> /dev/null || :");
    return text;
  }

  @Override
  public ShellText mount(KernelStep.Mount step) {
    ShellText text = new ShellText();
    addMountPoint(text);
    if (!functionForMounts) {
      functionForMounts = true;
      text.lines(ShellFunctions.RESTRICT);
    }
    MountSelection.Mount mount = step.mount();
    String kind = mount.ofDirectory() ? " directory" : " file";
    text.line("mount_point ", mount.step().target().value(), kind);
    if (mount.step() instanceof TmpfsMount) {
      OsString data = ((TmpfsMount) mount.step()).data();
      OsString options = OsString.of(data.isEmpty() ? "nosuid,nodev" : "nosuid,nodev,").plus(data);
      text.line("mount -n -t tmpfs -o ", options, " -- tmpfs \"$place\" ||");
      return text.fail("  ", "cannot mount " + mount.step());
    }
    BindMount bind = (BindMount) mount.step();
    String r = bind.recursive() ? "r" : "";
    text.line("mount -n --" + r + "bind -- ", bind.source().value(), " \"$place\" ||");
    text.fail("  ", "cannot mount " + bind);
    text.line("mount -n --make-" + r + MountWords.propagation(bind) + " -- \"$place\" ||");
    text.fail("  ", "cannot set the propagation of " + bind);
    List<String> restrictions = MountWords.restrictions(bind);
    if (!restrictions.isEmpty()) {
      String extent = bind.recursive() ? " tree" : " one";
      text.line("restrict \"$place\" ", OsString.of(String.join(",", restrictions)), extent);
    }
    return text;
  }

  @Override
  public ShellText enterRoot(KernelStep.EnterRoot step) {
    String last = keepsIds() ? "unshare" : "nsenter";
    ShellText text =
        new ShellText()
            .comment(
                "Done by " + last + " at the end, which takes its path and program from inside.")
            .line("nsenter=$(command -v nsenter) || fail 'nsenter of util-linux is missing'");
    if (keepsIds()) {
      text.line("unshare=$(command -v unshare)");
    }
    return text.line("directory=/").line("set --").lines(ShellFunctions.ENTERS);
  }

  @Override
  public ShellText changeDirectory(KernelStep.ChangeDirectory step) {
    ShellText text = new ShellText();
    if (step.whenDenied() == WhenDenied.ONLY_IF_DENIED_BEFORE) {
      return text.comment("Not possible here: the script has ended if it was denied.");
    }
    OsString first = step.choices().get(0).directory();
    text.line("replaced=");
    String before = "if ";
    for (Choice choice : step.choices()) {
      text.line(before, "enters ", choice.directory(), "; then");
      text.line("  directory=", choice.directory());
      choice
          .reason()
          .ifPresent(reason -> replace(text, Shown.line(reason), choice.directory().toString()));
      if (before.equals("if ") && step.whenDenied() == WhenDenied.TRY_AGAIN_LATER) {
        text.comment("The new user may be let in where root is not, but cannot be asked here.");
        text.line("elif [ \"${problem%'Permission denied'}\" != \"$problem\" ]; then");
        text.fail("  ", "root is denied the directory " + first + " in the image");
      }
      before = "elif ";
    }
    OsString message = OsString.of("cannot enter " + first + " in the image");
    text.line("else").line("  fail ", message, "\": $cause\"");
    return text.line("fi");
  }

  /** The cause is that of the directory before, which {@code enters} did not get to. */
  private static void replace(ShellText text, String reason, String directory) {
    text.line("  replaced=yes");
    text.line(
        "  say ",
        OsString.of(reason),
        "\"${cause:+: $cause}\"",
        OsString.of("; starting in " + directory));
  }

  @Override
  public ShellText setPersonality(KernelStep.SetPersonality step) {
    ShellText text = new ShellText();
    List<String> words = new ArrayList<>();
    words.add("set -- setarch");
    for (String name : step.personality().names()) {
      switch (name) {
        case "linux":
          words.add("linux64"); // setarch's name of the domain PER_LINUX on every machine
          break;
        case "linux32":
          words.add(name);
          break;
        case "uname26":
          words.add("--uname-2.6");
          break;
        default:
          words.add("--" + name);
          if (!Personality.isFlag(name)) {
            refusals.add("setarch knows no name for the personality " + name);
          }
          break;
      }
    }
    return text.line(String.join(" ", words) + " -- \"$@\"");
  }

  @Override
  public ShellText setLimit(KernelStep.SetLimit step) {
    String option = "prlimit --pid $$ --" + step.limit().word();
    String both = step.hard() ? "$soft:$soft" : "$soft:";
    return new ShellText()
        .line("soft=" + step.value())
        .line("hard=$(" + option + " --output HARD --noheadings --raw)")
        .line("[ \"$hard\" = unlimited ] || [ \"$soft\" -le \"$hard\" ] || soft=$hard")
        .line(option + "=\"" + both + "\" || fail 'cannot limit " + step.limit().what() + "'");
  }

  @Override
  public ShellText dropCapabilities(KernelStep.DropCapabilities step) {
    dropped = step.capabilities();
    String list =
        dropped.stream().map(capability -> "-" + capability).collect(Collectors.joining(","));
    ShellText text = new ShellText();
    if (keepsIds()) {
      refusals.add("the last command, unshare, has all capabilities in a new user namespace");
      text.comment("Refused above: the last user namespace begins with all capabilities.");
    }
    if (dropped.contains(Capability.SYS_CHROOT)) {
      refusals.add("nsenter needs sys_chroot, so it cannot be dropped before");
      text.comment("Refused above: nsenter itself needs sys_chroot.");
    }
    return text.line("set -- setpriv --bounding-set " + list + " \\")
        .line("  --inh-caps " + list + " --ambient-caps " + list + " -- \"$@\"");
  }

  @Override
  public ShellText setIdentity(KernelStep.SetIdentity step) {
    Identity identity = step.identity();
    uid = identity.uid();
    changesUser = uid != 0;
    ShellText text = new ShellText();
    if (changesUser && dropped.contains(Capability.SETUID)) {
      refusals.add("nsenter needs setuid to change the user, so it cannot be dropped before");
      text.comment("Refused above: nsenter itself needs setuid.");
    }
    String groups =
        identity.groups().stream().map(Integer::toUnsignedString).collect(Collectors.joining(","));
    text.comment("The groups now, the user last: root's privileges are needed until then.");
    String words = groups.isEmpty() ? "--clear-groups" : "--groups " + groups;
    String gid = "--regid " + Integer.toUnsignedString(identity.gid());
    asUser = "setpriv --reuid " + Integer.toUnsignedString(uid) + " " + gid + " " + words + " -- ";
    return text.line("set -- setpriv " + gid + " " + words + " -- \"$@\"");
  }

  @Override
  public ShellText noNewPrivileges(KernelStep.NoNewPrivileges step) {
    return new ShellText().line("set -- setpriv --no-new-privs -- \"$@\"");
  }

  @Override
  public ShellText keepDescriptors(KernelStep.KeepDescriptors step) {
    return new ShellText()
        .comment("Nothing to do: the command has those that this script was started with.");
  }

  @Override
  public ShellText restoreSignals(KernelStep.RestoreSignals step) {
    signals = step.signals();
    return new ShellText()
        .comment("Set at the end. What this script was started with besides stays: a shell cannot")
        .comment("unblock a signal, nor take back that one is ignored.");
  }

  @Override
  public ShellText execute(KernelStep.Execute step) {
    ShellCommand command = new ShellCommand(step, signals);
    ShellText text = command.text(entry());
    refusals.addAll(command.refusals());
    return text;
  }

  /** Returns the command that changes root and directory and executes the program. */
  private String entry() {
    if (keepsIds()) {
      // Mounts need the root of a user namespace; in one within that the user is the caller again.
      return "\"$unshare\" --user --map-user=\"$uid\" --map-group=\"$gid\""
          + " --root=\"$root\" --wd=\"$directory\"";
    }
    String user = changesUser ? " -S " + Integer.toUnsignedString(uid) : "";
    return "\"$nsenter\" --root=\"$root\" --wdns=\"$directory\"" + user;
  }

  private boolean keepsIds() {
    return userNamespace.equals(Optional.of(UserIds.KEPT));
  }
}
