// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cdi;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.syschroot.config.FileTrust;
import org.syschroot.image.Image;
import org.syschroot.image.MountContributor;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountOption;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.mountplan.MountStep;
import org.syschroot.path.ImagePath;

/**
 * Every image gets what the host's files of the <a
 * href="https://github.com/cncf-tags/container-device-interface/blob/main/SPEC.md">Container Device
 * Interface</a> name: the device nodes of all devices, and the driver's libraries and sockets. An
 * image isolates nothing, so there is no choice among devices: a batch system that gives a job one
 * GPU by control groups limits it in an image too. Immutable and thread-safe.
 */
public final class CdiMounts implements MountContributor {
  private final FileSystem files;
  private final List<Path> directories;
  private final FileTrust trust;

  /**
   * Creates the contributor, for {@link java.util.ServiceLoader}.
   *
   * @throws IOException if this process cannot be looked at in {@code /proc}
   */
  public CdiMounts() throws IOException {
    this(FileSystems.getDefault(), FileTrust.ofThisProcess());
  }

  CdiMounts(FileSystem files, FileTrust trust) {
    this.files = files;
    this.trust = trust;
    // What is generated at boot counts before what was written once.
    this.directories = List.of(files.getPath("/var/run/cdi"), files.getPath("/etc/cdi"));
  }

  @Override
  public String name() {
    return "cdi";
  }

  /**
   * Adds the mounts. What the image's own configuration mounts in a place counts.
   *
   * @throws IllegalArgumentException if a file is not one of the interface, or others than root
   *     could have changed it; the message names the file
   */
  @Override
  public MountPlan contribute(Image image, HostFiles host, MountPlan plan) {
    LibraryPlaces places = new LibraryPlaces(image, host);
    LibraryLinks links = new LibraryLinks(files);
    Map<ImagePath, BindMount> mounts = new LinkedHashMap<>();
    for (CdiEdits edits : edits()) {
      for (BindMount wanted : edits.mounts()) {
        BindMount mount = optional(wanted, host);
        mounts.putIfAbsent(places.of(mount.target()), mount.at(places.of(mount.target())));
        for (ImagePath link : links.of(mount)) {
          mounts.putIfAbsent(places.of(link), mount.at(places.of(link)));
        }
      }
    }
    Set<ImagePath> configured = new HashSet<>();
    for (MountStep step : plan.steps()) {
      configured.add(step.target());
    }
    MountPlan more = plan;
    for (BindMount mount : mounts.values()) {
      if (!configured.contains(mount.target())) {
        more = more.plus(mount);
      }
    }
    return more;
  }

  /** A file that was generated for an older driver names what is gone. */
  private static BindMount optional(BindMount mount, HostFiles host) {
    BindMount optional = mount.with(MountOption.OPTIONAL);
    return host.kind(mount.source()) == HostFiles.Kind.FILE
        ? optional.with(MountOption.FILE)
        : optional;
  }

  private List<CdiEdits> edits() {
    List<CdiEdits> edits = new ArrayList<>();
    Set<String> known = new HashSet<>();
    for (Path directory : directories) {
      Set<String> here = new HashSet<>();
      for (CdiSpecification specification : read(directory)) {
        edits.add(specification.edits());
        specification
            .devices()
            .forEach(
                (name, ofDevice) -> {
                  String qualified = specification.kind() + "=" + name;
                  if (!here.add(qualified)) {
                    throw new IllegalArgumentException(
                        directory + ": two files have the device " + qualified + ": remove one");
                  }
                  if (!known.contains(qualified)) {
                    edits.add(ofDevice);
                  }
                });
      }
      known.addAll(here);
    }
    return edits;
  }

  private List<CdiSpecification> read(Path directory) {
    try {
      return new CdiDirectory(directory, trust).specifications();
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }
}
