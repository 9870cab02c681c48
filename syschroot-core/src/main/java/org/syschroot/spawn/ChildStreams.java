// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.ProcessCalls;
import org.syschroot.path.OsString;

/**
 * Opens what a child's descriptors are to be, in this JVM. For one start, and one thread at a time.
 */
final class ChildStreams {
  private static final int MODE = 0666; // and the umask, as ProcessBuilder does

  private final Kernel kernel;
  private final ProcessCalls calls;
  private final Map<Integer, Integer> descriptors = new TreeMap<>();
  private final List<Integer> childEnds = new ArrayList<>();
  private @Nullable PipeOutput input;
  private @Nullable PipeInput output;
  private @Nullable PipeInput error;
  private @Nullable PipeInput lent;

  ChildStreams(Kernel kernel, ProcessCalls calls) {
    this.kernel = kernel;
    this.calls = calls;
  }

  /**
   * Opens everything.
   *
   * @throws IOException if something cannot be opened; then nothing is left open
   */
  void open(Redirects redirects) throws IOException {
    try {
      openInput(redirects);
      output = openOutput(1, redirects, redirects.output());
      if (redirects.mergeError()) {
        descriptors.put(2, descriptors.get(1));
      } else {
        error = openOutput(2, redirects, redirects.error());
      }
      descriptors.putAll(redirects.further());
    } catch (IOException | RuntimeException | Error failure) {
      closeAll();
      throw failure;
    }
  }

  private void openInput(Redirects redirects) throws IOException {
    Redirect redirect = redirects.input();
    Integer own = redirects.own().get(0);
    SwitchedProcess producer = redirects.producer();
    if (producer != null) {
      borrow(producer);
    } else if (own != null) {
      descriptors.put(0, own);
    } else if (redirect.type() == Redirect.Type.PIPE) {
      ProcessCalls.Pipe pipe = calls.pipe();
      try {
        input = new PipeOutput(calls, pipe.writeEnd());
      } catch (OutOfMemoryError e) {
        closeQuietly(pipe.readEnd());
        closeQuietly(pipe.writeEnd());
        throw e;
      }
      childEnd(0, pipe.readEnd());
    } else {
      openFile(0, redirect, OpenFlags.O_RDONLY);
    }
  }

  private void borrow(SwitchedProcess producer) throws IOException {
    PipeInput pipe = producer.outputPipe();
    if (pipe == null) {
      throw new IllegalStateException(producer + " writes to where it was redirected");
    }
    int copy = pipe.lend();
    lent = pipe;
    childEnd(0, copy);
  }

  private @Nullable PipeInput openOutput(int number, Redirects redirects, Redirect redirect)
      throws IOException {
    Integer own = redirects.own().get(number);
    if (own != null) {
      descriptors.put(number, own);
      return null;
    }
    if (redirect.type() == Redirect.Type.PIPE) {
      ProcessCalls.Pipe pipe = calls.pipe();
      PipeInput ours;
      try {
        ours = new PipeInput(calls, pipe.readEnd());
      } catch (OutOfMemoryError e) {
        closeQuietly(pipe.readEnd());
        closeQuietly(pipe.writeEnd());
        throw e;
      }
      try {
        childEnd(number, pipe.writeEnd());
      } catch (OutOfMemoryError e) {
        closeQuietly(pipe.readEnd());
        throw e;
      }
      return ours;
    }
    int how = redirect.type() == Redirect.Type.APPEND ? OpenFlags.O_APPEND : OpenFlags.O_TRUNC;
    openFile(number, redirect, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | how);
    return null;
  }

  private void openFile(int number, Redirect redirect, int flags) throws KernelException {
    File file = redirect.file();
    if (file == null) {
      descriptors.put(number, number); // inherited
    } else {
      OsString path = OsString.of(file.getPath());
      childEnd(number, kernel.openat(Kernel.AT_FDCWD, path, flags, MODE));
    }
  }

  private void childEnd(int number, int descriptor) {
    try {
      childEnds.add(descriptor);
    } catch (OutOfMemoryError e) {
      closeQuietly(descriptor);
      throw e;
    }
    descriptors.put(number, descriptor);
  }

  private void closeQuietly(int descriptor) {
    try {
      calls.close(descriptor);
    } catch (KernelException closedAnyway) {
      // close(2) gives the descriptor back whatever it returns.
    }
  }

  /**
   * Returns the path that opens our end anew. Java has no other way to make a stream of a number;
   * the stream closes what it opened even if it is forgotten.
   */
  static File link(int descriptor) {
    return new File("/proc/self/fd/" + descriptor);
  }

  /** Returns our descriptor for each number that the child is to have. */
  Map<Integer, Integer> descriptors() {
    return descriptors;
  }

  /** Closes what only the child needs. */
  void closeChildEnds() throws KernelException {
    while (!childEnds.isEmpty()) { // each once, and without an iterator: the heap may be full
      kernel.close(childEnds.remove(childEnds.size() - 1));
    }
  }

  /** Leaves to the child, which runs, what it has of another one. Takes no memory. */
  void handOver() {
    endLoan(true);
  }

  private void endLoan(boolean given) {
    if (lent != null) {
      lent.endLoan(given);
      lent = null;
    }
  }

  /** Closes everything: there will be no child. */
  void closeAll() throws IOException {
    try {
      closeChildEnds(); // the copy of what is lent too, while nobody else may open that pipe
    } finally {
      endLoan(false);
    }
    if (input != null) {
      input.close();
    }
    if (output != null) {
      output.close();
    }
    if (error != null) {
      error.close();
    }
  }

  /** Called when the child has ended: reading blocks no more. Takes no memory. */
  void noteEnd() {
    if (output != null) {
      output.noteEnd();
    }
    if (error != null) {
      error.noteEnd();
    }
  }

  /**
   * Called after {@link #noteEnd()}; may be called again.
   *
   * @return false if it is to be called again, since there is too little memory for what it has
   *     written
   * @throws OutOfMemoryError if it is to be called again
   */
  boolean childEnded() {
    if (input != null) {
      input.childEnded();
    }
    boolean kept = output == null || output.childEnded();
    return (error == null || error.childEnded()) && kept;
  }

  /**
   * Returns what writes to the child; without a pipe every write fails, as with a process of the
   * JDK.
   */
  OutputStream input() throws IOException {
    if (input != null) {
      return new BufferedOutputStream(input);
    }
    OutputStream none = OutputStream.nullOutputStream();
    none.close();
    return none;
  }

  @Nullable PipeInput outputPipe() {
    return output;
  }

  InputStream output() {
    return buffered(output);
  }

  InputStream error() {
    return buffered(error);
  }

  private static InputStream buffered(@Nullable PipeInput pipe) {
    // Closing one of no bytes has no effect, as with a process of the JDK.
    return pipe == null ? new ByteArrayInputStream(new byte[0]) : new BufferedInputStream(pipe);
  }
}
