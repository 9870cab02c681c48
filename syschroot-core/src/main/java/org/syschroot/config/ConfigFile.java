// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.syschroot.image.Origin;
import org.syschroot.path.UntrustedException;
import org.tomlj.Toml;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;

/**
 * One configuration file, from the disk to its table. What is not a regular file is never opened,
 * since that of a FIFO or device may last for ever, and what is larger or deeper than any
 * configuration is refused before it is parsed. Not instantiable.
 */
final class ConfigFile {
  /** Some 50 000 mounts. */
  static final int MOST_BYTES = 1 << 20;

  private ConfigFile() {}

  static SettingTable parse(Path file, FileTrust trust) throws IOException {
    Origin start = new Origin(file.toString(), 1, 1);
    try {
      trust.check(file);
    } catch (UntrustedException e) {
      throw new ConfigException(start, e.getMessage());
    }
    if (!Files.readAttributes(file, BasicFileAttributes.class).isRegularFile()) {
      throw new ConfigException(start, "is not a regular file");
    }
    return parse(new TomlText(file.toString(), decode(file, read(file, start))));
  }

  static SettingTable parse(TomlText text) throws ConfigException {
    TomlBounds.check(text);
    TomlParseResult result = Toml.parse(text.content());
    if (result.hasErrors()) {
      TomlParseError first = result.errors().get(0);
      throw new ConfigException(text.origin(first.position()), "not TOML: " + first.getMessage());
    }
    return new SettingTable(text, result);
  }

  private static byte[] read(Path file, Origin start) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new ConfigException(
            start, "is larger than " + MOST_BYTES + " bytes, the limit: split it");
      }
      return bytes;
    }
  }

  private static String decode(Path file, byte[] bytes) throws ConfigException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new ConfigException(
          new Origin(file.toString(), lineOfBadByte(bytes), 1), "not UTF-8, as TOML requires");
    }
  }

  private static int lineOfBadByte(byte[] bytes) {
    int line = 1;
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        String text = new String(bytes, start, i - start, StandardCharsets.UTF_8);
        if (text.indexOf('\ufffd') >= 0) {
          return line;
        }
        line++;
        start = i + 1;
      }
    }
    return line;
  }
}
