// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.util.List;
import java.util.Optional;
import org.syschroot.doctor.files.SystemFile;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.personality.elf.ElfFile;
import org.syschroot.personality.elf.ElfFormatException;

/**
 * An ELF file of an image. Immutable.
 *
 * @param name how it is asked for: a path, or a library's name
 * @param file where it is
 * @param elf what it says
 */
public record Binary(String name, SystemFile file, ElfFile elf) {
  private static final int OWN_SIZE = 1_000;
  private static final int STRING_SIZE = 60;

  /** Reads an ELF file; a script, or what is not to be read as ELF, counts as absent. */
  public static Optional<Binary> read(SystemFiles system, String name, SystemFile file) {
    Optional<SeekableByteChannel> opened =
        file.status().isRegularFile() ? system.open(file) : Optional.empty();
    if (opened.isEmpty()) {
      return Optional.empty();
    }
    try (SeekableByteChannel channel = opened.get()) {
      ElfFile elf = ElfFile.read(channel, file.hostPath());
      system.budget().payKept(size(name, file, elf));
      return Optional.of(new Binary(name, file, elf));
    } catch (ElfFormatException notElf) {
      return Optional.empty();
    } catch (IOException e) {
      system.noteUnreadable(file);
      return Optional.empty();
    }
  }

  /** Returns about how many bytes of memory it needs: a small file can name many libraries. */
  private static long size(String name, SystemFile file, ElfFile elf) {
    long size = (long) OWN_SIZE + name.length() + file.path().length() + file.hostPath().length();
    for (List<String> names : List.of(elf.needed(), elf.rpath(), elf.runpath())) {
      size += names.stream().mapToLong(text -> STRING_SIZE + 2L * text.length()).sum();
    }
    return size;
  }
}
