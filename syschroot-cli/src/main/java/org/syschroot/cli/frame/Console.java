// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.frame;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.syschroot.path.OsString;
import org.syschroot.text.Escaped;

/**
 * Standard output, which carries only what was asked for, and standard error, where every line
 * begins {@code syschroot: }. Always UTF-8. Not thread-safe.
 */
public final class Console {
  private static final Pattern CONTINUED = Pattern.compile("\n(?=hint: |  )");

  private final PrintStream out;
  private final PrintStream err;
  private boolean verbose;
  private boolean quiet;
  private boolean progressShown;
  private boolean colorless;

  public Console(OutputStream out, OutputStream err) {
    this.out = new PrintStream(out, false, StandardCharsets.UTF_8);
    this.err = new PrintStream(err, false, StandardCharsets.UTF_8);
  }

  public static Console ofProcess() {
    return new Console(
        new FileOutputStream(FileDescriptor.out), new FileOutputStream(FileDescriptor.err));
  }

  public void beVerbose(boolean on) {
    verbose = on;
  }

  public void beQuiet(boolean on) {
    quiet = on;
  }

  public void beColorless() {
    colorless = true;
  }

  /**
   * Returns whether standard output may have colors: on a terminal that has them, unless the
   * options or {@code NO_COLOR} say otherwise.
   *
   * @param environment the caller's environment, not this JVM's
   */
  public boolean hasColors(List<OsString> environment) {
    return !colorless
        && OwnProcess.standardOutputIsTerminal()
        && environment.stream()
            .map(OsString::toString)
            .noneMatch(entry -> entry.matches("NO_COLOR=.+|TERM=dumb"));
  }

  /** Prints what was asked for, in lines of ours: no word in them can hold a newline. */
  public void print(String text) {
    out.print(Escaped.lines(text));
    out.flush();
  }

  /** Prints one line of what was asked for, whatever words of others are in it. */
  public void line(Object text) {
    print(Escaped.line(text.toString()) + "\n");
  }

  /** Prints what was asked for, as bytes. */
  public void print(OsString bytes) {
    out.writeBytes(bytes.toBytes());
    out.flush();
  }

  /**
   * Prints why something failed, whatever words of others are in it: on one line, behind which only
   * a hint and indented lines may stand.
   */
  public void error(String message) {
    endProgress();
    String[] lines = CONTINUED.split(message);
    for (int i = 0; i < lines.length; i++) {
      err.print((i == 0 ? "syschroot: " : "") + Escaped.line(lines[i]) + "\n");
    }
    err.flush();
  }

  /** Prints why something failed, what to do about it, and the call that failed as a detail. */
  public void failure(String prefix, IOException failure) {
    error(prefix + FailureMessages.of(failure));
    FailureMessages.hint(failure).ifPresent(this::hint);
    if (verbose) {
      FailureMessages.detail(failure).ifPresent(this::callDetail);
    }
  }

  private void callDetail(String call) {
    err.print("detail: " + Escaped.line(call) + "\n");
    err.flush();
  }

  /** Prints what to do about the error before. */
  public void hint(String advice) {
    err.print("hint: " + Escaped.line(advice) + "\n");
    err.flush();
  }

  /** Prints what the user should know although nothing failed; not with {@code --quiet}. */
  public void notice(String message) {
    if (!quiet) {
      error(message);
    }
  }

  /** Prints what happens; only with {@code --verbose}. */
  public void detail(String message) {
    if (verbose) {
      error(message);
    }
  }

  /** Returns whether details are printed, for those that are costly to put together. */
  public boolean isQuiet() {
    return quiet;
  }

  public boolean isVerbose() {
    return verbose;
  }

  /** Prints text on standard error without a prefix. */
  public void usage(String text) {
    err.print(text);
    err.flush();
  }

  /** Shows on a terminal how far things are, in a line that the next one replaces. */
  public void progress(String text) {
    if (!quiet && OwnProcess.standardErrorIsTerminal()) {
      err.print("\r\033[K" + Escaped.line(text));
      err.flush();
      progressShown = true;
    }
  }

  /** Says on a terminal what was done, in place of the line of {@link #progress}. */
  public void done(String text) {
    if (!quiet && OwnProcess.standardErrorIsTerminal()) {
      endProgress();
      err.print("syschroot: " + Escaped.line(text) + "\n");
      err.flush();
    }
  }

  /** Takes the line of {@link #progress} away. */
  public void endProgress() {
    if (progressShown) {
      err.print("\r\033[K");
      err.flush();
      progressShown = false;
    }
  }

  /** Asks a question that is to be answered by "y" or "yes", on a terminal. */
  public boolean confirms(String question) throws IOException {
    endProgress();
    err.print("syschroot: " + Escaped.line(question) + " [y/N] ");
    err.flush();
    BufferedReader answers =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String answer = answers.readLine();
    return answer != null && answer.strip().toLowerCase(Locale.ROOT).matches("y|yes");
  }

  public void flush() {
    out.flush();
    err.flush();
  }
}
