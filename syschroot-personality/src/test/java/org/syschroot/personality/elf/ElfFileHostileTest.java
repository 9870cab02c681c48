// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.syschroot.testing.Dose;

@Timeout(120)
class ElfFileHostileTest {
  private static final long SEED = Long.getLong("syschroot.fuzz.seed", 20240229);

  @Test
  void read_builtFileCutAtEveryLength_isResultOrFormatException() throws IOException {
    ElfBuilder builder = ElfBuilder.x86().interpreter("/lib/ld.so").needed("liba.so").runpath("/x");
    byte[] note = builder.note(1, 4, builder.ints(0, 3, 2, 0));
    byte[] bytes = builder.segment(4, note, 4).build();
    for (int length = 0; length < bytes.length; length++) {
      // All of this file is mapped by PT_LOAD, so no prefix of it is well formed.
      assertThat(tryRead(bytes, length, "length " + length)).isEmpty();
    }
    assertThat(tryRead(bytes, bytes.length, "whole")).isPresent();
  }

  @Test
  void read_smallBinaryCutAtEveryLength_isResultOrFormatException() throws IOException {
    Optional<Path> smallest =
        HostBinaries.sample(40).stream().min(Comparator.comparingLong(f -> f.toFile().length()));
    assumeTrue(smallest.isPresent(), "no ELF files on this machine");
    byte[] bytes = Files.readAllBytes(smallest.get());
    for (int length = 0; length < bytes.length; length++) {
      Optional<ElfFile> file = tryRead(bytes, length, smallest.get() + " cut at " + length);
      assertThat(length < 64 && file.isPresent()).isFalse();
    }
    assertThat(tryRead(bytes, bytes.length, "whole")).isPresent();
  }

  @Test
  void read_mutatedHostBinaries_isResultOrFormatException() throws IOException {
    List<Path> files = HostBinaries.shellAndLibraries();
    assumeTrue(!files.isEmpty(), "no /bin/sh on this machine");
    int count = Dose.of(5000, 100_000);
    int readable = 0;
    for (int f = 0; f < files.size(); f++) {
      byte[] original = Files.readAllBytes(files.get(f));
      Mutations mutations = new Mutations(original);
      for (int i = f; i < count; i += files.size()) {
        long seed = SEED + i;
        byte[] mutated = mutations.mutate(new Random(seed));
        if (tryRead(mutated, mutated.length, files.get(f) + " seed " + seed).isPresent()) {
          readable++;
        }
        mutations.restore(mutated);
      }
    }
    // Both outcomes have to be common, or the mutations miss what is read.
    assertThat(readable).as("seed %d", SEED).isBetween(count / 20, count * 19 / 20);
  }

  @Test
  void read_mutatedBuiltFiles_isResultOrFormatException() {
    int count = Dose.of(5000, 100_000);
    for (int i = 0; i < count; i++) {
      Random random = new Random(SEED + i);
      ElfBuilder builder =
          new ElfBuilder(
              ElfClass.values()[random.nextInt(2)],
              random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
      if (random.nextInt(4) == 0) {
        builder.sections();
      } else {
        builder.needed("liba.so").interpreter("/ld").rpath("/a:/b");
      }
      byte[] property = builder.note(5, 8, builder.ints(0xc0008002, 4, 1, 0));
      byte[] bytes = builder.segment(4, property, 8).build();
      for (int n = random.nextInt(4); n >= 0; n--) {
        bytes[random.nextInt(bytes.length)] = Mutations.value(random);
      }
      tryRead(bytes, bytes.length, "built file, seed " + (SEED + i));
    }
  }

  private static Optional<ElfFile> tryRead(byte[] bytes, int length, String what) {
    try {
      return Optional.of(ElfFile.read(new BytesChannel(bytes, length), "test"));
    } catch (ElfFormatException e) {
      return Optional.empty();
    } catch (IOException | RuntimeException | Error e) {
      return fail(what, e);
    }
  }

  /** Changes bytes where the reader looks, and some elsewhere. */
  private static final class Mutations {
    private static final int HEAD = 1024;
    private final byte[] original;
    private final byte[] work;
    private final int dynamic;

    Mutations(byte[] original) {
      this.original = original;
      this.work = original.clone();
      this.dynamic = findDynamic();
    }

    byte[] mutate(Random random) {
      for (int n = random.nextInt(8); n >= 0; n--) {
        int index =
            switch (random.nextInt(4)) {
              case 0 -> random.nextInt(Math.min(64, work.length));
              case 1 -> Math.min(work.length - 1, dynamic + random.nextInt(512));
              case 2 -> random.nextInt(work.length);
              default -> random.nextInt(Math.min(HEAD, work.length));
            };
        int length = Math.min(1 + random.nextInt(4), work.length - index);
        for (int i = 0; i < length; i++) {
          work[index + i] = value(random);
        }
      }
      return work;
    }

    void restore(byte[] mutated) {
      System.arraycopy(original, 0, mutated, 0, original.length);
    }

    static byte value(Random random) {
      return switch (random.nextInt(4)) {
        case 0 -> (byte) 0xff;
        case 1 -> 0;
        default -> (byte) random.nextInt();
      };
    }

    /** Finds p_offset of PT_DYNAMIC in a little-endian ELF64 file, else the start of the file. */
    private int findDynamic() {
      ByteBuffer b = ByteBuffer.wrap(original);
      b.order(ByteOrder.LITTLE_ENDIAN);
      for (int at = 64; at + 56 <= Math.min(HEAD, original.length); at += 56) {
        if (b.getInt(at) == 2) {
          return (int) Math.max(0, Math.min(b.getLong(at + 8), original.length - 1));
        }
      }
      return 0;
    }
  }
}
