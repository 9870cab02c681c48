// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.ProcessCalls;
import org.syschroot.path.OsString;
import org.syschroot.perform.StartNotices;
import org.syschroot.plan.Limit;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchListener;
import org.syschroot.plan.SwitchPlan;
import org.syschroot.plan.SwitchRequest;

/**
 * Builder of a child process in an image: its streams, file descriptors, limits and PID namespace.
 * Immutable and thread-safe: every method returns a changed copy, and each may be started any
 * number of times.
 *
 * <pre>{@code
 * SwitchedProcess make =
 *     syschroot
 *         .prepare(SwitchRequest.in(sl5).command("make", "-j4"))
 *         .redirectOutput(Redirect.to(log))
 *         .redirectErrorStream(true)
 *         .start();
 * }</pre>
 *
 * <p>As with {@link ProcessBuilder} all three streams are pipes unless said otherwise, and the
 * command inherits this JVM's environment, directory, user, limits, process group and terminal. It
 * has the descriptors named here and no other.
 */
public final class Spawn {
  private static final int SIGKILL = 9;
  private static final ProcessCalls.Pipe NO_PIPE = new ProcessCalls.Pipe(-1, -1);

  private final SpawnContext host;
  private final SwitchRequest request;
  private final Redirects redirects;
  private final ChildWishes wishes;
  private final SwitchListener listener;

  private Spawn(
      SpawnContext host,
      SwitchRequest request,
      Redirects redirects,
      ChildWishes wishes,
      SwitchListener listener) {
    this.host = host;
    this.request = request;
    this.redirects = redirects;
    this.wishes = wishes;
    this.listener = listener;
  }

  /** Returns a builder for a child process; its standard streams are pipes by default. */
  public static Spawn of(SpawnContext host, SwitchRequest request) {
    return new Spawn(host, request, Redirects.PIPES, ChildWishes.NONE, SwitchListener.SILENT);
  }

  private Spawn with(Redirects changed) {
    return new Spawn(host, request, changed, wishes, listener);
  }

  private Spawn with(ChildWishes changed) {
    return new Spawn(host, request, redirects, changed, listener);
  }

  /**
   * Redirects standard input of the command.
   *
   * @throws IllegalArgumentException if it is a redirect for output
   */
  public Spawn redirectInput(Redirect source) {
    return with(redirects.withInput(source));
  }

  /**
   * Redirects standard output of the command; files are opened on the host.
   *
   * @throws IllegalArgumentException if it is a redirect for input
   */
  public Spawn redirectOutput(Redirect target) {
    return with(redirects.withOutput(target));
  }

  /**
   * Redirects standard error of the command; files are opened on the host.
   *
   * @throws IllegalArgumentException if it is a redirect for input
   */
  public Spawn redirectError(Redirect target) {
    return with(redirects.withError(target));
  }

  /** Reads standard input from a file of the host, as {@link Redirect#from} does. */
  public Spawn redirectInput(File source) {
    return redirectInput(Redirect.from(source));
  }

  /** Writes standard output to a file of the host, as {@link Redirect#to} does. */
  public Spawn redirectOutput(File target) {
    return redirectOutput(Redirect.to(target));
  }

  /** Writes standard error to a file of the host, as {@link Redirect#to} does. */
  public Spawn redirectError(File target) {
    return redirectError(Redirect.to(target));
  }

  /**
   * Reads standard input from a descriptor of this JVM, which stays open in it.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public Spawn redirectInput(int descriptor) {
    return with(redirects.withOwn(0, descriptor));
  }

  /**
   * Writes standard output to a descriptor of this JVM, which stays open in it.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public Spawn redirectOutput(int descriptor) {
    return with(redirects.withOwn(1, descriptor));
  }

  /**
   * Writes standard error to a descriptor of this JVM, which stays open in it.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public Spawn redirectError(int descriptor) {
    return with(redirects.withOwn(2, descriptor));
  }

  /**
   * Reads standard input from what a command writes that runs or has run. From the start on its
   * output is this command's alone: {@link SwitchedProcess#getInputStream()} of the other one is at
   * its end, and it gets {@code SIGPIPE} when nobody reads it any more. Can be started once.
   *
   * <p>If both are still to be started, {@link #startPipeline} does the same.
   *
   * @param producer from whose output nothing has been read, or the start fails
   * @throws IllegalArgumentException if its output is redirected
   */
  public Spawn redirectInput(SwitchedProcess producer) {
    return with(redirects.withProducer(producer));
  }

  /** Merges standard error into standard output, whatever was said of standard error. */
  public Spawn redirectErrorStream(boolean merge) {
    return with(redirects.withMergedError(merge));
  }

  /** Passes the three standard streams of this JVM to the command. */
  public Spawn inheritIO() {
    return redirectInput(Redirect.INHERIT)
        .redirectOutput(Redirect.INHERIT)
        .redirectError(Redirect.INHERIT);
  }

  /**
   * Passes on a descriptor.
   *
   * @param own its number in this JVM, open when the command is started
   * @param childs its number in the command, from 3 on
   * @throws IllegalArgumentException if a number is out of range
   */
  public Spawn descriptor(int own, int childs) {
    return with(redirects.withDescriptor(own, childs));
  }

