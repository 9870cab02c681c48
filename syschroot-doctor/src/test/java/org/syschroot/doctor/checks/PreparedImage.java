// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.files.Budget;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.doctor.host.HostFacts;
import org.syschroot.doctor.host.Tristate;
import org.syschroot.doctor.host.Vsyscall;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxTreeCalls;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.personality.elf.ElfMachine;
import org.syschroot.personality.elf.KernelVersion;
import org.syschroot.personality.elf.X86IsaLevel;
import org.syschroot.personality.emulation.BinfmtHandler;
import org.syschroot.testing.ImageTree;

/** An image and a native system in a folder of a test, and what the latter offers. */
final class PreparedImage {
  static final String LOADER = "/lib64/ld-linux-x86-64.so.2";

  final Path root;
  final Path host;
  private final List<String> libraries = new ArrayList<>();
  private MountPlan mounts = MountPlan.empty();
  private UnaryOperator<Image.Builder> settings = UnaryOperator.identity();

  KernelVersion kernel = new KernelVersion(6, 18, 0);
  ElfMachine machine = ElfMachine.EM_X86_64;
  Vsyscall vsyscall = Vsyscall.XONLY;
  String commandLine = "quiet";
  X86IsaLevel cpuLevel = X86IsaLevel.V3;
  List<BinfmtHandler> handlers = List.of();
  Tristate runsI386 = Tristate.YES;
  final Map<String, String> environment = new HashMap<>();

  PreparedImage(Path folder) throws IOException {
    Path directory = folder.toRealPath();
    root = ImageTree.of(directory.resolve("image"), "dir etc", "dir bin", "dir lib64", "dir tmp");
    host = ImageTree.of(directory.resolve("host"), "dir etc");
  }

  /** Returns an image of x86-64 with a shell, a loader and glibc 2.36. */
  static PreparedImage withGlibc(Path folder) throws IOException {
    PreparedImage image = new PreparedImage(folder);
    image.program("bin/sh", SmallElf.of(SmallElf.EM_X86_64).interpreter(LOADER));
    image.program(LOADER.substring(1), SmallElf.of(SmallElf.EM_X86_64));
    image.libc("2.36", "Debian GLIBC 2.36-9+deb12u14", new int[] {3, 2, 0});
    return image;
  }

  /** Puts a C library into the image that says of itself what glibc does. */
  void libc(String version, String vendor, int[] kernelVersion) throws IOException {
    String banner =
        "GNU C Library "
            + (vendor.isEmpty() ? "" : "(" + vendor + ") ")
            + "stable release version "
            + version
            + ".\n";
    SmallElf elf =
        SmallElf.of(SmallElf.EM_X86_64)
            .kernel(kernelVersion[0], kernelVersion[1], kernelVersion[2])
            .text("...GNU C Library is not yet it..." + banner + "\0more");
    library("libc.so.6", elf);
  }

  PreparedImage inImage(String... lines) {
    ImageTree.of(root, lines);
    return this;
  }

  PreparedImage onHost(String... lines) {
    ImageTree.of(host, lines);
    return this;
  }

  void program(String path, SmallElf elf) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.write(file, elf.bytes());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Puts a library into /lib64 and into the cache. */
  void library(String name, SmallElf elf) throws IOException {
    program("lib64/" + name, elf);
    if (!libraries.contains(name)) {
      libraries.add(name);
    }
    Files.write(root.resolve("etc/ld.so.cache"), cache(libraries));
  }

  /** Copies a program of the real native system. */
  void copy(String from, String to) throws IOException {
    Path target = root.resolve(to);
    Files.createDirectories(target.getParent());
    Files.copy(Path.of(from), target);
  }

  /** Copies a library of the real native system into /lib64 and into the cache. */
  void copyLibrary(String from) throws IOException {
    String name = Path.of(from).getFileName().toString();
    copy(from, "lib64/" + name);
    libraries.add(name);
    Files.write(root.resolve("etc/ld.so.cache"), cache(libraries));
  }

  /** Returns what the image's shell prints on the oldest processor of x86-64. */
  String emulate(String script) throws IOException {
    String[] qemu = {"qemu-x86_64-static", "-cpu", "qemu64", "-L", root.toString()};
    List<String> words = new ArrayList<>(List.of(qemu));
    words.addAll(List.of(root + "/bin/sh", "-c", script));
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static byte[] cache(List<String> names) {
    ByteBuffer file = ByteBuffer.allocate(1 << 16).order(ByteOrder.nativeOrder());
    file.put("glibc-ld.so.cache1.1".getBytes(StandardCharsets.US_ASCII));
    file.putInt(names.size()).putInt(0).putInt(0).putInt(0).putInt(0).putInt(0).putInt(0);
    int strings = 48 + 24 * names.size();
    for (String name : names) {
      byte[] path = ("/lib64/" + name + "\0").getBytes(StandardCharsets.US_ASCII);
      file.put(strings, path);
      file.putInt(0x303).putInt(strings + "/lib64/".length()).putInt(strings).putInt(0).putLong(0);
      strings += path.length;
    }
    byte[] bytes = new byte[strings];
    file.get(0, bytes);
    return bytes;
  }

  /** Plans a mount, HOST being the native system's folder. */
  PreparedImage mount(String mount) {
    mounts = mounts.plus(BindMount.parse(OsString.of(mount.replace("HOST", host.toString()))));
    return this;
  }

  PreparedImage settings(UnaryOperator<Image.Builder> more) {
    settings = more;
    return this;
  }

  Examination examination() {
    try {
      Image image =
          settings
              .apply(
                  Image.builder(new ImageName("image"), HostPath.of(root.toString()))
                      .mounts(mounts))
              .build();
      SystemFiles native_ =
          SystemFiles.ofImage(
              LinuxKernel.running(),
              LinuxTreeCalls.running(),
              HostPath.of(host.toString()),
              List.of(),
              Budget.standard());
      return Examination.of(
          image,
          mounts.on(HostFiles.of(FileSystems.getDefault())),
          LinuxKernel.running(),
          LinuxTreeCalls.running(),
          native_,
          facts());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  HostFacts facts() {
    int uid = (int) new com.sun.security.auth.module.UnixSystem().getUid();
    return new HostFacts(
        kernel,
        machine,
        vsyscall,
        commandLine,
        cpuLevel,
        handlers,
        () -> runsI386,
        environment,
        uid);
  }

  List<Finding> findings(Check check) {
    try {
      return check.examine(examination());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<String> ids(Check check) {
    return findings(check).stream().map(f -> f.severity() + " " + f.id()).toList();
  }
}
