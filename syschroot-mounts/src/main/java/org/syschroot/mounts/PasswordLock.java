// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Kernel;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.path.ImagePath;

/**
 * Keeps useradd(8) and its kind from changing an image's account files meanwhile, and waits for
 * them, by the lock that they take: lckpwdf(3), a record lock on {@code /etc/.pwd.lock}.
 */
final class PasswordLock implements AutoCloseable {
  private static final ImagePath FILE = ImagePath.of("/etc/.pwd.lock");
  private static final long LONGEST_WAIT = TimeUnit.SECONDS.toNanos(15); // as lckpwdf(3)
  private static final long BETWEEN_TRIES = TimeUnit.MILLISECONDS.toNanos(50);

  private final Descriptor file;
  private final FileChannel channel;

  private PasswordLock(Descriptor file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Waits for the lock of an image, 15 seconds at most.
   *
   * @throws MountException if another program holds it all the time
   */
  static PasswordLock take(Kernel kernel, int imageRoot) throws IOException {
    try (ImagePlace place = ImagePlace.of(kernel, imageRoot, FILE)) {
      Descriptor file = place.openLock();
      // The JVM takes record locks on its own channels; this one is of the very file.
      FileChannel channel =
          FileChannel.open(Path.of(file.link().toString()), StandardOpenOption.WRITE);
      PasswordLock lock = new PasswordLock(file, channel);
      try {
        lock.await();
        return lock;
      } catch (IOException | RuntimeException | Error e) {
        lock.close();
        throw e;
      }
    }
  }

  private void await() throws IOException {
    long end = System.nanoTime() + LONGEST_WAIT;
    while (true) {
      @Nullable FileLock taken = channel.tryLock();
      if (taken != null) {
        return;
      }
      if (System.nanoTime() > end) {
        throw new MountException(
            "another program is changing the accounts of the image; it holds " + FILE);
      }
      LockSupport.parkNanos(BETWEEN_TRIES);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException closedAllTheSame) {
      // Closing releases the lock whatever it says.
    }
    file.close();
  }
}
