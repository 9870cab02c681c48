// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountOption;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/**
 * HTCondor. The job carries the image's name as an attribute ({@code condor_submit -append}), and
 * the nodes' {@code USER_JOB_WRAPPER} enters that image, so that every submit description works as
 * it is. {@code NAMED_CHROOT}, which did this once, is gone.
 *
 * @see <a href="https://htcondor.readthedocs.io/en/latest/man-pages/condor_submit.html">
 *     condor_submit(1)</a>
 * @see <a href="https://htcondor.readthedocs.io/en/latest/admin-manual/configuration-macros.html">
 *     USER_JOB_WRAPPER</a>
 */
public final class HtCondor implements Scheduler {
  static final HtCondor INSTANCE = new HtCondor();

  private static final String CONFIG = "/etc/condor/condor_config";
  private static final String SCRATCH = "MOUNT_UNDER_SCRATCH";

  private HtCondor() {}

  @Override
  public String name() {
    return "htcondor";
  }

  @Override
  public String program() {
    return "condor_submit";
  }

  @Override
  public Submission submission(BatchJob job) throws SubmissionException {
    HostPath launcher = job.imageLauncher().orElseThrow(() -> job.noLauncher("the whole image"));
    OsString attribute = OsString.of("+SyschrootImage = \"" + job.image() + "\"");
    return Submission.by(
        launcher,
        Submission.words(program(), List.of(OsString.of("-append"), attribute), job.arguments()));
  }

  /** Returns the script for the nodes' {@code USER_JOB_WRAPPER}. */
  public static String jobWrapper() {
    return Scheduler.script("htcondor-wrapper.sh");
  }

  @Override
  public List<BindMount> spool(SchedulerFiles host) {
    // Jobs run in a directory of their own beneath it, and write there.
    return List.of(BindMount.of(HostPath.of(execute(host)), MountOption.OPTIONAL));
  }

  /** Each job has its own ones beneath the directory in which it runs. */
  @Override
  public Set<String> privateDirectories(SchedulerFiles host) {
    return Arrays.stream(macro(macros(host), SCRATCH).replace("\"", "").split("[,\\s]+"))
        .filter(directory -> directory.startsWith("/"))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static String execute(SchedulerFiles host) {
    Map<String, String> macros = macros(host);
    String execute = macro(macros, "EXECUTE").replace("$(LOCAL_DIR)", macro(macros, "LOCAL_DIR"));
    return execute.startsWith("/") && !execute.contains("$(") ? execute : "/var/lib/condor/execute";
  }

  private static String macro(Map<String, String> macros, String name) {
    return macros.getOrDefault(name, "");
  }

  /** Returns the values of those that are asked for here, as they are written. */
  private static Map<String, String> macros(SchedulerFiles host) {
    Map<String, String> macros = new HashMap<>();
    macros.put("LOCAL_DIR", "/var");
    macros.put(SCRATCH, "");
    macros.put("EXECUTE", "$(LOCAL_DIR)/lib/condor/execute");
    List<String> files = new ArrayList<>();
    files.add(CONFIG);
    files.addAll(host.filesIn("/etc/condor/config.d"));
    files.add(CONFIG + ".local");
    for (String file : files) {
      for (String line : host.lines(file)) {
        int equals = line.indexOf('=');
        if (equals > 0 && !line.strip().startsWith("#")) {
          String name = line.substring(0, equals).strip().toUpperCase(Locale.ROOT);
          macros.computeIfPresent(name, (key, old) -> line.substring(equals + 1).strip());
        }
      }
    }
    return macros;
  }
}
