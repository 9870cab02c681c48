// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The images of a configuration directory as they are now, for programs that run for long: what has
 * changed in it is read again. Commands that were started before go on. Thread-safe.
 *
 * <pre>{@code
 * SyschrootReload images = SyschrootReload.of(Path.of("/etc/syschroot"));
 * images.current().start(SwitchRequest.in(images.current().image("sl5")));
 * }</pre>
 */
public final class SyschrootReload {
  private final Path directory;
  private Map<Path, String> seen = Map.of();
  private @Nullable Syschroot loaded;

  private SyschrootReload(Path directory) {
    this.directory = directory;
  }

  /** Returns the images of a configuration directory, which is read at the first use. */
  public static SyschrootReload of(Path configDirectory) {
    return new SyschrootReload(configDirectory.toAbsolutePath());
  }

  /**
   * Returns what the configuration says now. Looks at the names and times of its files, and reads
   * them if one has changed.
   *
   * @throws IOException as {@link Syschroot#load(Path)}; the next call tries again
   */
  public synchronized Syschroot current() throws IOException {
    // Before reading: what changes meanwhile is read the next time.
    Map<Path, String> now = files();
    Syschroot known = loaded;
    if (known == null || !now.equals(seen)) {
      loaded = null;
      known = Syschroot.load(directory);
      loaded = known;
      seen = now;
    }
    return known;
  }

  private Map<Path, String> files() throws IOException {
    Map<Path, String> files = new TreeMap<>();
    look(directory.resolve("syschroot.toml"), files);
    for (String name : new String[] {"images.d", "lib"}) {
      Path parent = directory.resolve(name);
      look(parent, files);
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent)) {
        for (Path entry : entries) {
          look(entry, files);
        }
      } catch (NoSuchFileException | NotDirectoryException none) {
        // It need not be there.
      }
    }
    return files;
  }

  private static void look(Path file, Map<Path, String> files) throws IOException {
    try {
      Map<String, Object> facts =
          Files.readAttributes(file, "unix:dev,ino,size,ctime", LinkOption.NOFOLLOW_LINKS);
      files.put(file, new TreeMap<>(facts).toString());
    } catch (NoSuchFileException missing) {
      // It is not among them.
    }
  }
}
