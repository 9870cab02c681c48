// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.archive;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Tar archives as no tar would make them. */
public final class MadeTar {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Adds an entry with a content of its size. */
  public MadeTar add(char type, String name, String link, String content) {
    return add(type, name, link, bytes(content).length, content);
  }

  /** Adds an entry whose size need not be that of its content. Names are bytes, as Latin-1. */
  public MadeTar add(char type, String name, String link, long size, String content) {
    byte[] header = new byte[512];
    put(header, 0, bytes(name));
    put(header, 100, bytes(String.format("%07o", type == '5' ? 0755 : 0644)));
    put(header, 108, bytes(String.format("%07o", 0)));
    put(header, 116, bytes(String.format("%07o", 0)));
    put(header, 124, bytes(String.format("%011o", size)));
    put(header, 136, bytes(String.format("%011o", 1)));
    header[156] = (byte) type;
    put(header, 157, bytes(link));
    put(header, 257, bytes("ustar\00000"));
    sum(header);
    out.writeBytes(header);
    block(bytes(content));
    return this;
  }

  /** Sets the checksum of a header. */
  static void sum(byte[] header) {
    long sum = 0;
    for (int i = 0; i < 512; i++) {
      sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
    }
    put(header, 148, bytes(String.format("%06o\0 ", sum)));
  }

  /** Adds an extended header for the next entry. */
  public MadeTar pax(String key, String value) {
    int rest = bytes(key).length + bytes(value).length + 3;
    int length = rest + Integer.toString(rest + 3).length();
    return add('x', "pax", "", length + " " + key + "=" + value + "\n");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static void put(byte[] header, int offset, byte[] value) {
    System.arraycopy(value, 0, header, offset, value.length);
  }

  private void block(byte[] content) {
    out.writeBytes(content);
    out.writeBytes(new byte[(512 - content.length % 512) % 512]);
  }

  /** Returns the archive with its end. */
  public byte[] bytes() {
    byte[] all = java.util.Arrays.copyOf(out.toByteArray(), out.size() + 1024);
    return all;
  }

  /** Returns the archive without its end. */
  public byte[] withoutEnd() {
    return out.toByteArray();
  }
}
