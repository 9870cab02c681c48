// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.describe;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountOption;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStep;
import org.syschroot.mountplan.TmpfsMount;

/** Mounts in words. */
@SuppressWarnings("NullAway") // a Void is null
public final class MountWords {
  private MountWords() {}

  /** Returns for example {@code mount /data on /data (rbind, slave, ro)}. */
  static String text(MountSelection.Mount mount) {
    return mount.step().accept(new Sentence(mount));
  }

  private record Sentence(MountSelection.Mount mount)
      implements MountStep.Visitor<String, RuntimeException> {
    @Override
    public String bind(BindMount bind) {
      return "mount "
          + (mount.ofDirectory() ? "" : "the file ")
          + bind.source()
          + " on "
          + bind.target()
          + " ("
          + String.join(", ", words(bind))
          + ")"
          + (mount.contributor().isEmpty() ? "" : ", by " + mount.contributor());
    }

    @Override
    public String tmpfs(TmpfsMount tmpfs) {
      String data = tmpfs.data().isEmpty() ? "" : ", " + tmpfs.data();
      return "mount a new tmpfs on " + tmpfs.target() + " (nosuid, nodev" + data + ")";
    }
  }

  /** Returns the kind of bind, the propagation and the restrictions. */
  private static List<String> words(BindMount bind) {
    List<String> words = new ArrayList<>();
    words.add(bind.recursive() ? "rbind" : "bind");
    words.add(propagation(bind));
    words.addAll(restrictions(bind));
    return words;
  }

  public static String propagation(BindMount bind) {
    return bind.propagation().name().toLowerCase(Locale.ROOT);
  }

  /** Returns the options that mount(8) knows by the same name. */
  public static List<String> restrictions(BindMount bind) {
    List<String> words = new ArrayList<>();
    for (MountOption option : bind.options()) {
      switch (option) {
        case READ_ONLY, NOSUID, NODEV, NOEXEC -> words.add(option.toString());
        default -> {}
      }
    }
    return words;
  }

  static Map<String, Object> details(MountSelection.Mount mount) {
    Map<String, Object> details = details(mount.step());
    details.put("directory", mount.ofDirectory());
    if (!mount.contributor().isEmpty()) {
      details.put("contributor", mount.contributor());
    }
    return details;
  }

  /** Returns a new map, to which more can be added. */
  static Map<String, Object> details(MountStep step) {
    Map<String, Object> details = new LinkedHashMap<>();
    step.accept(new Details(details));
    return details;
  }

  private record Details(Map<String, Object> details)
      implements MountStep.Visitor<@Nullable Void, RuntimeException> {
    @Override
    public @Nullable Void bind(BindMount bind) {
      details.put("type", "bind");
      details.put("source", Shown.value(bind.source().value()));
      details.put("target", Shown.value(bind.target().value()));
      details.put("recursive", bind.recursive());
      details.put("propagation", propagation(bind));
      details.put("options", List.copyOf(restrictions(bind)));
      return null;
    }

    @Override
    public @Nullable Void tmpfs(TmpfsMount tmpfs) {
      details.put("type", "tmpfs");
      details.put("target", Shown.value(tmpfs.target().value()));
      details.put("options", List.of("nosuid", "nodev"));
      details.put("data", Shown.value(tmpfs.data()));
      return null;
    }
  }

  /** The system calls that make a mount, see {@code explain}. */
  static final MountStep.Visitor<List<String>, RuntimeException> SYSTEM_CALLS =
      new MountStep.Visitor<>() {
        @Override
        public List<String> bind(BindMount bind) {
          return List.of("openat2", "open_tree", "mount_setattr", "move_mount");
        }

        @Override
        public List<String> tmpfs(TmpfsMount tmpfs) {
          return List.of("openat2", "mount");
        }
      };
}
