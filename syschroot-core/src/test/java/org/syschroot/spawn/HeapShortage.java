// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.syschroot.Syschroot;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.testing.BusyboxImage;

/**
 * A JVM whose heap is full for a while, by another thread's objects or by what ended commands have
 * written. Its exit status is the number of commands whose end it has not learnt of.
 */
final class HeapShortage {
  private static final int PATIENCE_SECONDS = 20;

  private static Syschroot syschroot;
  private static Image image;
  private static volatile boolean over;
  private static volatile int shortages;

  private HeapShortage() {}

  public static void main(String[] arguments) throws Exception {
    image = BusyboxImage.settings(Path.of(arguments[0])).build();
    syschroot = Syschroot.of(ImageCatalog.of(List.of(image)));
    script("true").start().waitFor();
    List<Process> ended = new ArrayList<>();
    if (arguments[1].equals("objects")) {
      shortageOfObjects(ended);
    } else {
      shortageOfOutput(ended);
    }
    int lost = 0;
    for (Process process : ended) {
      lost += process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) ? 0 : 1;
    }
    ended.clear();
    lost += script("true").start().waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) ? 0 : 1;
    System.out.println(shortages + " shortages");
    System.exit(shortages == 0 ? 255 : lost);
  }

  private static Spawn script(String script) {
    return syschroot.prepare(
        SwitchRequest.in(image).directory("/").command("/bin/sh", "-c", script));
  }

  private static void shortageOfObjects(List<Process> ended) throws Exception {
    for (int i = 0; i < 40; i++) {
      ended.add(script("echo some output; sleep " + (0.3 + i * 0.02)).start());
    }
    Thread hog = new Thread(HeapShortage::fill);
    hog.start();
    while (shortages == 0) {
      Thread.onSpinWait();
    }
    TimeUnit.MILLISECONDS.sleep(1500); // while the commands end
    over = true;
    hog.join();
  }

  private static void fill() {
    while (!over) {
      List<byte[]> objects = new ArrayList<>();
      try {
        while (!over) {
          objects.add(new byte[32]);
        }
      } catch (OutOfMemoryError full) {
        shortages++;
      }
    }
  }

  private static void shortageOfOutput(List<Process> ended) throws Exception {
    for (int i = 0; i < 600 && shortages < 20; i++) {
      try {
        Process process = script("/bin/busybox head -c 65536 /bin/busybox").start();
        process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        ended.add(process);
      } catch (OutOfMemoryError full) {
        shortages++;
      }
    }
  }
}