  /**
   * Limits a resource for the command and everything that it starts, as {@link SwitchRequest#limit}
   * does.
   *
   * @param value in the unit of the resource
   * @throws IllegalArgumentException if it is negative
   */
  public Spawn limit(Limit resource, long value) {
    return new Spawn(host, request.limit(resource, value), redirects, wishes, listener);
  }

  /**
   * Sets the nice value of the command, see nice(2), before its program begins. One below this
   * JVM's needs {@code CAP_SYS_NICE}.
   *
   * @param value from -20 to 19
   * @throws IllegalArgumentException if it is out of range
   */
  public Spawn nice(int value) {
    return with(wishes.withNice(value));
  }

  /**
   * Sets the processors that the command may run on, see sched_setaffinity(2), before its program
   * begins.
   *
   * @param numbers the numbers of processors, from 0
   * @throws IllegalArgumentException if there is none, or one is negative
   */
  public Spawn processors(Set<Integer> numbers) {
    return with(wishes.withProcessors(numbers));
  }

  /**
   * Puts the command into a control group, see cgroups(7), before its program begins. May be called
   * for each hierarchy of version 1.
   *
   * @param directory of the control group on the host, with a file {@code cgroup.procs} that this
   *     JVM may write to
   */
  public Spawn controlGroup(Path directory) {
    return with(wishes.withControlGroup(directory));
  }

  /**
   * Starts the command as process 1 of a new PID namespace: when it ends, the kernel kills all
   * processes that it has started. It is protected from signals that it does not handle, {@code
   * SIGKILL} from outside excepted, and has to collect orphans as init does. Its mount namespace is
   * private, and {@code /proc} in it shows this pid namespace, unless the image has no such
   * directory.
   */
  public Spawn ownPidNamespace(boolean own) {
    return with(wishes.withOwnPidNamespace(own));
  }

  /**
   * Sets the listener that is called, besides those of the site, in the thread that calls {@link
   * #start()}: before the first step for each of them, and if the command starts in a different
   * directory. The end of the command is told in a thread of a pool.
   */
  public Spawn listener(SwitchListener own) {
    return new Spawn(host, request, redirects, wishes, own);
  }

  /**
   * Computes the steps for this command without executing any of them.
   *
   * @throws SwitchException if the request cannot be carried out
   */
  public SwitchPlan plan() throws SwitchException {
    return host.rules().plan(request, host.process().asJvm(redirects.numbers()));
  }

  /**
   * Starts the command.
   *
   * @return the command, which runs: its program has been found and executed
   * @throws SwitchException if a step failed, the program's execution included; then there is no
   *     process, and this JVM is as before
   */
  public SwitchedProcess start() throws SwitchException {
    SwitchPlan plan = plan();
    SwitchListener told = host.rules().listener(plan, listener);
    SwitchedProcess process;
    try {
      StartNotices.tell(told, plan);
      // Now, since nothing of theirs may run between the steps.
      plan.steps().forEach(told::beforeStep);
      process = start(plan, told);
    } catch (UncheckedIOException e) {
      SwitchException refused =
          new SwitchException(plan.image().name(), Objects.requireNonNull(e.getCause()));
      told.notStarted(plan, refused);
      throw refused;
    } catch (SwitchException e) {
      told.notStarted(plan, e);
      throw e;
    }
    tell(told, plan, process);
    return process;
  }

  /** Ends a command of which the caller will not hear. */
  private static void tell(SwitchListener told, SwitchPlan plan, SwitchedProcess process) {
    try {
      StartEvent.commit(process.pid(), plan);
      if (told != SwitchListener.SILENT) {
        tellListener(told, plan, process);
      }
    } catch (RuntimeException | Error e) {
      destroy(process);
      throw e;
    }
  }

  private static void tellListener(SwitchListener told, SwitchPlan plan, SwitchedProcess process) {
    long pid = process.pid();
    told.started(plan, pid);
    var unused =
        process
            .onExit()
            .thenAcceptAsync(
                ended -> process.exitStatus().ifPresent(status -> told.ended(plan, pid, status)));
  }

  private static void destroy(SwitchedProcess process) {
    boolean destroyed = false;
    boolean full = false;
    while (!destroyed) {
      try {
        EnduringThread.pauseIf(full);
        process.destroyForcibly();
        destroyed = true;
      } catch (OutOfMemoryError e) {
        full = true;
      }
    }
  }

