// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.oci;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.syschroot.images.archive.Compression;
import org.syschroot.images.archive.TarReader;
import org.syschroot.images.tree.EntryKind;
import org.syschroot.images.tree.SourceException;
import org.syschroot.images.tree.TreeEntry;
import org.syschroot.path.ImagePath;

/**
 * The files of a tar archive, read at their places in it. One that is compressed is unpacked to a
 * temporary file first, which has no name.
 */
final class ArchiveBlobs implements BlobStore {
  private static final int MOST_LINKS = 10;
  private static final int MOST_FILES = 1_000_000;

  /** Where a file is, or which other one it is. */
  private record Place(long offset, long size, Optional<ImagePath> link) {}

  private final FileChannel file;
  private final Map<ImagePath, Place> places = new HashMap<>();
  private final Map<ContentDigest, String> names = new HashMap<>();

  ArchiveBlobs(Path archive) throws IOException {
    FileChannel plain = FileChannel.open(archive, StandardOpenOption.READ);
    try {
      byte[] head = new PartOfFile(plain, 0, plain.size()).readNBytes(16);
      if (Compression.of(head) != Compression.NONE) {
        plain.close();
        try (InputStream in = Compression.open(Files.newInputStream(archive))) {
          plain = Spool.of(in);
        }
      }
      file = plain;
      readPlaces();
    } catch (IOException e) {
      plain.close();
      throw Compression.explain(e);
    } catch (RuntimeException e) {
      plain.close();
      throw e;
    }
  }

  private void readPlaces() throws IOException {
    PartOfFile in = new PartOfFile(file, 0, file.size());
    TarReader reader = new TarReader(in);
    for (TreeEntry entry = reader.next(); entry != null; entry = reader.next()) {
      if (places.size() == MOST_FILES) {
        throw new SourceException("more than " + MOST_FILES + " files in the archive");
      }
      if (entry.kind() == EntryKind.FILE) {
        Place place = new Place(in.position(), reader.contentLength(), Optional.empty());
        places.put(entry.path(), place);
      } else if (entry.kind() == EntryKind.HARD_LINK) {
        link(entry.path(), ImagePath.of(entry.link()));
      } else if (entry.kind() == EntryKind.SYMBOLIC_LINK) {
        // Old releases of Docker wrote "../ID/layer.tar" for a layer that is there already.
        ImagePath path = entry.path();
        resolve(path, entry.link().toString()).ifPresent(target -> link(path, target));
      }
    }
  }

  private void link(ImagePath path, ImagePath target) {
    places.put(path, new Place(0, 0, Optional.of(target)));
  }

  private static Optional<ImagePath> resolve(ImagePath link, String text) {
    Path target = Path.of(link.toString()).resolveSibling(text).normalize();
    return target.isAbsolute() ? Optional.of(ImagePath.of(target.toString())) : Optional.empty();
  }

  private Optional<Place> find(String name) {
    ImagePath path;
    try {
      path = ImagePath.of("/" + name);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    for (int links = 0; links < MOST_LINKS; links++) {
      Place place = places.get(path);
      if (place == null || place.link.isEmpty()) {
        return Optional.ofNullable(place);
      }
      path = place.link.get();
    }
    return Optional.empty();
  }

  boolean has(String name) {
    return find(name).isPresent();
  }

  /** Opens a file of the archive. */
  InputStream open(String name) throws SourceException {
    Place place =
        find(name).orElseThrow(() -> new SourceException("damaged: " + name + " is missing"));
    return new PartOfFile(file, place.offset, place.size);
  }

  long size(String name) {
    return find(name).map(Place::size).orElse(0L);
  }

  byte[] small(String name) throws IOException {
    try (InputStream in = open(name)) {
      return in.readNBytes(JsonText.LONGEST);
    }
  }

  BlobReference index(String name) throws IOException {
    if (!has("index.json")) {
      throw new SourceException("not an OCI archive: it has no file index.json");
    }
    return ManifestChoice.byName(JsonText.object(small("index.json"), "index.json"), name);
  }

  /** Lets a blob be found by its digest. */
  void name(ContentDigest digest, String name) {
    names.put(digest, name);
  }

  @Override
  public InputStream open(BlobReference blob) throws SourceException {
    ContentDigest digest = blob.digest();
    String usual = "blobs/" + digest.algorithm() + "/" + digest.hex();
    return open(names.getOrDefault(digest, usual));
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
