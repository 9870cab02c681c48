// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.doctor;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.util.Optional;
import org.syschroot.personality.elf.ElfFile;
import org.syschroot.personality.elf.ElfFormatException;
import org.syschroot.personality.files.SystemFile;
import org.syschroot.personality.files.SystemFiles;

/**
 * An ELF file of an image. Immutable.
 *
 * @param name how it is asked for: a path, or a library's name
 * @param file where it is
 * @param elf what it says
 */
public record Binary(String name, SystemFile file, ElfFile elf) {
  /** Reads an ELF file; a script, or what is not to be read as ELF, counts as absent. */
  public static Optional<Binary> read(SystemFiles system, String name, SystemFile file) {
    Optional<SeekableByteChannel> opened =
        file.status().isRegularFile() ? system.open(file) : Optional.empty();
    if (opened.isEmpty()) {
      return Optional.empty();
    }
    try (SeekableByteChannel channel = opened.get()) {
      return Optional.of(new Binary(name, file, ElfFile.read(channel, file.hostPath())));
    } catch (ElfFormatException notElf) {
      return Optional.empty();
    } catch (IOException e) {
      system.noteUnreadable(file);
      return Optional.empty();
    }
  }
}
