// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.describe;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.syschroot.caller.Signals;
import org.syschroot.host.ElfPersonality;
import org.syschroot.kernel.Capability;
import org.syschroot.path.HostPath;
import org.syschroot.plan.Identity;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.KernelStep.ChangeDirectory.Choice;
import org.syschroot.plan.KernelStep.ChangeDirectory.WhenDenied;
import org.syschroot.plan.KernelStep.Execute.Candidate;
import org.syschroot.plan.UserIds;

/** Says what each kind of step does, as the executors do it. */
final class StepDescriber implements KernelStep.Visitor<StepDescription, RuntimeException> {
  @Override
  public StepDescription enterUserNamespace(KernelStep.EnterUserNamespace step) {
    boolean kept = step.ids() == UserIds.KEPT;
    if (!step.further().isEmpty()) {
      return new StepDescription(
          "enter-user-namespace",
          "create a user namespace, as root in it, with "
              + step.further().countOfUsers()
              + " further users (subuid(5))",
          List.of("setns"),
          Map.of("ids", "as-root", "further-users", Long.toString(step.further().countOfUsers())));
    }
    return new StepDescription(
        "enter-user-namespace",
        "create a user namespace" + (kept ? ", keeping the user" : ", as root in it"),
        List.of("unshare", "openat", "write"),
        Map.of("ids", kept ? "kept" : "as-root"));
  }

  @Override
  public StepDescription enterMountNamespace(KernelStep.EnterMountNamespace step) {
    return new StepDescription(
        "enter-mount-namespace",
        "create a private mount namespace",
        List.of("unshare", "mount"),
        Map.of("propagation", "slave"));
  }

  @Override
  public StepDescription openWorkingDirectory(KernelStep.OpenWorkingDirectory step) {
    return new StepDescription(
        "open-working-directory",
        "open the working directory, to compare it with that of the image",
        List.of("openat"),
        Map.of());
  }

  @Override
  public StepDescription compareWorkingDirectory(KernelStep.CompareWorkingDirectory step) {
    return new StepDescription(
        "compare-working-directory",
        step.mustBeSame()
            ? "refuse another directory of the same pathname"
            : "report if it is another directory of the same pathname",
        List.of("statx", "statx"),
        Map.of("mustBeSame", step.mustBeSame()));
  }

  @Override
  public StepDescription mountImageFile(KernelStep.MountImageFile step) {
    return new StepDescription(
        "mount-image-file",
        "mount " + step.file() + " read-only and check that only root can modify it",
        List.of("openat", "read", "ioctl", "mount"),
        Map.of("file", Shown.value(step.file().value()), "root", Shown.value(step.root().value())));
  }

  @Override
  public StepDescription openRoot(KernelStep.OpenRoot step) {
    return new StepDescription(
        "open-root",
        "open " + step.root() + " and check that only root can modify it",
        List.of("openat", "statx"),
        root(step.root()));
  }

  private static Map<String, Object> root(HostPath root) {
    return Map.of("root", Shown.value(root.value()));
  }

  @Override
  public StepDescription mountRoot(KernelStep.MountRoot step) {
    return RootWords.describe(step);
  }

  @Override
  public StepDescription mount(KernelStep.Mount step) {
    return new StepDescription(
        "mount",
        MountWords.text(step.mount()),
        step.mount().step().accept(MountWords.SYSTEM_CALLS),
        MountWords.details(step.mount()));
  }

  @Override
  public StepDescription unmount(KernelStep.Unmount step) {
    return new StepDescription(
        "unmount",
        "unmount " + step.target() + " if it is mounted, for this command only",
        List.of("openat2", "umount2"),
        Map.of("target", step.target().toString()));
  }

  @Override
  public StepDescription enterRoot(KernelStep.EnterRoot step) {
    return new StepDescription(
        "enter-root",
        "make " + step.root() + " the root directory",
        List.of("fchdir", "chroot"),
        root(step.root()));
  }

  @Override
  public StepDescription changeDirectory(KernelStep.ChangeDirectory step) {
    String places =
        step.choices().stream()
            .map(choice -> choice.directory().toString())
            .collect(Collectors.joining(", else "));
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("choices", step.choices().stream().map(StepDescriber::choice).toList());
    details.put("whenDenied", step.whenDenied().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    return new StepDescription(
        "change-directory",
        "change the working directory to " + places + whenDenied(step.whenDenied()),
        List.of("chdir"),
        details);
  }

  private static String whenDenied(WhenDenied whenDenied) {
    return switch (whenDenied) {
      case TRY_AGAIN_LATER -> "; if denied, again after the user has changed";
      case ONLY_IF_DENIED_BEFORE -> ", if it was denied before";
      default -> "";
    };
  }

  private static Map<String, Object> choice(Choice choice) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("directory", Shown.value(choice.directory()));
    choice.reason().ifPresent(reason -> details.put("reason", reason));
    return details;
  }

