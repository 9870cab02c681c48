// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cdi;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountOption;
import org.syschroot.mountplan.Propagation;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * Reads a file of the <a
 * href="https://github.com/cncf-tags/container-device-interface/blob/main/SPEC.md">Container Device
 * Interface</a>, and refuses what is not one: a mount that was misunderstood would be worse than
 * none.
 */
final class CdiReader {
  private static final Pattern VERSION = Pattern.compile("0\\.[2-9]\\.\\d+|1\\.\\d+\\.\\d+");
  private static final Pattern KIND =
      Pattern.compile("[A-Za-z][A-Za-z0-9._-]*/[A-Za-z][A-Za-z0-9_-]*");
  private static final Pattern DEVICE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:-]*");
  private static final int DEEPEST = 12;
  private static final String EDITS = "containerEdits";
  private static final String LINK = "--link";

  private final List<BindMount> mounts = new ArrayList<>();

  private CdiReader() {}

  /**
   * Returns what a file says.
   *
   * @param file its pathname, for messages
   * @throws IllegalArgumentException if it is not a file of the interface
   */
  static CdiSpecification read(String file, String text) {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    options.setAllowRecursiveKeys(false);
    options.setMaxAliasesForCollections(0);
    options.setNestingDepthLimit(DEEPEST);
    Object content;
    try {
      content = new Yaml(new SafeConstructor(options)).load(text);
    } catch (YAMLException e) {
      throw new IllegalArgumentException(
          file + ": " + String.valueOf(e.getMessage()).replaceAll("\\s+", " "), e);
    }
    return specification(new CdiNode(file, "", content));
  }

  private static CdiSpecification specification(CdiNode top) {
    top.allowOnly("cdiVersion", "kind", "annotations", "devices", EDITS);
    top.required("cdiVersion").text(VERSION, "a version of CDI up to 1.x, such as 0.6.0");
    String kind = top.required("kind").text(KIND, "VENDOR/CLASS, such as nvidia.com/gpu");
    Map<String, CdiEdits> devices = new LinkedHashMap<>();
    for (CdiNode device : top.required("devices").list()) {
      device.allowOnly("name", "annotations", EDITS);
      CdiNode name = device.required("name");
      String text = name.text(DEVICE, "letters, digits and . _ : -");
      if (devices.put(text, edits(device.required(EDITS))) != null) {
        throw name.refused("is the name of two devices");
      }
    }
    CdiEdits all = top.has(EDITS) ? edits(top.required(EDITS)) : new CdiEdits(List.of());
    return new CdiSpecification(kind, all, devices);
  }

  private static CdiEdits edits(CdiNode edits) {
    edits.allowOnly(
        "env", "deviceNodes", "netDevices", "mounts", "hooks", "intelRdt", "additionalGids");
    CdiReader reader = new CdiReader();
    edits.optionalList("deviceNodes").forEach(reader::device);
    edits.optionalList("mounts").forEach(reader::mount);
    edits.optionalList("hooks").forEach(reader::hook);
    return new CdiEdits(reader.mounts);
  }

  private void device(CdiNode node) {
    node.allowOnly(
        "path", "hostPath", "type", "major", "minor", "fileMode", "permissions", "uid", "gid");
    ImagePath path = imagePath(node.required("path"));
    HostPath source =
        node.has("hostPath") ? hostPath(node.required("hostPath")) : HostPath.of(path.value());
    mounts.add(BindMount.of(source).at(path));
  }

  private void mount(CdiNode node) {
    node.allowOnly("hostPath", "containerPath", "options", "type");
    HostPath source = hostPath(node.required("hostPath"));
    ImagePath target = imagePath(node.required("containerPath"));
    if (node.has("type")) {
      node.required("type").text(Pattern.compile("bind|none|"), "bind: no other mount is made");
    }
    Set<MountOption> options = EnumSet.noneOf(MountOption.class);
    Propagation propagation = Propagation.SLAVE;
    for (CdiNode option : node.optionalList("options")) {
      String word = option.text();
      switch (word) {
        case "ro" -> options.add(MountOption.READ_ONLY);
        case "nosuid" -> options.add(MountOption.NOSUID);
        case "nodev" -> options.add(MountOption.NODEV);
        case "noexec" -> options.add(MountOption.NOEXEC);
        case "bind" -> options.add(MountOption.NOT_RECURSIVE);
        case "private", "rprivate" -> propagation = Propagation.PRIVATE;
        case "shared", "rshared" -> propagation = Propagation.SHARED;
        case "rbind", "rw", "suid", "dev", "exec", "slave", "rslave" -> {
          // As it is without the word.
        }
        default -> throw option.refused("is not an option of a bind mount");
      }
    }
    mounts.add(new BindMount(source, target, options, propagation));
  }

  /**
   * Hooks change files of a container, which an image is not: none is executed. The names that one
   * would make as links to libraries are shown as the host has them.
   */
  private void hook(CdiNode node) {
    node.allowOnly("hookName", "path", "args", "env", "timeout");
    node.required("hookName").text();
    node.required("path").text();
    boolean link = false;
    for (CdiNode argument : node.optionalList("args")) {
      String word = argument.text();
      if (link) {
        int colons = word.indexOf("::");
        if (colons < 0) {
          throw argument.refused("is not TARGET::LINK, as " + LINK + " needs it");
        }
        String name = word.substring(colons + 2);
        mounts.add(
            new BindMount(
                argument.parsed(name, HostPath::of),
                argument.parsed(name, ImagePath::of),
                Set.of(MountOption.READ_ONLY, MountOption.NOSUID, MountOption.NODEV),
                Propagation.SLAVE));
      }
      link = word.equals(LINK);
    }
  }

  private static HostPath hostPath(CdiNode node) {
    return node.parsed(node.text(), HostPath::of);
  }

  private static ImagePath imagePath(CdiNode node) {
    return node.parsed(node.text(), ImagePath::of);
  }
}
