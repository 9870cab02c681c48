// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ElfFileTest {
  private static final int PT_NOTE = 4;

  static Stream<Arguments> layouts() {
    return Arrays.stream(ElfClass.values())
        .flatMap(
            c ->
                Stream.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)
                    .map(order -> Arguments.of(c, order)));
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void read_programOfAnyLayout_findsAllFields(ElfClass elfClass, ByteOrder order) throws Exception {
    ElfBuilder builder = new ElfBuilder(elfClass, order).type(2).machine(62);
    byte[] abi = builder.note(1, 4, builder.ints(0, 3, 2, 17));
    byte[] id = builder.note(3, 4, new byte[] {(byte) 0xbe, 0x0f, 1, 2, 3});
    byte[] property =
        builder.note(5, elfClass == ElfClass.ELFCLASS64 ? 8 : 4, isa(builder, 0b0111));
    ElfFile file =
        BytesChannel.readElf(
            builder
                .interpreter("/lib/ld.so")
                .needed("libb.so", "liba.so")
                .soname("me.so")
                .rpath("/r:$ORIGIN")
                .runpath("/x::/y:")
                .segment(PT_NOTE, concat(id, abi), 4)
                .segment(PT_NOTE, property, elfClass == ElfClass.ELFCLASS64 ? 8 : 4)
                .build());

    assertThat(file.elfClass()).isEqualTo(elfClass);
    assertThat(file.byteOrder()).isEqualTo(order);
    assertThat(file.type()).isEqualTo(ElfType.ET_EXEC);
    assertThat(file.machine()).isEqualTo(ElfMachine.EM_X86_64);
    assertThat(file.interpreter()).contains("/lib/ld.so");
    assertThat(file.needed()).containsExactly("libb.so", "liba.so");
    assertThat(file.soname()).contains("me.so");
    assertThat(file.rpath()).containsExactly("/r", "$ORIGIN");
    assertThat(file.runpath()).containsExactly("/x", "", "/y", "");
    assertThat(file.buildId()).contains("be0f010203");
    assertThat(file.abiTag()).contains(new AbiTag(AbiTag.Os.LINUX, new KernelVersion(3, 2, 17)));
    assertThat(file.x86IsaNeeded()).contains(X86IsaLevel.V3);
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void read_noProgramHeaders_findsNotesBySections(ElfClass elfClass, ByteOrder order)
      throws Exception {
    ElfBuilder builder = new ElfBuilder(elfClass, order).type(1).sections();
    byte[] abi = builder.note(1, 4, builder.ints(0, 2, 6, 32));

    ElfFile file = BytesChannel.readElf(builder.segment(PT_NOTE, abi, 4).build());

    assertThat(file.type()).isEqualTo(ElfType.ET_REL);
    assertThat(file.abiTag().orElseThrow().minimumKernel()).hasToString("2.6.32");
  }

  @ParameterizedTest
  @CsvSource({"1, BASELINE", "3, V2", "4, V3", "15, V4", "17, BASELINE", "16, "})
  void x86IsaNeeded_bits_isHighestKnownLevel(int bits, X86IsaLevel expected) throws Exception {
    ElfBuilder builder = ElfBuilder.x86();
    byte[] property = builder.note(5, 8, isa(builder, bits));
    ElfFile file = BytesChannel.readElf(builder.segment(PT_NOTE, property, 8).build());
    assertThat(file.x86IsaNeeded().orElse(null)).isEqualTo(expected);
  }

  @Test
  void x86IsaNeeded_afterOtherProperties_isFoundByAlignment() throws Exception {
    ElfBuilder builder = ElfBuilder.x86();
    byte[] desc = concat(builder.ints(0xc0000002, 4, 3, 0), isa(builder, 1));
    ElfFile file =
        BytesChannel.readElf(builder.segment(PT_NOTE, builder.note(5, 8, desc), 8).build());
    assertThat(file.x86IsaNeeded()).contains(X86IsaLevel.BASELINE);
  }

  @Test
  void x86IsaNeeded_otherMachine_isEmpty() throws Exception {
    ElfBuilder builder = ElfBuilder.x86().machine(183);
    byte[] property = builder.note(5, 8, isa(builder, 1));
    ElfFile file = BytesChannel.readElf(builder.segment(PT_NOTE, property, 8).build());
    assertThat(file.x86IsaNeeded()).isEmpty();
  }

  @Test
  void buildId_afterNoteWithOddSizeAtAlignment8_isFound() throws Exception {
    ElfBuilder builder = ElfBuilder.x86();
    byte[] notes = concat(builder.note(99, 8, new byte[9]), builder.note(3, 8, new byte[] {7}));
    ElfFile file = BytesChannel.readElf(builder.segment(PT_NOTE, notes, 8).build());
    assertThat(file.buildId()).contains("07");
  }

  @Test
  void machine_unknownNumber_keepsNumber() throws Exception {
    ElfFile file = BytesChannel.readElf(ElfBuilder.x86().machine(0xfff0).build());
    assertThat(file.machine()).isEqualTo(ElfMachine.OTHER);
    assertThat(file.machineNumber()).isEqualTo(0xfff0);
  }

  @Test
  void read_staticProgram_needsNothing() throws Exception {
    ElfFile file = BytesChannel.readElf(ElfBuilder.x86().type(2).build());
    assertThat(file.interpreter()).isEmpty();
    assertThat(file.needed()).isEmpty();
    assertThat(file.abiTag()).isEmpty();
  }

  @Test
  void read_neededWithoutStringTable_saysSo() {
    assertMalformed(ElfBuilder.x86().needed("liba.so").withoutStringTable().tag(0, 0).build())
        .hasMessageContaining("DT_NEEDED without DT_STRTAB");
  }

  @Test
  void read_neededPastStringTable_saysSo() {
    assertMalformed(ElfBuilder.x86().tag(1, -1L).build()).hasMessageContaining("DT_NEEDED names");
    assertMalformed(ElfBuilder.x86().tag(1, 5000).build()).hasMessageContaining("DT_NEEDED names");
  }

  @Test
  void read_stringTableInNoSegment_saysSo() {
    assertMalformed(ElfBuilder.x86().withoutStringTable().tag(1, 1).tag(5, -8L).tag(0, 0).build())
        .hasMessageContaining("is in no PT_LOAD");
  }

  @Test
  void read_manyTagsForOneLongString_isOverLimit() {
    ElfBuilder builder = ElfBuilder.x86().needed("x".repeat(4000));
    for (int i = 0; i < 2000; i++) {
      builder.tag(1, 1);
    }
    assertMalformed(builder.build()).hasMessageContaining("are over");
  }

  @Test
  void read_overlappingNotes_areOverLimit() {
    ElfBuilder builder = ElfBuilder.x86();
    byte[] bytes = builder.segment(PT_NOTE, new byte[100_000], 4).build();
    byte[] copies = Arrays.copyOf(bytes, bytes.length + 1000 * 56);
    for (int i = 0; i < 1000; i++) {
      System.arraycopy(bytes, 64, copies, bytes.length + i * 56, 56);
    }
    putLong(copies, 32, bytes.length);
    copies[56] = (byte) 1000;
    copies[57] = (byte) (1000 >> 8);
    assertMalformed(copies).hasMessageContaining("over the limit");
  }

  @Test
  void read_extendedCounts_areTakenFromSectionZero() throws Exception {
    byte[] bytes = ElfBuilder.x86().interpreter("/ld").build();
    byte[] more = Arrays.copyOf(bytes, bytes.length + 64);
    putLong(more, 40, bytes.length);
    more[58] = 64;
    more[56] = (byte) 0xff;
    more[57] = (byte) 0xff;
    more[bytes.length + 44] = 2; // sh_info: the two segments
    assertThat(BytesChannel.readElf(more).interpreter()).contains("/ld");

    Arrays.fill(more, bytes.length + 44, bytes.length + 48, (byte) 0xff);
    assertMalformed(more).hasMessageContaining("4294967295 segments");
  }

  @Test
  void read_hugeSectionCount_isOverLimit() {
    byte[] bytes = ElfBuilder.x86().sections().build();
    bytes[60] = 0;
    putLong(bytes, 64 + 32, -1);
    assertMalformed(bytes).hasMessageContaining("sections are over the limit");
  }

  @Test
  void read_programHeadersAtHugeOffset_givesOffset() {
    byte[] bytes = ElfBuilder.x86().build();
    putLong(bytes, 32, -16);
    assertMalformed(bytes)
        .asInstanceOf(InstanceOfAssertFactories.type(ElfFormatException.class))
        .returns(-16L, ElfFormatException::offset)
        .returns("test", ElfFormatException::file)
        .extracting(ElfFormatException::getMessage)
        .asString()
        .startsWith("test: offset 18446744073709551600: program header table");
  }

  @Test
  void read_badIdent_isMalformed() {
    for (int index : new int[] {0, 4, 5, 6}) {
      byte[] bytes = ElfBuilder.x86().build();
      bytes[index] = 9;
      assertMalformed(bytes);
    }
  }

  @Test
  void read_interpreterWithoutNul_isMalformed() {
    assertMalformed(ElfBuilder.x86().segment(3, new byte[] {'/', 'x'}, 1).build())
        .hasMessageContaining("NUL");
  }

  @Test
  void read_notRegular_isMalformed(@TempDir Path dir) {
    assertThatThrownBy(() -> ElfFile.read(dir)).isInstanceOf(ElfFormatException.class);
    assertThatThrownBy(() -> ElfFile.read(dir.resolve("none")))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void isElf_files_looksAtMagic(@TempDir Path dir) throws IOException {
    Path elf = Files.write(dir.resolve("elf"), ElfBuilder.x86().build());
    Path text = Files.writeString(dir.resolve("text"), "#!/bin/sh\n");
    Path empty = Files.write(dir.resolve("empty"), new byte[0]);
    assertThat(ElfFile.isElf(elf)).isTrue();
    assertThat(ElfFile.isElf(text)).isFalse();
    assertThat(ElfFile.isElf(empty)).isFalse();
    assertThat(ElfFile.isElf(dir)).isFalse();
  }

  private static AbstractThrowableAssert<?, ?> assertMalformed(byte[] bytes) {
    return assertThatThrownBy(() -> BytesChannel.readElf(bytes))
        .isExactlyInstanceOf(ElfFormatException.class);
  }

  private static byte[] isa(ElfBuilder builder, int bits) {
    return builder.ints(0xc0008002, 4, bits, 0);
  }

  private static byte[] concat(byte[] first, byte[] second) {
    // The second note starts at the alignment the first was padded to.
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static void putLong(byte[] bytes, int index, long value) {
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(index, value);
  }
}