  private SwitchedProcess start(SwitchPlan plan, SwitchListener told) throws SwitchException {
    // What takes memory comes first, since it may fail.
    Notice notice = new Notice();
    ControlGroups groups = new ControlGroups(host.kernel());
    ChildStreams streams = new ChildStreams(host.kernel(), host.calls());
    ChildStart child = null;
    try {
      streams.open(redirects);
    } catch (IOException e) {
      throw new SwitchException(plan.image().name(), "cannot redirect the command's streams", e);
    }
    try (groups) {
      child =
          plan.needsProcessOfOneThread()
              ? new CompiledChild(
                  plan, host, notice, wishes, streams.descriptors(), groups.descriptors())
              : onThread(plan, notice, streams, groups);
      groups.open(wishes.controlGroups());
      child.spawn();
      notice.passOn(told);
      streams.closeChildEnds();
      SwitchedProcess process =
          new SwitchedProcess(child.pid(), host.calls(), streams, wishes.ownPidNamespace());
      host.watch().add(process);
      streams.handOver();
      return process;
    } catch (SwitchException | RuntimeException | Error failure) {
      giveUp(child, streams, failure);
      throw failure;
    } catch (IOException failure) {
      giveUp(child, streams, failure);
      throw new SwitchException(plan.image().name(), "cannot monitor the started command", failure);
    }
  }

  private ChildStart onThread(
      SwitchPlan plan, Notice notice, ChildStreams streams, ControlGroups groups) {
    Rehearsal.ensure();
    SpawnPerformer performer =
        new SpawnPerformer(
            plan,
            host.kernel(),
            host.calls(),
            host.mounter(),
            notice,
            wishes,
            streams.descriptors(),
            groups.descriptors());
    return new SwitchThread(host, performer);
  }

  /**
   * Starts commands that are connected by pipes, as {@link ProcessBuilder#startPipeline} does: each
   * reads what the one before writes. They may run in different images.
   *
   * @return the processes, in this order
   * @throws SwitchException if one cannot be started; then those before it have been killed
   * @throws IllegalArgumentException if a stream between two commands is redirected
   */
  public static List<SwitchedProcess> startPipeline(List<Spawn> commands) throws SwitchException {
    for (int i = 0; i < commands.size(); i++) {
      Redirects one = commands.get(i).redirects;
      if ((i > 0 && !one.hasInputPipe()) || (i < commands.size() - 1 && !one.hasOutputPipe())) {
        throw new IllegalArgumentException("command " + i + " is redirected within the pipeline");
      }
    }
    List<SwitchedProcess> started = new ArrayList<>();
    int read = -1;
    try {
      for (int i = 0; i < commands.size(); i++) {
        Spawn command = commands.get(i);
        boolean last = i == commands.size() - 1;
        ProcessCalls.Pipe pipe = last ? NO_PIPE : command.host.calls().pipe();
        try {
          Spawn reading = i == 0 ? command : command.redirectInput(read);
          started.add((last ? reading : reading.redirectOutput(pipe.writeEnd())).start());
        } finally {
          close(command, read);
          close(command, pipe.writeEnd());
          read = pipe.readEnd();
        }
      }
    } catch (SwitchException | RuntimeException | Error failure) {
      abandon(commands, read, started);
      throw failure;
    } catch (KernelException failure) {
      abandon(commands, read, started);
      throw new SwitchException(
          commands.get(0).request.image().name(), "cannot make a pipe", failure);
    }
    return List.copyOf(started);
  }

  private static void abandon(List<Spawn> commands, int read, List<SwitchedProcess> started) {
    close(commands.get(0), read);
    started.forEach(SwitchedProcess::destroyForcibly);
  }

  private static void close(Spawn spawn, int descriptor) {
    if (descriptor >= 0) {
      try {
        spawn.host.calls().close(descriptor);
      } catch (KernelException closedAnyway) {
        // close(2) gives the descriptor back whatever it returns.
      }
    }
  }

  /** Leaves no child and no descriptor, and goes on until there is memory to do it. */
  private void giveUp(@Nullable ChildStart child, ChildStreams streams, Throwable failure) {
    int pid = child == null ? 0 : child.pid();
    boolean gone = pid == 0;
    boolean closed = false;
    boolean full = false;
    while (!gone || !closed) { // Nobody else would ever end it.
      try {
        EnduringThread.pauseIf(full);
        if (!gone) {
          host.calls().kill(pid, SIGKILL);
          host.calls().reap(pid);
          gone = true;
        }
        streams.closeAll();
        closed = true;
      } catch (IOException further) {
        closed = gone; // there is nothing else to try, but to close the streams
        gone = true;
        suppress(failure, further);
      } catch (OutOfMemoryError e) {
        full = true;
      }
    }
  }

  private static void suppress(Throwable failure, IOException further) {
    try {
      failure.addSuppressed(further);
    } catch (OutOfMemoryError unsaid) {
      // The first failure is the one to tell.
    }
  }

  /** Keeps what the switch thread says until the thread that started it can hear it. */
  private static final class Notice implements SwitchListener {
    private @Nullable ImageName image;
    private @Nullable String reason;
    private OsString directory = OsString.of("");

    @Override
    public void directoryReplaced(ImageName where, String why, OsString instead) {
      image = where;
      reason = why;
      directory = instead;
    }

    @Override
    public void otherDirectory(ImageName where, OsString entered) {
      image = where;
      directory = entered;
    }

    void passOn(SwitchListener listener) {
      if (image != null && reason != null) {
        listener.directoryReplaced(image, reason, directory);
      } else if (image != null) {
        listener.otherDirectory(image, directory);
      }
    }
  }
}
