// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.schroot;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountOption;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.mountplan.Propagation;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;

/**
 * The fstab of a profile of schroot, as mounts of an image; fstab(5). Immutable.
 *
 * @param mounts in their order; copied
 * @param findings what cannot be a mount of an image; copied
 */
record Fstab(List<BindMount> mounts, List<ImportNote> findings) {
  private static final Map<String, MountOption> OPTIONS =
      Map.of(
          "ro", MountOption.READ_ONLY,
          "nosuid", MountOption.NOSUID,
          "nodev", MountOption.NODEV,
          "noexec", MountOption.NOEXEC);
  private static final Map<String, Propagation> PROPAGATIONS =
      Map.of(
          "private", Propagation.PRIVATE,
          "rprivate", Propagation.PRIVATE,
          "slave", Propagation.SLAVE,
          "rslave", Propagation.SLAVE,
          "shared", Propagation.SHARED,
          "rshared", Propagation.SHARED);
  // The same file system wherever it is mounted, so that a bind is the same again.
  private static final Map<String, String> PLACES = Map.of("proc", "/proc", "sysfs", "/sys");
  private static final List<String> WITHOUT_EFFECT =
      List.of("rw", "suid", "dev", "exec", "defaults", "auto");
  private static final Pattern OCTAL = Pattern.compile("\\\\(040|011|012|134)");

  Fstab {
    mounts = List.copyOf(mounts);
    findings = List.copyOf(findings);
  }

  /** Reads the lines of a file. */
  static Fstab parse(Path file, List<String> lines) {
    List<BindMount> mounts = new ArrayList<>();
    List<ImportNote> findings = new ArrayList<>();
    MountPlan plan = MountPlan.empty(); // refuses what could not be mounted in this order
    for (int number = 1; number <= lines.size(); number++) {
      String line = lines.get(number - 1).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      try {
        List<String> unknown = new ArrayList<>();
        BindMount mount = mount(line, unknown);
        plan = plan.plus(mount);
        mounts.add(mount);
        if (!unknown.isEmpty()) {
          findings.add(
              new ImportNote(
                  file, number, "mounts of images have no option " + String.join(", ", unknown)));
        }
      } catch (IllegalArgumentException e) {
        findings.add(new ImportNote(file, number, "omitted: " + e.getMessage()));
      }
    }
    return new Fstab(mounts, findings);
  }

  private static BindMount mount(String line, List<String> unknown) {
    String[] fields = line.split("\\s+");
    if (fields.length < 4) {
      throw new IllegalArgumentException("\"" + line + "\" has too few fields for fstab(5)");
    }
    String source = decode(fields[0]);
    List<String> options = Arrays.asList(fields[3].split(","));
    boolean recursive = options.contains("rbind");
    if (!recursive && !options.contains("bind")) {
      String place = PLACES.get(fields[2]);
      if (place == null) {
        throw new IllegalArgumentException(
            "images have only bind mounts, and this is of type "
                + fields[2]
                + ": mount it on the host, and add its directory to mounts");
      }
      source = place;
    }
    // mount(8) is called in the root directory, whatever the caller's is.
    String absolute = source.startsWith("/") ? source : "/" + source;
    BindMount mount = BindMount.of(HostPath.of(absolute)).at(ImagePath.of(decode(fields[1])));
    if (!recursive) {
      mount = mount.with(MountOption.NOT_RECURSIVE);
    }
    for (String option : options) {
      if (PROPAGATIONS.containsKey(option)) {
        mount = mount.with(PROPAGATIONS.get(option));
      } else if (OPTIONS.containsKey(option)) {
        mount = mount.with(OPTIONS.get(option));
      } else if (!WITHOUT_EFFECT.contains(option) && !option.endsWith("bind")) {
        unknown.add(option);
      }
    }
    return mount;
  }

  /** Undoes the escapes of fstab(5), such as {@code \040} for a space. */
  private static String decode(String field) {
    return OCTAL
        .matcher(field)
        .replaceAll(
            found -> Matcher.quoteReplacement("" + (char) Integer.parseInt(found.group(1), 8)));
  }
}
