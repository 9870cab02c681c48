// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.start;

import java.io.IOException;
import org.syschroot.config.CatalogReader;
import org.syschroot.exec.InPlaceSwitch;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.mounts.table.MountTable;

/**
 * Initializes on a second thread what the first will need after it has parsed the command line: the
 * TOML parser builds its tables at its first use, and the native library has to be loaded. On two
 * cores this takes a fifth off the start-up time; whoever comes first to a class initializes it, so
 * that nothing depends on which thread wins.
 */
public final class HeadStart implements Runnable {
  private HeadStart() {}

  public static void begin() {
    try {
      Thread thread = new Thread(new HeadStart(), "head start");
      thread.setDaemon(true);
      thread.start();
    } catch (OutOfMemoryError noThread) {
      // Then the first thread does all of it.
    }
  }

  @Override
  public void run() {
    try {
      CatalogReader.initialize();
      LinuxKernel.running();
      InPlaceSwitch.prepare();
      MountTable.read();
    } catch (IOException | Error leaveItToTheFirstThread) {
      // It will meet the same failure, and report it.
    }
  }
}
