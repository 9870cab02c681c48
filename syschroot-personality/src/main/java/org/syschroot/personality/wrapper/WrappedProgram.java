// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.wrapper;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.syschroot.kernel.FileStatus;
import org.syschroot.path.ImagePath;
import org.syschroot.personality.wrapper.DpkgDiversions.Entry;

/** A program of an image that a wrapper stands in for, or is to. For one thread. */
final class WrappedProgram {
  private static final String REAL = ".bin";
  private static final int MODE = 0755;
  private static final byte[] MARK = WrapperScript.MARK.getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};

  private final ImageDirectory directory;
  private final String name;
  private final String real;
  private final byte[] script;
  private final Optional<DpkgDatabase> dpkg;

  WrappedProgram(ImageDirectory directory, String name, String wide, Optional<DpkgDatabase> dpkg) {
    this.directory = directory;
    this.name = name;
    this.real = name + REAL;
    this.script =
        WrapperScript.of(name, directory.path(real), wide).getBytes(StandardCharsets.US_ASCII);
    this.dpkg = dpkg;
  }

  ImagePath path() {
    return directory.path(name);
  }

  private byte[] content() throws IOException {
    return directory
        .content(name)
        .orElseThrow(() -> new IOException(path() + " in the image was removed"));
  }

  WrapperState state() throws IOException {
    byte[] content = content();
    Optional<FileStatus> original = directory.status(real);
    if (startsWith(content, MARK)) {
      if (original.isEmpty()) {
        return WrapperState.BROKEN;
      }
      return Arrays.equals(content, script) ? WrapperState.INSTALLED : WrapperState.OUTDATED;
    }
    // The same file under both names is an installation that was interrupted.
    boolean isOther = original.isPresent() && !isSameFile(original.get());
    return isOther ? WrapperState.OVERWRITTEN : WrapperState.ABSENT;
  }

  private boolean isSameFile(FileStatus original) throws IOException {
    return directory.status(name).filter(original::sameFileAs).isPresent();
  }

  private static boolean startsWith(byte[] content, byte[] start) {
    return content.length >= start.length
        && Arrays.equals(content, 0, start.length, start, 0, start.length);
  }

  private Optional<Entry> diversion() throws IOException {
    if (dpkg.isEmpty()) {
      return Optional.empty();
    }
    return dpkg.get().listed(name).map(path -> new Entry(path, path + REAL, DpkgDiversions.LOCAL));
  }

  boolean isDiverted() throws IOException {
    Optional<Entry> diversion = diversion();
    return diversion.isPresent() && dpkg.orElseThrow().has(diversion.get());
  }

  /**
   * Refuses what must not be touched.
   *
   * @throws IOException if the original is missing, if the program is no original but a wrapper of
   *     somebody else's, or if somebody else diverts it
   */
  void check() throws IOException {
    isDiverted();
    WrapperState state = state();
    if (state == WrapperState.BROKEN) {
      throw new IOException(
          path()
              + " in the image is the wrapper, but "
              + real
              + " is missing: reinstall the package of "
              + name
              + " in the image");
    }
    boolean isOriginal = state == WrapperState.ABSENT || state == WrapperState.OVERWRITTEN;
    if (isOriginal && !startsWith(content(), ELF)) {
      throw new IOException(
          path()
              + " in the image is a script instead of a program, perhaps another wrapper: restore"
              + " the program first");
    }
  }

  boolean install() throws IOException {
    WrapperState before = state();
    if (before == WrapperState.ABSENT || before == WrapperState.OVERWRITTEN) {
      directory.link(name, real);
    }
    Optional<Entry> diversion = diversion();
    if (diversion.isPresent()) {
      dpkg.orElseThrow().add(diversion.get());
    }
    if (before == WrapperState.INSTALLED) {
      return false;
    }
    directory.replace(name, script, MODE);
    return true;
  }

  boolean remove() throws IOException {
    WrapperState before = state();
    boolean isWrapper = before == WrapperState.INSTALLED || before == WrapperState.OUTDATED;
    if (isWrapper) {
      directory.rename(real, name);
    } else {
      directory.remove(real);
    }
    Optional<Entry> diversion = diversion();
    if (diversion.isPresent()) {
      dpkg.orElseThrow().remove(diversion.get());
    }
    return isWrapper;
  }
}
