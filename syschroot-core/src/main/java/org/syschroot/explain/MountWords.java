// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.explain;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountOption;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStep;
import org.syschroot.mountplan.TmpfsMount;

/** Mounts in words. */
final class MountWords {
  private MountWords() {}

  /** Returns for example {@code mount /data on /data (rbind, slave, ro)}. */
  static String text(MountSelection.Mount mount) {
    if (mount.step() instanceof TmpfsMount) {
      TmpfsMount tmpfs = (TmpfsMount) mount.step();
      String data = tmpfs.data().isEmpty() ? "" : ", " + tmpfs.data();
      return "mount a new tmpfs on " + tmpfs.target() + " (nosuid, nodev" + data + ")";
    }
    BindMount bind = (BindMount) mount.step();
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

  /** Returns the kind of bind, the propagation and the restrictions. */
  private static List<String> words(BindMount bind) {
    List<String> words = new ArrayList<>();
    words.add(bind.recursive() ? "rbind" : "bind");
    words.add(propagation(bind));
    words.addAll(restrictions(bind));
    return words;
  }

  static String propagation(BindMount bind) {
    return bind.propagation().name().toLowerCase(Locale.ROOT);
  }

  /** Returns the options that mount(8) knows by the same name. */
  static List<String> restrictions(BindMount bind) {
    List<String> words = new ArrayList<>();
    for (MountOption option : bind.options()) {
      switch (option) {
        case READ_ONLY:
        case NOSUID:
        case NODEV:
        case NOEXEC:
          words.add(option.toString());
          break;
        default:
          break;
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
    if (step instanceof TmpfsMount) {
      details.put("type", "tmpfs");
      details.put("target", Shown.value(step.target().value()));
      details.put("options", List.of("nosuid", "nodev"));
      details.put("data", Shown.value(((TmpfsMount) step).data()));
      return details;
    }
    BindMount bind = (BindMount) step;
    details.put("type", "bind");
    details.put("source", Shown.value(bind.source().value()));
    details.put("target", Shown.value(bind.target().value()));
    details.put("recursive", bind.recursive());
    details.put("propagation", propagation(bind));
    details.put("options", List.copyOf(restrictions(bind)));
    return details;
  }
}
