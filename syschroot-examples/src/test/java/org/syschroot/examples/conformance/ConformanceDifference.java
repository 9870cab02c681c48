// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.conformance;

import java.util.List;
import java.util.Optional;

/**
 * What a switched process may do otherwise than one of {@link ProcessBuilder}.
 *
 * @param cases the cases
 * @param outcome a regular expression of their outcome
 * @param mark what it does, in a word or two
 * @param reason why
 */
record ConformanceDifference(List<String> cases, String outcome, String mark, String reason) {
  static final List<ConformanceDifference> ALL =
      List.of(
          new ConformanceDifference(
              List.of("arguments: no program"),
              "status 0",
              "a shell",
              "A request without a command is one for the image's shell."),
          new ConformanceDifference(
              List.of(
                  "arguments: U+0000 in one",
                  "arguments: U+0000 in the program",
                  "arguments: an empty program",
                  "directory: an empty path"),
              "IllegalArgumentException",
              "refused earlier",
              "What can never be is refused when the request is made, by an"
                  + " `IllegalArgumentException`, and not when it is started."),
          new ConformanceDifference(
              List.of("environment: an empty name"),
              "IllegalArgumentException",
              "refused",
              "A variable without a name can be read by no program that uses getenv(3): it is a mistake."),
          new ConformanceDifference(
              List.of(
                  "environment: empty",
                  "environment: empty but for one",
                  "environment: a variable set before it is emptied"),
              "((PWD=/|A=1|A=1 B=2) )?SYSCHROOT_IMAGE=small",
              "marked",
              "Every command in an image has `SYSCHROOT_IMAGE`, an empty environment included: scripts"
                  + " and prompts tell by it where they are. `emptyEnvironment` is a property of the"
                  + " request, so variables that were set before it stay."),
          new ConformanceDifference(
              List.of("environment: the JVM's $PWD when the directory is another"),
              "/tmp",
              "corrected",
              "`PWD` follows the directory, since shells in the image would start with a wrong one."),
          new ConformanceDifference(
              List.of("directory: that of the JVM"),
              "IOException",
              "refused",
              "The JVM's directory is not in this image, and a command that was meant for one"
                  + " directory does not run in another."),
          new ConformanceDifference(
              List.of("directory: dots", "directory: a relative one"),
              "IllegalArgumentException",
              "refused",
              "A directory of a request is an absolute path in the image, without `.` and `..`: the"
                  + " JVM's directory is one of the host."),
          new ConformanceDifference(
              List.of("inheritance: signals ignored", "inheritance: signals blocked"),
              "0{16}",
              "defaults",
              "A JVM blocks SIGQUIT in its threads, which commands of `ProcessBuilder` inherit, and so"
                  + " do they what was ignored when the JVM was started. A switched process has every"
                  + " signal at its default and none blocked."),
          new ConformanceDifference(
              List.of("the JVM: a full heap while 20 commands end"),
              "lost 0\n",
              "none lost",
              "A full heap does not stop the detection of exits. The JDK promises nothing for it."),
          new ConformanceDifference(
              List.of("the JVM: no descriptor is left by failures for lack of them"),
              "same\n",
              "none left",
              "A start that fails leaves no descriptor. JDK 17 was seen to lose two of its own."));

  /** What one does besides that is started without privilege. */
  static final List<ConformanceDifference> WITHOUT_PRIVILEGE =
      List.of(
          new ConformanceDifference(
              List.of("inheritance: user namespace of the JVM"),
              "false",
              "its own",
              "Without privilege a command runs in a user namespace of its own, with the same user and"
                  + " groups: see [Without root](without-root.md)."),
          new ConformanceDifference(
              List.of(
                  "inheritance: the JVM's CapEff in /proc",
                  "inheritance: the JVM's CapBnd in /proc"),
              "[0-9a-f]{16}",
              "of that namespace",
              "Its capabilities are those of that namespace, over nothing of the host: all for root,"
                  + " none for an ordinary user."));

  static Optional<ConformanceDifference> withoutPrivilege(ConformanceCase one) {
    return WITHOUT_PRIVILEGE.stream()
        .filter(all -> all.cases().contains(one.toString()))
        .findFirst()
        .or(() -> of(one));
  }

  static Optional<ConformanceDifference> of(ConformanceCase one) {
    return ALL.stream().filter(all -> all.cases().contains(one.toString())).findFirst();
  }
}
