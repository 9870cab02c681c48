// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.syschroot.Syschroot;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.mountplan.TmpfsMount;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.plan.MountNamespace;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.testing.BusyboxImage;
import org.syschroot.testing.JvmState;
import org.syschroot.testing.ProcFiles;

/**
 * A JVM in which 16 threads start commands in four images while commands are destroyed, threads are
 * interrupted and the heap is full now and then. Prints what it has of everything after the first
 * thousand and at the end; its exit status is 1 if these differ or a command was not as it should
 * be.
 */
final class StartStress {
  private static final int FIRST = 1000;
  private static final int CALM = 200;
  private static final int THREADS = 16;
  private static final double MOST_GROWTH = 1.10;
  private static final List<String> IMAGES = List.of("one", "two", "three", "four");

  // A LongAdder would take memory.
  private static final AtomicInteger NEXT = new AtomicInteger();
  private static final AtomicLong SHORTAGES = new AtomicLong();
  private static final AtomicLong SHORT_OF_HEAP = new AtomicLong();
  private static final AtomicLong INTERRUPTED = new AtomicLong();
  private static final AtomicLong DESTROYED = new AtomicLong();
  private static final AtomicLong WRONG = new AtomicLong();
  private static final List<Image> CATALOG = new ArrayList<>();

  private static volatile boolean over;
  private static volatile boolean filling;
  private static volatile List<Thread> workers = List.of();
  private static @Nullable Syschroot syschroot;

  private StartStress() {}

