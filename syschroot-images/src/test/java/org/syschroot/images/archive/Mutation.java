// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.archive;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Changes of archives that keep most of them readable. */
final class Mutation {
  private static final int BLOCK = 512;
  private static final String[] WORDS = {
    "..",
    "/",
    "../outside/file",
    "d/link/file",
    "up/outside/new",
    ".",
    ".wh.d",
    ".wh..wh..opq",
    "d/link",
    "hard",
    "/proc/self/root/etc",
    "\377\376",
    "d//./x"
  };

  private Mutation() {}

  static byte[] of(byte[] original, SplittableRandom random) {
    byte[] archive = original.clone();
    for (int changes = random.nextInt(1, 4); changes > 0; changes--) {
      archive = change(archive, random);
    }
    for (int block = 0; block + BLOCK <= archive.length; block += BLOCK) {
      boolean isHeader =
          new String(archive, block + 257, 5, StandardCharsets.ISO_8859_1).equals("ustar");
      if (isHeader && random.nextInt(20) > 0) {
        byte[] header = Arrays.copyOfRange(archive, block, block + BLOCK);
        MadeTar.sum(header);
        System.arraycopy(header, 0, archive, block, BLOCK);
      }
    }
    return archive;
  }

  private static byte[] change(byte[] archive, SplittableRandom random) {
    int blocks = archive.length / BLOCK;
    if (blocks == 0) {
      return archive; // cut short by an earlier change
    }
    int block = random.nextInt(blocks) * BLOCK;
    switch (random.nextInt(8)) {
      case 0 -> archive[block + random.nextInt(BLOCK)] = (byte) random.nextInt(256);
      case 1 -> word(archive, block, random);
      case 2 -> word(archive, block + 157, random);
      case 3 -> archive[block + 156] = (byte) "0123456xgLKSDVM\0".charAt(random.nextInt(16));
      case 4 -> System.arraycopy(archive, random.nextInt(blocks) * BLOCK, archive, block, BLOCK);
      case 5 -> {
        byte[] size =
            String.format("%011o", random.nextLong(1L << random.nextInt(1, 33)))
                .getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(size, 0, archive, block + 124, size.length);
      }
      case 6 -> {
        return random.nextInt(4) > 0
            ? archive
            : Arrays.copyOf(archive, random.nextInt(archive.length));
      }
      default -> {
        int other = random.nextInt(blocks) * BLOCK;
        byte[] kept = Arrays.copyOfRange(archive, block, block + BLOCK);
        System.arraycopy(archive, other, archive, block, BLOCK);
        System.arraycopy(kept, 0, archive, other, BLOCK);
      }
    }
    return archive;
  }

  private static void word(byte[] archive, int offset, SplittableRandom random) {
    byte[] word = WORDS[random.nextInt(WORDS.length)].getBytes(StandardCharsets.ISO_8859_1);
    int length = Math.min(word.length + 1, archive.length - offset);
    System.arraycopy(Arrays.copyOf(word, word.length + 1), 0, archive, offset, Math.max(0, length));
  }
}
