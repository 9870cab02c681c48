// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.path.HostPath;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** What no command can be made to do: a file that is exchanged between check and mount. */
@InOwnMountNamespace
@RequiresCommand("mksquashfs")
final class ImageFileMounterTest {
  private static void run(String... words) throws Exception {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(out).isZero();
  }

  private static Path packed(String content) throws Exception {
    Path tree = Files.createDirectories(Path.of("/mnt/" + content));
    Files.writeString(tree.resolve("content"), content);
    Path file = Path.of("/mnt/" + content + ".squashfs");
    run("mksquashfs", tree.toString(), file.toString(), "-quiet", "-all-root");
    return file;
  }

  @Test
  void mount_fileExchangedAfterItsCheck_mountsTheOneThatWasChecked() throws Exception {
    run("mount", "-t", "tmpfs", "-o", "mode=755", "none", "/mnt");
    try {
      Path checked = packed("checked");
      Path other = packed("other");
      Kernel real = LinuxKernel.running();
      Kernel kernel =
          (Kernel)
              Proxy.newProxyInstance(
                  getClass().getClassLoader(),
                  new Class<?>[] {Kernel.class},
                  (proxy, method, arguments) -> {
                    if (method.getName().equals("read") && Files.exists(other)) {
                      Files.move(other, checked, StandardCopyOption.REPLACE_EXISTING);
                    }
                    try {
                      return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                      throw e.getCause();
                    }
                  });

      new ImageFileMounter(kernel).mount(HostPath.of(checked.toString()), HostPath.of("/mnt/root"));

      assertThat(other).doesNotExist();
      assertThat(Path.of("/mnt/root/content")).hasContent("checked");
    } finally {
      run("umount", "-l", "/mnt");
    }
  }
}
