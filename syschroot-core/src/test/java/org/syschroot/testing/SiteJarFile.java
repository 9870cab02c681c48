// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/** Writes a jar with classes of the tests, named as services. For one jar. */
public final class SiteJarFile {
  private final Map<String, byte[]> entries = new LinkedHashMap<>();

  /** Adds a class and names it. */
  public SiteJarFile service(Class<?> service, Class<?> code) throws IOException {
    return named(service, code.getName()).file(classFile(code), bytes(code));
  }

  /** Names a class without adding it. */
  public SiteJarFile named(Class<?> service, String className) {
    entries.merge(
        "META-INF/services/" + service.getName(),
        (className + "\n").getBytes(StandardCharsets.UTF_8),
        (old, more) -> (text(old) + text(more)).getBytes(StandardCharsets.UTF_8));
    return this;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Adds a file. */
  public SiteJarFile file(String name, byte[] content) {
    entries.put(name, content);
    return this;
  }

  private static String classFile(Class<?> code) {
    return code.getName().replace('.', '/') + ".class";
  }

  private static byte[] bytes(Class<?> code) throws IOException {
    try (InputStream resource = code.getClassLoader().getResourceAsStream(classFile(code))) {
      return resource.readAllBytes();
    }
  }

  /** Writes the jar, for everybody to read. */
  public Path write(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(file))) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        jar.putNextEntry(new JarEntry(entry.getKey()));
        jar.write(entry.getValue());
        jar.closeEntry();
      }
    }
    return file;
  }
}