  @Override
  public StepDescription setPersonality(KernelStep.SetPersonality step) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("names", step.personality().names());
    details.put("bits", step.personality().bits());
    String origin = "";
    if (step.readFromImage()) {
      details.put("origin", ElfPersonality.ORIGIN);
      origin = ", " + ElfPersonality.ORIGIN;
    }
    return new StepDescription(
        "set-personality",
        "set the personality " + step.personality() + origin,
        List.of("personality"),
        details);
  }

  @Override
  public StepDescription setLimit(KernelStep.SetLimit step) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("resource", step.limit().word());
    details.put("soft", step.value());
    if (step.hard()) {
      details.put("hard", step.value());
    }
    return new StepDescription(
        "set-limit",
        "limit "
            + step.limit().what()
            + " to "
            + step.value()
            + (step.hard() ? ", soft and hard" : "")
            + ", but not above the hard limit",
        List.of("prlimit", "prlimit"),
        details);
  }

  @Override
  public StepDescription dropCapabilities(KernelStep.DropCapabilities step) {
    List<String> names = step.capabilities().stream().map(Capability::toString).toList();
    String words =
        names.size() == Capability.values().length ? "all" : "the " + String.join(", ", names);
    return new StepDescription(
        "drop-capabilities",
        "drop " + words + " capabilities",
        List.of("prctl", "prctl", "capget", "capset"),
        Map.of("capabilities", names));
  }

  @Override
  public StepDescription setIdentity(KernelStep.SetIdentity step) {
    Identity identity = step.identity();
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("uid", Integer.toUnsignedLong(identity.uid()));
    details.put("gid", Integer.toUnsignedLong(identity.gid()));
    details.put("groups", identity.groups().stream().map(Integer::toUnsignedLong).toList());
    return new StepDescription(
        "set-identity",
        "become " + identity,
        List.of("setgroups", "setresgid", "setresuid"),
        details);
  }

  @Override
  public StepDescription noNewPrivileges(KernelStep.NoNewPrivileges step) {
    return new StepDescription(
        "no-new-privileges",
        "set no_new_privs: programs cannot gain privileges",
        List.of("prctl"),
        Map.of());
  }

  @Override
  public StepDescription keepDescriptors(KernelStep.KeepDescriptors step) {
    List<Long> descriptors = step.descriptors().stream().map(Integer::longValue).toList();
    return new StepDescription(
        "keep-descriptors",
        "pass "
            + numbers("the file descriptors ", descriptors, "no file descriptor")
            + " and no other",
        List.of("close_range"),
        Map.of("descriptors", descriptors));
  }

  @Override
  public StepDescription restoreSignals(KernelStep.RestoreSignals step) {
    Signals signals = step.signals();
    List<Long> blocked =
        LongStream.rangeClosed(1, Long.SIZE)
            .filter(signal -> (signals.blocked() & 1L << (signal - 1)) != 0)
            .boxed()
            .toList();
    List<Long> ignored = signals.ignoredNumbers().stream().map(Integer::longValue).toList();
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("blocked", blocked);
    details.put("ignored", ignored);
    return new StepDescription(
        "restore-signals",
        "block "
            + numbers("the signals ", blocked, "no signal")
            + " and ignore "
            + numbers("the signals ", ignored, "none"),
        ignored.isEmpty() ? List.of("rt_sigprocmask") : List.of("rt_sigaction", "rt_sigprocmask"),
        details);
  }

  private static String numbers(String before, List<Long> numbers, String none) {
    return numbers.isEmpty()
        ? none
        : before + numbers.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  @Override
  public StepDescription execute(KernelStep.Execute step) {
    List<Candidate> candidates = step.candidates();
    String programs =
        candidates.stream()
            .map(candidate -> Shown.words(List.of(candidate.program())))
            .collect(Collectors.joining(", "));
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("candidates", candidates.stream().map(StepDescriber::candidate).toList());
    details.put("environment", Shown.values(step.environment()));
    return new StepDescription(
        "execute",
        "execute " + (candidates.size() == 1 ? "" : "the first of ") + programs,
        List.of("execve"),
        details);
  }

  private static Map<String, Object> candidate(Candidate candidate) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("program", Shown.value(candidate.program()));
    details.put("arguments", Shown.values(candidate.arguments()));
    return details;
  }
}
