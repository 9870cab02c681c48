// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.archive;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.syschroot.images.tree.EntryContent;
import org.syschroot.images.tree.EntryKind;
import org.syschroot.images.tree.FileSink;
import org.syschroot.images.tree.SourceException;
import org.syschroot.images.tree.TreeEntry;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

/**
 * Reads a tar archive entry by entry: ustar, pax, GNU tar with long names and all formats of sparse
 * files. Names are bytes, and extended attributes too. For one thread.
 */
public final class TarReader {
  private static final int BLOCK = TarHeader.SIZE;
  private static final int LONGEST_HEADER = 1 << 20;
  private static final long MOST_PASSED_OVER = 64 << 20;
  private static final int BUFFER = 64 * 1024;
  private static final long GREATEST_ID = 0xffff_fffeL; // -1 means "unchanged" to chown(2)
  private static final OsString NO_LINK = OsString.of("");

  private final InputStream in;
  private final boolean isVerified;
  private final byte[] buffer = new byte[BUFFER];
  private final PaxRecords global = new PaxRecords();
  private long left; // of the entry's content, in the archive
  private int padding;
  private @Nullable SparseMap sparse;
  private long realSize;

  /**
   * Creates a reader.
   *
   * @param in the archive, not compressed; read to its end, and not closed
   */
  public TarReader(InputStream in) {
    this(in, false);
  }

  private TarReader(InputStream in, boolean isVerified) {
    this.in = in;
    this.isVerified = isVerified;
  }

  /**
   * Creates a reader of bytes that are compared with a digest at their end. Such an archive can be
   * without its last blocks of zeros, as {@code umoci insert} makes layers: it is not cut short.
   *
   * @param in as above
   */
  public static TarReader ofVerified(InputStream in) {
    return new TarReader(in, true);
  }

  /**
   * Returns the next entry, or null at the end. What was not read of the entry before is passed
   * over.
   *
   * @throws SourceException if the archive is damaged or cut short, or a path contains {@code ..}
   */
  public @Nullable TreeEntry next() throws IOException {
    skip(left + padding);
    left = 0;
    padding = 0;
    PaxRecords records = global.copy();
    OsString name = null;
    OsString link = null;
    while (true) {
      TarHeader header = header();
      if (header == null) {
        drain();
        return null;
      }
      switch (header.type()) {
        case 'L' -> name = longText(header);
        case 'K' -> link = longText(header);
        case 'x', 'X' -> records.add(wholeContent(header));
        case 'g' -> global.add(wholeContent(header));
        case 'V' -> passOver(header.size()); // the label of the volume
        case 'M' -> throw new SourceException("one of several volumes: concatenate them first");
        default -> {
          return entry(header, records, name, link);
        }
      }
    }
  }

  /** Returns the next header, or null at the end, which is two blocks of zeros. */
  private @Nullable TarHeader header() throws IOException {
    byte[] block = in.readNBytes(BLOCK);
    if (block.length == BLOCK && !TarHeader.isEnd(block)) {
      return new TarHeader(block);
    }
    boolean endsHere = block.length == 0 && isVerified;
    if (block.length < BLOCK && !endsHere) {
      throw cutShort();
    }
    return null;
  }

