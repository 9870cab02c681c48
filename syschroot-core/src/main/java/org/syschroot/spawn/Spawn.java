// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.KernelException;
import org.syschroot.path.OsString;
import org.syschroot.perform.SwitchListener;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchPlan;
import org.syschroot.plan.SwitchRequest;

/**
 * How a command in an image is to be tied to this JVM: its streams, descriptors, limits and pid
 * namespace. Immutable and thread-safe: every method returns a changed copy, and each may be
 * started any number of times.
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

  private final SpawnHost host;
  private final SwitchRequest request;
  private final Redirects redirects;
  private final Map<Limit, Long> limits;
  private final boolean ownPidNamespace;
  private final SwitchListener listener;

  private Spawn(
      SpawnHost host,
      SwitchRequest request,
      Redirects redirects,
      Map<Limit, Long> limits,
      boolean ownPidNamespace,
      SwitchListener listener) {
    this.host = host;
    this.request = request;
    this.redirects = redirects;
    this.limits = limits;
    this.ownPidNamespace = ownPidNamespace;
    this.listener = listener;
  }

  /** Returns the way to start a request with pipes. */
  public static Spawn of(SpawnHost host, SwitchRequest request) {
    return new Spawn(host, request, Redirects.PIPES, Map.of(), false, SwitchListener.SILENT);
  }

  private Spawn with(Redirects changed) {
    return new Spawn(host, request, changed, limits, ownPidNamespace, listener);
  }

  /**
   * Says where standard input comes from.
   *
   * @throws IllegalArgumentException if it is a redirect for output
   */
  public Spawn redirectInput(Redirect source) {
    return with(redirects.withInput(source));
  }

  /**
   * Says where standard output goes; files are opened on the native system.
   *
   * @throws IllegalArgumentException if it is a redirect for input
   */
  public Spawn redirectOutput(Redirect target) {
    return with(redirects.withOutput(target));
  }

  /**
   * Says where standard error goes; files are opened on the native system.
   *
   * @throws IllegalArgumentException if it is a redirect for input
   */
  public Spawn redirectError(Redirect target) {
    return with(redirects.withError(target));
  }

  /** Merges standard error into standard output, whatever was said of standard error. */
  public Spawn redirectErrorStream(boolean merge) {
    return with(redirects.withMergedError(merge));
  }

  /** Lets the command use the three standard streams of this JVM. */
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
   * Limits a resource for the command and everything that it starts, soft and hard: at most what
   * this JVM has. It is set an instant after the program has begun, since limits cannot be set for
   * a thread; what the program starts in that instant is not limited.
   *
   * @param value in the unit of the resource
   * @throws IllegalArgumentException if it is negative
   */
  public Spawn limit(Limit resource, long value) {
    if (value < 0) {
      throw new IllegalArgumentException("limit " + resource + " is negative: " + value);
    }
    Map<Limit, Long> changed = new EnumMap<>(Limit.class);
    changed.putAll(limits);
    changed.put(resource, value);
    return new Spawn(
        host, request, redirects, Collections.unmodifiableMap(changed), ownPidNamespace, listener);
  }

  /**
   * Gives the command a pid namespace of its own, in which it has the number 1: when it ends, the
   * kernel kills everything that it has started. It is protected from signals that it does not
   * handle, {@code SIGKILL} from outside excepted, and has to collect orphans as init does.
   */
  public Spawn ownPidNamespace(boolean own) {
    return new Spawn(host, request, redirects, limits, own, listener);
  }

  /**
   * Tells {@code hearer} when the command starts in another directory than the caller's, in the
   * thread that calls {@link #start()}. Single steps are not told: nothing of the caller may run
   * between them.
   */
  public Spawn listener(SwitchListener hearer) {
    return new Spawn(host, request, redirects, limits, ownPidNamespace, hearer);
  }

  /**
   * Decides everything, and touches nothing.
   *
   * @throws SwitchException if the request cannot be carried out
   */
  public SwitchPlan plan() throws SwitchException {
    try {
      return request.plan(host.caller(redirects.numbers()), host.state());
    } catch (SwitchException e) {
      throw e;
    } catch (IOException e) {
      throw new SwitchException(request.image().name(), "cannot look at this system", e);
    }
  }

  /**
   * Starts the command.
   *
   * @return the command, which runs: its program has been found and executed
   * @throws SwitchException if a step failed, the program's execution included; then there is no
   *     process, and this JVM is as before
   */
  public SwitchedProcess start() throws SwitchException {
    return start(plan());
  }

  private SwitchedProcess start(SwitchPlan plan) throws SwitchException {
    Rehearsal.ensure();
    ChildStreams streams = new ChildStreams(host.kernel(), host.calls());
    try {
      streams.open(redirects);
    } catch (IOException e) {
      throw new SwitchException(plan.image().name(), "cannot redirect the command's streams", e);
    }
    ChildLimits childLimits = new ChildLimits(host.calls(), plan, limits);
    Notice notice = new Notice();
    SpawnPerformer performer =
        new SpawnPerformer(
            plan,
            host.kernel(),
            host.mounter(),
            notice,
            host.calls().effectiveUid(),
            streams.descriptors(),
            childLimits);
    try {
      new SwitchThread(host, performer, ownPidNamespace).spawn();
      int pid = performer.pid();
      notice.passOn(listener);
      streams.closeChildEnds();
      childLimits.setOn(pid);
      SwitchedProcess process = new SwitchedProcess(pid, host.calls(), streams, ownPidNamespace);
      host.watch().add(process);
      return process;
    } catch (SwitchException | RuntimeException | Error failure) {
      giveUp(performer.pid(), streams, failure);
      throw failure;
    } catch (IOException failure) {
      giveUp(performer.pid(), streams, failure);
      throw new SwitchException(plan.image().name(), "cannot look after the command", failure);
    }
  }

  private void giveUp(int pid, ChildStreams streams, Throwable failure) {
    try {
      streams.closeAll();
    } catch (IOException further) {
      failure.addSuppressed(further);
    }
    boolean gone = pid == 0;
    while (!gone) {
      try {
        host.calls().kill(pid, SIGKILL);
        host.calls().reap(pid);
        gone = true;
      } catch (KernelException further) {
        failure.addSuppressed(further);
        gone = true;
      } catch (OutOfMemoryError again) {
        // Nobody else would ever end it.
        EnduringThread.pause();
      }
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
