// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Slurm's configuration on a host, read as Slurm reads it: keys in any case, blanks around {@code
 * =}, values in quotes, lines that go on behind a backslash, {@code Include}; the last value of a
 * key counts. Immutable.
 *
 * @see <a href="https://slurm.schedmd.com/slurm.conf.html">slurm.conf(5)</a>
 * @see <a href="https://slurm.schedmd.com/job_container.conf.html">job_container.conf(5)</a>
 * @see <a href="https://slurm.schedmd.com/namespace.html">Namespace Plugins</a>
 */
final class SlurmConfiguration {
  private static final List<String> PLACES =
      List.of(
          "/etc/slurm/slurm.conf",
          "/run/slurm/conf/slurm.conf",
          "/etc/slurm-llnl/slurm.conf",
          // Where Slurm is built from its sources, and on clusters of AWS.
          "/usr/local/etc/slurm.conf",
          "/opt/slurm/etc/slurm.conf");
  private static final String SPOOL = "slurmdspooldir";
  private static final String NODE = "nodename";
  private static final String NODE_HOST = "nodehostname";
  private static final int DEEPEST_INCLUDE = 5;
  // The expression of Slurm's own parser, s_p_parse_line() in src/common/parse_config.c.
  private static final Pattern SETTING =
      Pattern.compile("\\s*([\\w.]+)\\s*[-*+/]?=\\s*(?:\"([^\"]*)\"|(\\S+))(?:\\s|$)");
  private static final Pattern INCLUDE =
      Pattern.compile("\\s*include\\s+(\\S+).*", Pattern.CASE_INSENSITIVE);
  private static final Pattern YAML_DIRECTORIES =
      Pattern.compile("\\s*(?:-\\s+)?dirs\\s*:\\s*[\"']?([^\"'#\\s][^\"'#]*)[\"']?\\s*(?:#.*)?");
  private static final String PRIVATE_DIRECTORIES = "/tmp,/dev/shm";
  private static final Pattern COMMENT = Pattern.compile("(?<!\\\\)#.*");

  private final SchedulerFiles host;
  private final String directory;
  private final Map<String, String> settings = new LinkedHashMap<>();
  private final List<Map<String, String>> nodeLines = new ArrayList<>();

  private SlurmConfiguration(SchedulerFiles host, String file) {
    this.host = host;
    this.directory = file.substring(0, file.lastIndexOf('/'));
    for (Map<String, String> line : lines(file, 0)) {
      if (line.containsKey(NODE)) {
        nodeLines.add(line);
      } else {
        settings.putAll(line);
      }
    }
  }

  /** Returns that of a host; without files it has only defaults. */
  static SlurmConfiguration of(SchedulerFiles host) {
    String file = PLACES.stream().filter(host::has).findFirst().orElse(PLACES.get(0));
    return new SlurmConfiguration(host, file);
  }

  /** Returns the directories of the host's daemons: several, where several nodes are one host. */
  Set<String> spoolDirectories() {
    String pattern = settings.getOrDefault(SPOOL, "");
    if (!pattern.startsWith("/")) {
      return Set.of("/var/spool/slurmd");
    }
    Set<String> directories = new LinkedHashSet<>();
    for (String node : nodes()) {
      directories.add(pattern.replace("%h", host.shortName()).replace("%n", node));
    }
    return directories;
  }

  /**
   * Returns the directories of which each job gets its own, on this host, by the plugin
   * job_container/tmpfs, which is called namespace/tmpfs since Slurm 25.11, or by namespace/linux.
   */
  Set<String> privateDirectories() {
    String plugin =
        settings.getOrDefault("namespacetype", settings.getOrDefault("jobcontainertype", ""));
    return switch (plugin) {
      case "job_container/tmpfs", "namespace/tmpfs" -> ofJobContainers();
      case "namespace/linux" -> ofNamespaces();
      default -> Set.of();
    };
  }

  /**
   * Returns those that namespace.yaml names for any node, and the default ones: a warning too many
   * does less harm than a job in the wrong directory.
   */
  private Set<String> ofNamespaces() {
    Set<String> all = new LinkedHashSet<>(split(PRIVATE_DIRECTORIES));
    for (String line : host.lines(directory + "/namespace.yaml")) {
      Matcher dirs = YAML_DIRECTORIES.matcher(line);
      if (dirs.matches()) {
        all.addAll(split(dirs.group(1).strip()));
      }
    }
    return all;
  }

  private static List<String> split(String directories) {
    return Arrays.asList(directories.split("\\s*,\\s*"));
  }

  private Set<String> ofJobContainers() {
    String directories = PRIVATE_DIRECTORIES;
    Set<String> nodes = nodes();
    for (Map<String, String> line : lines(directory + "/job_container.conf", 0)) {
      boolean isHere =
          !line.containsKey(NODE)
              || HostList.names(line.get(NODE)).stream().anyMatch(nodes::contains);
      if (isHere && line.getOrDefault("basepath", "").equals("none")) {
        return Set.of();
      }
      if (isHere) {
        directories = line.getOrDefault("dirs", directories);
      }
    }
    return new LinkedHashSet<>(split(directories));
  }

  /** Returns what Slurm calls this host: by its names where no line does otherwise. */
  private Set<String> nodes() {
    Set<String> here = new LinkedHashSet<>();
    for (Map<String, String> line : nodeLines) {
      String node = line.getOrDefault(NODE, "");
      List<String> names = HostList.names(node);
      List<String> hosts = HostList.names(line.getOrDefault(NODE_HOST, node));
      for (int i = 0; i < names.size(); i++) {
        String name = hosts.size() == 1 ? hosts.get(0) : i < hosts.size() ? hosts.get(i) : "";
        if (name.equals(host.shortName()) || name.equals(host.hostName())) {
          here.add(names.get(i));
        }
      }
    }
    return here.isEmpty() ? Set.of(host.shortName()) : here;
  }

  /** Returns the settings of each line, by keys in lower case. */
  private List<Map<String, String>> lines(String file, int depth) {
    List<Map<String, String>> all = new ArrayList<>();
    String unfinished = "";
    for (String raw : host.lines(file)) {
      String line = unfinished + COMMENT.matcher(raw).replaceFirst("").stripTrailing();
      if (line.endsWith("\\")) {
        unfinished = line.substring(0, line.length() - 1);
        continue;
      }
      unfinished = "";
      Matcher include = INCLUDE.matcher(line);
      if (include.matches() && depth < DEEPEST_INCLUDE) {
        all.addAll(lines(included(include.group(1), all), depth + 1));
      } else {
        all.add(settings(line));
      }
    }
    return all;
  }

  /** Returns the path of an included file: {@code %c} is the name of the cluster. */
  private String included(String name, List<Map<String, String>> before) {
    String cluster =
        before.stream()
            .filter(line -> line.containsKey("clustername"))
            .map(line -> line.get("clustername"))
            .findFirst()
            .orElse("%c");
    String path = name.replace("%c", cluster);
    return path.startsWith("/") ? path : directory + "/" + path;
  }

  private static Map<String, String> settings(String line) {
    Map<String, String> found = new LinkedHashMap<>();
    Matcher matcher = SETTING.matcher(line);
    int at = 0;
    while (at < line.length() && matcher.region(at, line.length()).lookingAt()) {
      String value = matcher.group(2) != null ? matcher.group(2) : matcher.group(3);
      found.put(matcher.group(1).toLowerCase(Locale.ROOT), value);
      at = matcher.end();
    }
    return found;
  }
}