  /** Reads on to the end, for what checks the whole: a digest, or the checksum of gzip. */
  private void drain() throws IOException {
    long passed = 0;
    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      passed += count;
      if (passed > MOST_PASSED_OVER) {
        throw new SourceException("more than " + MOST_PASSED_OVER + " bytes after its end");
      }
    }
  }

  private static SourceException cutShort() {
    return new SourceException("cut short");
  }

  private static long padded(long size) {
    return (size + BLOCK - 1) / BLOCK * BLOCK;
  }

  private void skip(long bytes) throws IOException {
    try {
      in.skipNBytes(bytes);
    } catch (java.io.EOFException e) {
      throw new SourceException("cut short", e);
    }
  }

  private void passOver(long size) throws IOException {
    if (size < 0 || size > MOST_PASSED_OVER) {
      throw new SourceException("an entry of " + size + " bytes that is not a file");
    }
    skip(padded(size));
  }

  private OsString longText(TarHeader header) throws IOException {
    byte[] text = wholeContent(header);
    int end = 0;
    while (end < text.length && text[end] != 0) {
      end++;
    }
    return OsString.ofBytes(text, 0, end);
  }

  private byte[] wholeContent(TarHeader header) throws IOException {
    long size = header.size();
    if (size < 0 || size > LONGEST_HEADER) {
      throw new SourceException("an extended header of " + size + " bytes");
    }
    byte[] content = in.readNBytes((int) size);
    if (content.length < size) {
      throw cutShort();
    }
    skip(padded(size) - size);
    return content;
  }

  private TreeEntry entry(
      TarHeader header,
      PaxRecords records,
      @Nullable OsString longName,
      @Nullable OsString longLink)
      throws IOException {
    OsString name = records.text("path").orElse(longName == null ? header.name() : longName);
    OsString link = records.text("linkpath").orElse(longLink == null ? header.link() : longLink);
    EntryKind kind = kind(header.type(), name);
    long size = records.number("size").orElse(header.size());
    begin(kind, header, records, size);
    name = records.text("GNU.sparse.name").orElse(name);
    ImagePath path = path(name);
    Optional<String> time = records.ascii("mtime");
    return new TreeEntry(
        kind,
        path,
        header.mode(),
        id(path, records.number("uid").orElse(header.uid())),
        id(path, records.number("gid").orElse(header.gid())),
        time.isPresent() ? PaxTime.seconds(time.get()) : header.modified(),
        time.isPresent() ? PaxTime.nanoseconds(time.get()) : 0,
        kind == EntryKind.SYMBOLIC_LINK
            ? link
            : kind == EntryKind.HARD_LINK ? path(link).value() : NO_LINK,
        kind == EntryKind.HARD_LINK ? Map.of() : records.attributes());
  }

  /** Prepares for the content, which only files have, whatever the size of others says. */
  private void begin(EntryKind kind, TarHeader header, PaxRecords records, long size)
      throws IOException {
    if (size < 0) {
      throw new SourceException("damaged: an entry has a negative size");
    }
    sparse = null;
    if (header.type() == 'D') {
      passOver(size); // the names in the directory, of an incremental archive
    }
    if (kind != EntryKind.FILE) {
      return;
    }
    left = size;
    padding = (int) (padded(size) - size);
    realSize = size;
    SparseMap map = SparseMap.read(header, records, new Blocks());
    if (map != null) {
      map.check(left);
      sparse = map;
      realSize = map.realSize();
    }
  }

  /** What a map of a sparse file is read from: blocks before the content, or of it. */
  private final class Blocks implements SparseMap.Source {
    @Override
    public byte[] headerBlock() throws IOException {
      byte[] block = in.readNBytes(BLOCK);
      if (block.length < BLOCK) {
        throw cutShort();
      }
      return block;
    }

    @Override
    public byte[] contentBlock() throws IOException {
      if (left < BLOCK) {
        throw new SourceException("damaged: the map of a sparse file is longer than the file");
      }
      left -= BLOCK;
      return headerBlock();
    }
  }

  private static EntryKind kind(char type, OsString name) throws SourceException {
    return switch (type) {
      case '1' -> EntryKind.HARD_LINK;
      case '2' -> EntryKind.SYMBOLIC_LINK;
      case '3', '4' -> EntryKind.DEVICE;
      case '5', 'D' -> EntryKind.DIRECTORY;
      case '6' -> EntryKind.FIFO;
      // The oldest tars knew directories by the slash only; POSIX takes other types for files.
      default ->
          !name.isEmpty() && name.at(name.length() - 1) == '/'
              ? EntryKind.DIRECTORY
              : EntryKind.FILE;
    };
  }

  private static ImagePath path(OsString name) throws SourceException {
    if (name.isEmpty()) {
      throw new SourceException("damaged: an entry has no name");
    }
    try {
      return ImagePath.of(OsString.of("/").plus(name));
    } catch (IllegalArgumentException e) {
      throw new SourceException(
          "an entry whose pathname leaves the directory by \"..\": " + name, e);
    }
  }

  private static int id(ImagePath path, long id) throws SourceException {
    if (id < 0 || id > GREATEST_ID) {
      throw new SourceException(
          path + " belongs to the user or group " + id + ", which does not" + " exist");
    }
    return (int) id;
  }

  /** Returns the content of the entry that was returned last. */
  public EntryContent content() {
    return this::writeContent;
  }

  private void writeContent(FileSink file) throws IOException {
    SparseMap map = sparse;
    if (map == null) {
      writeNext(left, file);
      return;
    }
    for (SparseMap.Part part : map.parts()) {
      file.seek(part.offset());
      writeNext(part.length(), file);
    }
    file.setSize(realSize);
  }

  private void writeNext(long length, FileSink file) throws IOException {
    long rest = length;
    while (rest > 0) {
      int count = in.read(buffer, 0, (int) Math.min(BUFFER, rest));
      if (count < 0) {
        throw cutShort();
      }
      file.write(buffer, 0, count);
      rest -= count;
      left -= count;
    }
  }

  /**
   * Returns the number of bytes of the content of the entry that was returned last, as they are in
   * the archive.
   */
  public long contentLength() {
    return left;
  }
}
