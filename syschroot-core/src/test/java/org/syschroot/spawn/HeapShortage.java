// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.syschroot.Syschroot;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.testing.BusyboxImage;

/**
 * A JVM whose heap is full for a while by another thread's objects, or would be by what ended
 * commands have written. Its exit status is the number of commands whose end or output is lost, or
 * 255 if there was no shortage by objects, or one by output.
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
    int lost = arguments[1].equals("objects") ? shortageOfObjects() : shortageOfOutput();
    lost += script("true").start().waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) ? 0 : 1;
    System.out.println(shortages + " shortages");
    System.exit(shortages > 0 == arguments[1].equals("objects") ? lost : 255);
  }

  private static Spawn script(String script) {
    return syschroot.prepare(
        SwitchRequest.in(image).directory("/").command("/bin/sh", "-c", script));
  }

  private static int shortageOfObjects() throws Exception {
    List<Process> ended = new ArrayList<>();
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
    int lost = 0;
    for (Process process : ended) {
      lost += process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) ? 0 : 1;
    }
    return lost;
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

  /** With what else there is more than the heap has room for. */
  private static int shortageOfOutput() throws Exception {
    byte[] written;
    try (InputStream program = Files.newInputStream(Path.of("/bin/busybox"))) {
      written = program.readNBytes(65536);
    }
    List<Process> ended = new ArrayList<>();
    int lost = 0;
    for (int i = 0; i < 300; i++) {
      try {
        Process process = script("/bin/busybox head -c 65536 /bin/busybox").start();
        lost += process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) ? 0 : 1;
        ended.add(process);
      } catch (OutOfMemoryError full) {
        shortages++;
      }
    }
    for (Process process : ended) {
      byte[] output = process.getInputStream().readAllBytes();
      lost += Arrays.equals(output, written) ? 0 : 1;
    }
    return lost;
  }
}
