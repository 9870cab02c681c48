// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.syschroot.doctor.files.BudgetSpentException;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.doctor.finding.Diagnosis;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.doctor.finding.PrivilegedFile;
import org.syschroot.doctor.finding.Severity;

/**
 * One examination of an image: each check has a thread of its own and a part of the time. A check
 * that waits for a server or daemon that does not answer is left behind on its thread, which is all
 * that can be done, and the next check begins with files that nobody has looked at yet. For one
 * thread, and once.
 */
final class Rounds {
  private static final Duration GRACE = Duration.ofMillis(200);
  private static final String AS_ROOT =
      "correct the error in \"why\"; as an ordinary user, try again as root";

  private final List<Check> checks;
  private final List<Finding> findings = new ArrayList<>();
  private final Map<String, String> unfinished = new LinkedHashMap<>();
  private final List<Examination> examinations = new ArrayList<>();
  private Examination examination;

  Rounds(List<Check> checks, Examination examination) {
    this.checks = checks;
    this.examination = examination;
    examinations.add(examination);
  }

  Diagnosis diagnosis() {
    for (Check check : checks) {
      Examination current = examination;
      findings.addAll(take(check.name(), () -> check.examine(current), List.of()));
    }
    Examination current = examination;
    List<PrivilegedFile> privileged =
        take("PrivilegedFiles", () -> current.privilegedFiles().described(), List.of());
    addUnfinished();
    addUnseen(Examination::inside, "the image as its commands see it");
    addUnseen(Examination::tree, "the image");
    addUnseen(Examination::host, "the host");
    findings.sort(Comparator.comparing(Finding::severity));
    return new Diagnosis(examination.image(), findings, privileged);
  }

  private <T> T take(String name, Callable<T> step, T otherwise) {
    examination.budget().beginPart();
    FutureTask<T> task = new FutureTask<>(step);
    try {
      Thread thread = new Thread(task, "doctor-" + name);
      thread.setDaemon(true);
      thread.start();
      Duration longest = examination.budget().leftOfPart().plus(GRACE);
      return task.get(longest.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      unfinished.put(name, "a filesystem does not answer, or there are too many files");
      examination = examination.begunAnew();
      examinations.add(examination);
    } catch (ExecutionException e) {
      addFailure(name, Objects.requireNonNull(e.getCause()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      unfinished.put(name, "the examination was interrupted");
    } catch (OutOfMemoryError e) {
      addFailure(name, e); // also if no thread can be started
    }
    return otherwise;
  }

  private void addFailure(String name, Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    if (failure instanceof BudgetSpentException) {
      unfinished.put(name, message);
    } else if (failure instanceof IOException) {
      findings.add(incomplete(Severity.NOTICE, name, message).remedy(AS_ROOT).build());
    } else {
      // No damage or hostility of an image should come to this, so it must not look harmless.
      findings.add(
          incomplete(Severity.ERROR, name, failure.toString())
              .remedy("look for unusual files in the image, and report this as a bug of syschroot")
              .build());
    }
  }

  private static Finding.Builder incomplete(Severity severity, String name, String cause) {
    return Finding.of(severity, "check-incomplete")
        .effect("the check " + name + " failed")
        .cause(cause);
  }

  private void addUnfinished() {
    if (!unfinished.isEmpty()) {
      Map.Entry<String, String> first = unfinished.entrySet().iterator().next();
      findings.add(
          Finding.warning("image-partly-looked-at")
              .effect("these checks did not finish: " + String.join(", ", unfinished.keySet()))
              .cause(first.getKey() + ": " + first.getValue())
              .remedy(
                  "check these files yourself, or allow more time: syschroot doctor --time-limit"
                      + " SECONDS")
              .path(examination.image().root().toString())
              .build());
    }
  }

  private void addUnseen(Function<Examination, SystemFiles> part, String where) {
    Map<String, String> unseen = new LinkedHashMap<>();
    examinations.forEach(each -> unseen.putAll(part.apply(each).notLookedAt()));
    if (!unseen.isEmpty()) {
      Map.Entry<String, String> first = unseen.entrySet().iterator().next();
      findings.add(
          Finding.notice("not-looked-at")
              .effect(
                  unseen.size()
                      + (unseen.size() == 1 ? " place" : " places")
                      + " in "
                      + where
                      + " could not be checked, so findings may be missing")
              .cause(first.getKey() + ": " + first.getValue())
              .remedy(AS_ROOT)
              .paths(List.copyOf(unseen.keySet()))
              .build());
    }
  }
}
