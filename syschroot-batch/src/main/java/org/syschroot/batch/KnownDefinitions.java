// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.util.List;
import org.syschroot.image.SchedulerDefinition;
import org.syschroot.image.SchedulerDefinition.Place;

/**
 * Schedulers that need nothing but data.
 *
 * @see <a href="https://www.ibm.com/docs/en/spectrum-lsf/10.1.0?topic=reference-bsub">bsub</a>
 * @see <a
 *     href="https://flux-framework.readthedocs.io/projects/flux-core/en/latest/man1/flux-submit.html">
 *     flux-submit(1)</a>
 * @see <a href="https://manpages.ubuntu.com/manpages/noble/man1/oarsub.1.html">oarsub(1)</a>
 */
final class KnownDefinitions {
  /** The job's command is a text for /bin/sh; without one it is a script on standard input. */
  static final Scheduler LSF =
      new DefinedScheduler(
          "lsf",
          new SchedulerDefinition(
              List.of("bsub"),
              Place.TEXT,
              "",
              "#BSUB",
              true,
              List.of(
                  "ar", "B", "datachk", "H", "hl", "I", "Ip", "IS", "ISp", "ISs", "Is", "IX", "K",
                  "N", "Ne", "r", "rn", "tty", "ul", "x", "XF"),
              List.of("pack"),
              true,
              List.of(),
              List.of()));

  /** Each task of the job is started by its words. */
  static final Scheduler FLUX =
      new DefinedScheduler(
          "flux",
          new SchedulerDefinition(
              List.of("flux", "submit"),
              Place.WORD,
              "",
              "",
              false,
              List.of(
                  "x",
                  "v",
                  "l",
                  "u",
                  "h",
                  "exclusive",
                  "verbose",
                  "label-io",
                  "unbuffered",
                  "dry-run",
                  "quiet",
                  "wait",
                  "watch",
                  "progress",
                  "jps",
                  "help"),
              List.of(),
              false,
              List.of(),
              List.of()));

  /** The job's command is one word, a text for a shell; options may stand behind it. */
  static final Scheduler OAR =
      new DefinedScheduler(
          "oar",
          new SchedulerDefinition(
              List.of("oarsub"),
              Place.ONE_WORD,
              "",
              "#OAR",
              false,
              List.of(
                  "I",
                  "S",
                  "k",
                  "D",
                  "X",
                  "Y",
                  "J",
                  "h",
                  "V",
                  "interactive",
                  "scanscript",
                  "hold",
                  "use-job-key",
                  "dumper",
                  "xml",
                  "yaml",
                  "json",
                  "help",
                  "version"),
              List.of("I", "interactive", "S", "scanscript", "C", "connect"),
              false,
              List.of(),
              List.of()));

  private KnownDefinitions() {}
}
