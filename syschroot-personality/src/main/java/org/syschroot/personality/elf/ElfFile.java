// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Headers, interpreter and dependencies of an ELF file (elf(5), gABI).
 *
 * <p>Program headers are what the kernel and ld.so(8) go by, and so does this class; section
 * headers are only read for the notes of a file without program headers, such as a relocatable
 * object. Of a core file only the header is read, because its notes tell about a process. Names in
 * the file are bytes; they are decoded as UTF-8, malformed ones to U+FFFD.
 *
 * <p>Immutable and thread-safe.
 */
public final class ElfFile {
  private static final int PATH_MAX = 4096;

  private final ElfHeader header;
  private final Optional<String> interpreter;
  private final DynamicSection dynamic;
  private final ElfNotes notes;

  private ElfFile(
      ElfHeader header, Optional<String> interpreter, DynamicSection dynamic, ElfNotes notes) {
    this.header = header;
    this.interpreter = interpreter;
    this.dynamic = dynamic;
    this.notes = notes;
  }

  /**
   * Reads a file, following symbolic links.
   *
   * @param file a file of any file system; not null
   * @return what the file says; never null
   * @throws ElfFormatException if it is no regular file, not ELF, malformed or over a limit
   * @throws IOException if it cannot be opened or read
   */
  public static ElfFile read(Path file) throws IOException {
    // Opening a pipe would wait for a writer, and a device can be endless.
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new ElfFormatException(file.toString(), 0, "not a regular file");
    }
    try (SeekableByteChannel channel = Files.newByteChannel(file)) {
      return read(channel, file.toString());
    }
  }

  /**
   * Reads from a channel; moves its position and leaves it open.
   *
   * @param channel a blocking channel whose position 0 is the start of the ELF file and that no
   *     other thread moves meanwhile; not null
   * @param name the name for error messages; not null
   * @return what the file says; never null
   * @throws ElfFormatException if it is not ELF, malformed or over a limit
   * @throws IOException if it cannot be read
   */
  public static ElfFile read(SeekableByteChannel channel, String name) throws IOException {
    ElfInput input = new ElfInput(channel, name);
    ElfHeader header = ElfHeader.read(input);
    if (header.type() == ElfType.ET_CORE) {
      return new ElfFile(header, Optional.empty(), DynamicSection.ABSENT, ElfNotes.ABSENT);
    }
    List<ProgramHeader> segments = ProgramHeader.readAll(input, header);
    return new ElfFile(
        header,
        readInterpreter(input, segments),
        DynamicSection.read(input, header.elfClass(), segments),
        ElfNotes.read(input, header, segments));
  }

  /**
   * Returns whether a file starts with the magic bytes of ELF; symbolic links are followed.
   *
   * @param file a file of any file system; not null
   * @return true if it is a regular file that starts with {@code \177ELF}
   * @throws IOException if it does not exist or cannot be opened or read
   */
  public static boolean isElf(Path file) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      return false;
    }
    ByteBuffer magic = ByteBuffer.allocate(Integer.BYTES);
    try (SeekableByteChannel channel = Files.newByteChannel(file)) {
      while (magic.hasRemaining()) {
        if (channel.read(magic) <= 0) {
          return false;
        }
      }
    }
    return magic.getInt(0) == ElfHeader.MAGIC;
  }

  private static Optional<String> readInterpreter(ElfInput input, List<ProgramHeader> segments)
      throws IOException {
    Optional<ProgramHeader> found = ProgramHeader.first(segments, ProgramHeader.PT_INTERP);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    ProgramHeader segment = found.get();
    // The limits of the kernel's load_elf_binary; it answers ENOEXEC.
    if (Long.compareUnsigned(segment.fileSize(), PATH_MAX) > 0 || segment.fileSize() < 2) {
      throw input.malformed(
          segment.offset(),
          "PT_INTERP of " + Long.toUnsignedString(segment.fileSize()) + " bytes, not 2 to 4096");
    }
    byte[] bytes = input.read(segment.offset(), segment.fileSize(), "PT_INTERP").array();
    if (bytes[bytes.length - 1] != 0) {
      throw input.malformed(segment.offset(), "PT_INTERP does not end with NUL");
    }
    String text = new String(bytes, StandardCharsets.UTF_8);
    return Optional.of(text.substring(0, text.indexOf('\0')));
  }

  /**
   * Returns the width of addresses: {@code EI_CLASS}.
   *
   * @return the class; never null
   */
  public ElfClass elfClass() {
    return header.elfClass();
  }

  /**
   * Returns the byte order of the processor: {@code EI_DATA}.
   *
   * @return the byte order; never null
   */
  public ByteOrder byteOrder() {
    return header.byteOrder();
  }

  /**
   * Returns the processor: {@code e_machine}.
   *
   * @return the processor, {@link ElfMachine#OTHER} when it has no constant; never null
   */
  public ElfMachine machine() {
    return ElfMachine.of(header.machineNumber());
  }

  /**
   * Returns the number of the processor: {@code e_machine}.
   *
   * @return 0 to 65535
   */
  public int machineNumber() {
    return header.machineNumber();
  }

  /**
   * Returns the kind of file: {@code e_type}.
   *
   * @return the type; never null
   */
  public ElfType type() {
    return header.type();
  }

  /**
   * Returns the path of the loader: {@code PT_INTERP}.
   *
   * @return the path as it is in the file, empty for libraries and static programs; never null
   */
  public Optional<String> interpreter() {
    return interpreter;
  }

  /**
   * Returns the libraries the file asks for: {@code DT_NEEDED}.
   *
   * @return names or paths in the order of the file, unmodifiable; never null
   */
  public List<String> needed() {
    return dynamic.needed();
  }

  /**
   * Returns the library's own name: {@code DT_SONAME}.
   *
   * @return the name, empty when the file has none; never null
   */
  public Optional<String> soname() {
    return dynamic.soname();
  }

  /**
   * Returns the directories of {@code DT_RPATH}, split at colons and not expanded (ld.so(8)).
   *
   * @return directories in order, unmodifiable; an empty element is the working directory; never
   *     null
   */
  public List<String> rpath() {
    return dynamic.rpath();
  }

  /**
   * Returns the directories of {@code DT_RUNPATH}, split at colons and not expanded (ld.so(8)).
   *
   * @return directories in order, unmodifiable; an empty element is the working directory; never
   *     null
   */
  public List<String> runpath() {
    return dynamic.runpath();
  }

  /**
   * Returns the operating system and oldest kernel: note {@code NT_GNU_ABI_TAG}.
   *
   * @return the tag, empty when the file has none; never null
   */
  public Optional<AbiTag> abiTag() {
    return notes.abiTag();
  }

  /**
   * Returns the level of x86-64 that the file needs: property {@code GNU_PROPERTY_X86_ISA_1_NEEDED}
   * of note {@code NT_GNU_PROPERTY_TYPE_0} (x86-64 psABI).
   *
   * @return the highest level the file marks as needed, empty when it marks none or is not for x86;
   *     never null
   */
  public Optional<X86IsaLevel> x86IsaNeeded() {
    return notes.isaNeeded();
  }

  /**
   * Returns the identifier of this build: note {@code NT_GNU_BUILD_ID} (ld(1) {@code --build-id}).
   *
   * <p>Go's own linker can put this note in a section that no {@code PT_NOTE} covers; it is not
   * found there.
   *
   * @return lower-case hexadecimal digits, two for a byte, empty when the file has none; never null
   */
  public Optional<String> buildId() {
    return notes.buildId();
  }

  /** Says whether DF_1_NODEFLIB is set: the default directories hold nothing for this file. */
  boolean noDefaultLibraries() {
    return dynamic.noDefaultLibraries();
  }

  /** Says whether another file can be loaded into the same process. */
  boolean isLoadableWith(ElfFile other) {
    return elfClass() == other.elfClass()
        && byteOrder() == other.byteOrder()
        && machineNumber() == other.machineNumber();
  }
}
