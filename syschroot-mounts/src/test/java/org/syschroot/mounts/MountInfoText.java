// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.syschroot.mounts.table.MountEntry;
import org.syschroot.path.OsString;

/** Writes mountinfo as the kernel does, fs/proc_namespace.c, and makes entries at random. */
public final class MountInfoText {
  private final ByteArrayOutputStream text = new ByteArrayOutputStream();

  private MountInfoText() {}

  public static byte[] print(List<MountEntry> entries) {
    MountInfoText printer = new MountInfoText();
    entries.forEach(printer::line);
    return printer.text.toByteArray();
  }

  private void line(MountEntry entry) {
    plain(entry.id() + " " + entry.parent() + " ");
    escaped(entry.device(), ' ');
    escaped(entry.root(), ' ');
    escaped(entry.target(), ' ');
    escaped(entry.options(), ' ');
    entry.optionalFields().forEach(field -> escaped(field, ' '));
    plain("- ");
    escaped(entry.type(), ' ');
    escaped(entry.source(), ' ');
    escaped(entry.superOptions(), '\n');
  }

  private void plain(String ascii) {
    text.writeBytes(OsString.of(ascii).toBytes());
  }

  private void escaped(OsString value, char end) {
    for (byte b : value.toBytes()) {
      // The last field is written by the file system, which need not escape blanks.
      boolean blankInLast = b == ' ' && end == '\n';
      if (!blankInLast && " \t\n\\#".indexOf(b) >= 0) {
        plain(String.format("\\%03o", b));
      } else {
        text.write(b);
      }
    }
    text.write(end);
  }

  public static List<MountEntry> random(SplittableRandom random) {
    List<MountEntry> entries = new ArrayList<>();
    for (int i = random.nextInt(40); i > 0; i--) {
      entries.add(entry(random));
    }
    return entries;
  }

  private static MountEntry entry(SplittableRandom random) {
    List<OsString> fields = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      fields.add(OsString.of(random.nextBoolean() ? "shared:" : "master:").plus(word(random, 1)));
    }
    return new MountEntry(
        random.nextInt(Integer.MAX_VALUE),
        random.nextInt(1000),
        few(random, "0:5", "254:0", "0:1048575"),
        OsString.of("/").plus(word(random, 0)),
        OsString.of("/").plus(word(random, 0)),
        few(random, "rw", "ro,nosuid"),
        fields,
        few(random, "ext4", "fuse.some thing"),
        random.nextInt(4) == 0 ? OsString.of("") : word(random, 0),
        random.nextBoolean() ? OsString.of("rw, odd = 1") : word(random, 0));
  }

  private static OsString few(SplittableRandom random, String... choices) {
    return OsString.of(choices[random.nextInt(choices.length)]);
  }

  private static OsString word(SplittableRandom random, int least) {
    byte[] bytes = new byte[least + random.nextInt(12)];
    for (int i = 0; i < bytes.length; i++) {
      byte[] odd = {' ', '\t', '\n', '\\', '#', '-', '1', ':', (byte) 0xe9, (byte) 0xff};
      bytes[i] =
          random.nextBoolean() ? odd[random.nextInt(odd.length)] : (byte) (1 + random.nextInt(255));
    }
    return OsString.ofBytes(bytes);
  }
}