  /** What must be the same at the end, and the memory in use, which may be a little more. */
  private record State(
      List<String> descriptors, int threads, List<Long> children, String mounts, long rssKib) {

    static State now() throws Exception {
      System.gc();
      TimeUnit.MILLISECONDS.sleep(500);
      var status = ProcFiles.status(ProcessHandle.current().pid());
      return new State(
          ProcFiles.descriptors(),
          Integer.parseInt(status.get("Threads")),
          JvmState.children(),
          Files.readString(Path.of("/proc/self/mountinfo")),
          Long.parseLong(status.get("VmRSS").split(" ")[0]));
    }

    boolean isLike(State before) {
      return children.isEmpty()
          && descriptors.equals(before.descriptors)
          && threads <= before.threads
          && children.equals(before.children)
          && mounts.equals(before.mounts)
          && rssKib <= before.rssKib * MOST_GROWTH;
    }

    String text(int starts) {
      return "after "
          + starts
          + " starts: "
          + descriptors.size()
          + " descriptors, "
          + threads
          + " threads, "
          + children.size()
          + " children, "
          + mounts.lines().count()
          + " mounts, "
          + rssKib
          + " KiB resident";
    }
  }

  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[0]);
    int starts = Integer.parseInt(arguments[1]);
    long seed = Long.parseLong(arguments[2]);
    for (String name : IMAGES) {
      CATALOG.add(image(directory, name));
    }
    syschroot = Syschroot.of(ImageCatalog.of(CATALOG));
    JvmState.warmUp();
    work(CALM, seed); // a class that cannot be initialized for want of memory never can
    Thread hog = chore("hog", StartStress::fillHeapNowAndThen);
    Thread disturber = chore("disturber", StartStress::interruptWorkers);
    work(FIRST, seed + 1);
    State before = settled(null);
    System.out.println(before.text(FIRST));
    long began = System.nanoTime();
    work(starts, seed + 2);
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began);
    over = true;
    hog.join();
    disturber.join();
    State after = settled(before);
    System.out.println(after.text(starts));
    System.out.println(
        "in "
            + seconds
            + " s: "
            + DESTROYED
            + " destroyed, "
            + INTERRUPTED
            + " interrupted, "
            + SHORTAGES
            + " heap shortages, "
            + SHORT_OF_HEAP
            + " starts without heap, "
            + WRONG
            + " wrong");
    if (!after.isLike(before)) {
      System.out.println("before: " + before + "\nafter: " + after);
    }
    boolean all = DESTROYED.get() > 0 && INTERRUPTED.get() > 0 && SHORTAGES.get() > 0;
    System.exit(all && WRONG.get() == 0 && after.isLike(before) ? 0 : 1);
  }

  private static Image image(Path directory, String name) throws IOException {
    Path home = Files.createDirectories(directory.resolve("home-" + name));
    MountPlan mounts =
        MountPlan.empty()
            .plus(BindMount.parse(OsString.of("/proc")))
            .plus(BindMount.parse(OsString.of(home + ":/home")))
            .plus(new TmpfsMount(ImagePath.of("/tmp"), OsString.of("mode=1777")));
    return BusyboxImage.settings(BusyboxImage.tree(directory, name))
        .mounts(name.equals("four") ? MountPlan.empty() : mounts)
        .build();
  }

  /** Threads of a pool and of the JDK end some time after their work. */
  private static State settled(@Nullable State wanted) throws Exception {
    State now = State.now();
    for (int i = 0; i < 180 && (wanted == null ? i < 10 : !now.isLike(wanted)); i++) {
      now = State.now();
    }
    return now;
  }

  private static Thread chore(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static void fillHeapNowAndThen() {
    while (!over) {
      filling = true; // before the look at the workers: the main thread looks the other way round
      if (!workers.isEmpty()) {
        fillHeap();
        SHORTAGES.incrementAndGet();
      }
      filling = false;
      pause(400);
    }
  }

  /** Nothing of it is reachable any more at the end. */
  private static void fillHeap() {
    Object[] objects = {};
    for (int size = 1 << 16; size > 0; size >>= 4) {
      objects = fill(objects, size);
    }
    pause(20);
    if (objects.length == 0) {
      System.out.println("nothing was allocated");
    }
  }

  /** Returns a chain of objects, until none of the size can be added. */
  private static Object[] fill(Object[] chain, int size) {
    Object[] last = chain;
    try {
      while (!workers.isEmpty()) {
        last = new Object[] {last, new byte[size]};
      }
    } catch (OutOfMemoryError full) {
      return last;
    }
    return last;
  }

  private static void interruptWorkers() {
    SplittableRandom random = new SplittableRandom(1);
    while (!over) {
      List<Thread> threads = workers;
      if (!threads.isEmpty()) {
        threads.get(random.nextInt(threads.size())).interrupt();
      }
      pause(random.nextInt(20));
    }
  }

  private static void pause(int milliseconds) {
    try {
      TimeUnit.MILLISECONDS.sleep(milliseconds);
    } catch (InterruptedException | OutOfMemoryError goOn) {
      Thread.onSpinWait();
    }
  }

  private static void work(int until, long seed) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      SplittableRandom random = new SplittableRandom(seed * THREADS + i);
      threads.add(new Thread(() -> work(until, random), "worker"));
    }
    threads.forEach(Thread::start);
    List<Thread> started = List.copyOf(threads);
    List<Thread> none = List.of();
    // From here on there can be no memory for this thread, until the heap is filled no more.
    workers = started;
    for (int i = 0; i < THREADS; i++) {
      started.get(i).join();
    }
    workers = none;
    while (filling) {
      pause(1);
    }
  }

  private static void work(int until, SplittableRandom random) {
    for (int n = NEXT.get(); n < until; n = NEXT.get()) {
      if (NEXT.compareAndSet(n, n + 1)) {
        try {
          start(n, random);
        } catch (OutOfMemoryError e) {
          SHORT_OF_HEAP.incrementAndGet(); // while one was being dealt with
        }
      }
    }
  }

  private static void start(int n, SplittableRandom random) {
    SwitchedProcess process = null;
    try {
      Image image = CATALOG.get(n % CATALOG.size());
      int kind = random.nextInt(100);
      String script =
          kind < 25
              ? "exec sleep 600"
              : kind < 40 ? "cat /bin/busybox; exit " + n % 100 : "cat /image; exit " + n % 100;
      if (kind % 5 == 0) {
        Thread.currentThread().interrupt(); // a start is not interrupted
      }
      process = spawn(image, script).start();
      if (kind < 25) {
        destroy(process, random);
      } else if (kind < 40) {
        leaveUnread(process, random);
      } else {
        check(process, image, n);
      }
    } catch (OutOfMemoryError e) {
      SHORT_OF_HEAP.incrementAndGet();
      end(process);
    } catch (IOException e) {
      boolean shortOfHeap = e.getCause() instanceof OutOfMemoryError;
      (shortOfHeap ? SHORT_OF_HEAP : WRONG).incrementAndGet();
      if (!shortOfHeap) {
        System.out.println(e);
      }
      end(process);
    } catch (RuntimeException | Error e) {
      WRONG.incrementAndGet();
      System.out.println(e);
      end(process);
    }
  }

  private static Spawn spawn(Image image, String script) {
    SwitchRequest request =
        SwitchRequest.in(image)
            .directory("/")
            .mountNamespace(MountNamespace.PRIVATE)
            .command("/bin/sh", "-c", script);
    return syschroot.prepare(request).redirectError(Redirect.DISCARD);
  }

  private static void destroy(SwitchedProcess process, SplittableRandom random) {
    pause(random.nextInt(3));
    boolean forcibly = random.nextBoolean();
    if (forcibly) {
      process.destroyForcibly();
    } else {
      process.destroy();
    }
    int status = awaitEnd(process);
    expect(status == (forcibly ? 137 : 143), "status of a destroyed one: " + status);
    DESTROYED.incrementAndGet();
  }

  /** A command that writes more than a pipe holds is killed, or does not get further. */
  private static void leaveUnread(SwitchedProcess process, SplittableRandom random)
      throws IOException {
    if (random.nextBoolean()) {
      process.getInputStream().close();
    } else {
      process.destroyForcibly();
    }
    int status = awaitEnd(process);
    expect(status != 126 && status != 127, "status of one that writes: " + status);
  }

  private static void check(SwitchedProcess process, Image image, int n) throws IOException {
    String text;
    try (InputStream output = process.getInputStream()) {
      text = new String(output.readAllBytes(), StandardCharsets.US_ASCII);
    }
    int status = awaitEnd(process);
    expect(text.equals(image.name() + "\n"), "output: " + text);
    expect(status == n % 100, "status: " + status + " instead of " + n % 100);
  }

  private static void expect(boolean right, String otherwise) {
    if (!right) {
      WRONG.incrementAndGet();
      System.out.println(otherwise);
    }
  }

  private static int awaitEnd(SwitchedProcess process) {
    while (true) {
      try {
        return process.waitFor();
      } catch (InterruptedException e) {
        INTERRUPTED.incrementAndGet();
      }
    }
  }

  private static void end(@Nullable SwitchedProcess process) {
    while (process != null) {
      try {
        process.destroyForcibly();
        awaitEnd(process);
        process.getInputStream().close();
        return;
      } catch (IOException | OutOfMemoryError again) {
        pause(1);
      }
    }
  }
}
