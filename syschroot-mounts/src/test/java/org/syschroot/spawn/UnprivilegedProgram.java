// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.syschroot.Syschroot;
import org.syschroot.image.Image;
import org.syschroot.image.ImageCatalog;
import org.syschroot.image.ImageName;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.mountplan.TmpfsMount;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchListener;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.plan.UserIds;
import org.syschroot.testing.JvmState;
import org.syschroot.testing.ProcFiles;

/**
 * A program of an ordinary user that starts commands in an image: {@code ROOT STARTS}. Prints what
 * is not as it should be, and {@code done} at the end.
 */
public final class UnprivilegedProgram {
  private static final int THREADS = 16;

  private final Syschroot syschroot;
  private final Image image;

  private UnprivilegedProgram(Path root) throws Exception {
    MountPlan mounts =
        MountPlan.empty()
            .plus(BindMount.parse(OsString.of("/proc")))
            .plus(new TmpfsMount(ImagePath.of("/tmp"), OsString.of("mode=1777")));
    image =
        Image.builder(new ImageName("small"), HostPath.of(root.toString())).mounts(mounts).build();
    syschroot = Syschroot.of(ImageCatalog.of(List.of(image)));
  }

  /** Runs it. */
  public static void main(String[] arguments) throws Exception {
    UnprivilegedProgram program = new UnprivilegedProgram(Path.of(arguments[0]));
    JvmState.warmUp();
    program.everyFeature();
    program.many(16); // what is made once for all starts is no leak
    JvmState before = JvmState.now();
    program.many(Integer.parseInt(arguments[1]));
    JvmState after = JvmState.settledSince(before);
    expect(before.equals(after), "left: " + before + "\n" + after);
    expect(JvmState.children().isEmpty(), "children: " + JvmState.children());
    for (String number : ProcFiles.descriptors()) {
      Path link = Path.of("/proc/self/fd", number);
      String target = link.toFile().exists() ? link.toRealPath().toString() : "";
      expect(!target.contains("memfd:syschroot"), "descriptor of " + target);
    }
    System.out.println("done");
  }

  private static void expect(boolean met, String otherwise) {
    if (!met) {
      System.out.println(otherwise);
    }
  }

  private Spawn shell(String script) {
    return syschroot.prepare(SwitchRequest.in(image).command("sh", "-c", script).directory("/"));
  }

  private static String output(Spawn spawn) throws Exception {
    SwitchedProcess process = spawn.start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes());
    int status = process.waitFor();
    return text + status;
  }

  private static void same(String expected, Spawn spawn) throws Exception {
    String text = output(spawn);
    expect(text.equals(expected), "expected " + expected + ", but it was " + text);
  }

  private void everyFeature() throws Exception {
    same("65534\n65534\n7", shell("id -u; id -g; exit 7"));
    same("small\n0", shell("echo $SYSCHROOT_IMAGE"));
    same("CapEff:\t0000000000000000\n0", shell("grep CapEff /proc/self/status"));
    same("5\n0", shell("cat /proc/self/stat | (read -r line; set -- $line; echo ${19})").nice(5));
    same(
        "Cpus_allowed_list:\t0\n0",
        shell("grep Cpus_allowed_list /proc/self/status").processors(java.util.Set.of(0)));
    same("", 127, SwitchRequest.in(image).command("not-there").directory("/"));
    same("", 126, SwitchRequest.in(image).command("/image").directory("/"));
    same(
        "No such file or directory",
        125,
        SwitchRequest.in(image).command("true").directory("/not/there"));
    try {
      shell(":").ownPidNamespace(true).start();
      expect(false, "a pid namespace without privilege");
    } catch (SwitchException e) {
      expect(e.getMessage().contains("PID namespace"), e.getMessage());
    }
    replacedDirectory();
    numbersOfTheAdministrator();
  }

  /** The test has left 65536 numbers to this user, from 700000 on. */
  private void numbersOfTheAdministrator() throws Exception {
    SwitchRequest request =
        SwitchRequest.in(image)
            .command("sh", "-c", "awk '{print $1, $2, $3}' /proc/self/uid_map; ls /proc/self/fd")
            .directory("/")
            .rootless(UserIds.AS_ROOT);
    same("0 65534 1\n1 700000 65536\n0\n1\n2\n3\n0", syschroot.prepare(request));
  }

  private static void contains(String text, SwitchException failure) {
    expect(failure.getMessage().contains(text), failure.getMessage());
  }

  private void same(String text, int status, SwitchRequest request) throws Exception {
    try {
      syschroot.start(request);
      expect(false, "started: " + request.command());
    } catch (SwitchException e) {
      expect(e.kind().exitStatus() == status, e.kind() + " instead of " + status);
      contains(text, e);
    }
  }

  /** The program tells of it through a pipe, and the listener hears it. */
  private void replacedDirectory() throws Exception {
    Image lenient =
        Image.builder(image.name(), image.root())
            .mounts(image.mounts())
            .directoryPolicy(org.syschroot.image.DirectoryPolicy.ROOT)
            .build();
    List<String> told = new ArrayList<>();
    SwitchListener listener =
        new SwitchListener() {
          @Override
          public void directoryReplaced(ImageName name, String reason, OsString directory) {
            told.add(name + ": " + reason + " -> " + directory);
          }
        };
    SwitchedProcess process =
        syschroot.prepare(SwitchRequest.in(lenient)).listener(listener).start();
    process.getOutputStream().close();
    expect(process.waitFor() == 0, "a shell with nothing to read");
    String here = Path.of("").toAbsolutePath().toString();
    expect(
        told.equals(
            List.of(
                "small: cannot enter " + here + " in the image: No such file or directory -> /")),
        "told: " + told);
  }

  private void many(int starts) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    List<Future<Void>> all = new ArrayList<>();
    for (int i = 0; i < starts; i++) {
      int number = i;
      all.add(
          threads.submit(
              () -> {
                int status = number % 100;
                same(number + "\n" + status, shell("echo " + number + "; exit " + status));
                return null;
              }));
    }
    for (Future<Void> one : all) {
      one.get();
    }
    threads.shutdown();
  }
}
