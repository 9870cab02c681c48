// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.syschroot.image.SubmitSettings;
import org.syschroot.mountplan.BindMount;

/**
 * A batch scheduler to which jobs are submitted. None of them knows images: each is told by what it
 * does offer, such as the shell of a job. Implementations are immutable and thread-safe.
 */
public sealed interface Scheduler permits Torque, Slurm, GridEngine, HtCondor, DefinedScheduler {
  /** Returns all known schedulers, in the order of the documentation. */
  static List<Scheduler> all() {
    return List.of(
        Slurm.INSTANCE,
        Torque.INSTANCE,
        Torque.PBS,
        Torque.OPENPBS,
        GridEngine.INSTANCE,
        GridEngine.SGE,
        HtCondor.INSTANCE,
        KnownDefinitions.LSF,
        KnownDefinitions.FLUX,
        KnownDefinitions.OAR);
  }

  /** Returns the scheduler of a name. */
  static Optional<Scheduler> of(String name) {
    return all().stream().filter(one -> one.name().equals(name)).findFirst();
  }

  /**
   * Returns the scheduler that an image submits to.
   *
   * @throws IllegalArgumentException if the image was made with a name that is no scheduler's
   */
  static Scheduler of(SubmitSettings submit) {
    if (submit.definition().isPresent()) {
      return new DefinedScheduler(submit.scheduler(), submit.definition().get());
    }
    return of(submit.scheduler())
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "scheduler \"" + submit.scheduler() + "\" is unknown: allowed are " + names()));
  }

  /** Returns all names, for messages. */
  static String names() {
    return all().stream().map(Scheduler::name).collect(Collectors.joining(", "));
  }

  /** Returns its name in the configuration and on the command line. */
  String name();

  /** Returns the name of its command that submits jobs. */
  String program();

  /**
   * Returns the command that submits a job so that it runs in an image.
   *
   * @throws SubmissionException if this scheduler cannot be told so; it says what can be done
   * @throws IOException if the job's script cannot be read
   */
  Submission submission(BatchJob job) throws IOException;

  /**
   * Returns the directories of this host in which jobs find their scripts, and which an image must
   * see. All are optional: a host on which jobs are only submitted has none.
   */
  List<BindMount> spool(SchedulerFiles host);

  /**
   * Returns the directories of this host of which each job sees one of its own, such as {@code
   * /tmp}. Mounts that were made before the job began show the host's instead.
   */
  default Set<String> privateDirectories(SchedulerFiles host) {
    return Set.of();
  }

  /**
   * Returns the shell script with which a node checks its images, so that no job is sent to one
   * that is broken. {@code @SYSCHROOT@} in it stands for the command, {@code @IMAGES@} for the
   * images, or for nothing if all are meant.
   */
  default String nodeCheck() {
    return script(name() + "-check.sh");
  }

  /** Returns a script of this package. */
  static String script(String name) {
    try (InputStream resource = Scheduler.class.getResourceAsStream(name)) {
      return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
