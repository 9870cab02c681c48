// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mountplan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

/**
 * A directory or file of the native system made visible in the image. Immutable.
 *
 * @param source what is to be seen
 * @param target where in the image
 * @param options restrictions and exceptions
 * @param propagation what happens to mounts made later
 */
public record BindMount(
    HostPath source, ImagePath target, Set<MountOption> options, Propagation propagation)
    implements MountStep {
  private static final OsString COLON = OsString.of(":");

  /** Copies the options. */
  public BindMount {
    EnumSet<MountOption> copy = EnumSet.noneOf(MountOption.class);
    copy.addAll(options);
    options = Collections.unmodifiableSet(copy);
  }

  /** Returns a recursive slave bind of a path to the same path. */
  public static BindMount of(HostPath source, MountOption... options) {
    return new BindMount(source, ImagePath.of(source.value()), Set.of(options), Propagation.SLAVE);
  }

  /**
   * Returns the mount that a text {@code SOURCE[:TARGET[:OPTION,...]]} names. A backslash before
   * {@code :} or a backslash makes it part of a path.
   *
   * @throws IllegalArgumentException if a path is not absolute, or an option is unknown
   */
  public static BindMount parse(OsString text) {
    List<OsString> fields = fields(text);
    if (fields.size() > 3) {
      throw new IllegalArgumentException(
          "\"" + text + "\" has too many fields: allowed is SOURCE[:TARGET[:OPTION,...]]");
    }
    HostPath source = HostPath.of(fields.get(0));
    boolean sameTarget = fields.size() == 1 || fields.get(1).isEmpty();
    ImagePath target = ImagePath.of(sameTarget ? source.value() : fields.get(1));
    Set<MountOption> options = EnumSet.noneOf(MountOption.class);
    Propagation propagation = Propagation.SLAVE;
    if (fields.size() == 3) {
      for (String word : fields.get(2).toString().split(",", -1)) {
        MountOption option = option(word);
        if (option != null) {
          options.add(option);
        } else {
          propagation = propagation(word);
        }
      }
    }
    return new BindMount(source, target, options, propagation);
  }

  private static List<OsString> fields(OsString text) {
    List<OsString> fields = new ArrayList<>();
    byte[] field = new byte[text.length()];
    int length = 0;
    for (int i = 0; i < text.length(); i++) {
      byte b = text.at(i);
      if (b == '\\' && i + 1 < text.length() && (text.at(i + 1) == ':' || text.at(i + 1) == '\\')) {
        i++;
        field[length++] = text.at(i);
      } else if (b == ':') {
        fields.add(OsString.ofBytes(Arrays.copyOf(field, length)));
        length = 0;
      } else {
        field[length++] = b;
      }
    }
    fields.add(OsString.ofBytes(Arrays.copyOf(field, length)));
    return fields;
  }

  private static @Nullable MountOption option(String word) {
    for (MountOption option : MountOption.values()) {
      if (option.toString().equals(word)) {
        return option;
      }
    }
    return null;
  }

  private static Propagation propagation(String word) {
    for (Propagation propagation : Propagation.values()) {
      if (propagation.name().toLowerCase(Locale.ROOT).equals(word)) {
        return propagation;
      }
    }
    throw new IllegalArgumentException(
        "\""
            + word
            + "\" is not a mount option: allowed are ro, optional, norbind, private, slave,"
            + " shared, file, nosuid, nodev, noexec");
  }

  /** Returns this mount at another place in the image. */
  public BindMount at(ImagePath place) {
    return new BindMount(source, place, options, propagation);
  }

  /** Returns this mount with one more option. */
  public BindMount with(MountOption option) {
    EnumSet<MountOption> more = EnumSet.of(option);
    more.addAll(options);
    return new BindMount(source, target, more, propagation);
  }

  /** Returns this mount with another propagation. */
  public BindMount with(Propagation other) {
    return new BindMount(source, target, options, other);
  }

  /** Returns whether what is mounted beneath the source comes along. */
  public boolean recursive() {
    return !options.contains(MountOption.NOT_RECURSIVE);
  }

  /** Returns whether it is left out when the source does not exist. */
  public boolean optional() {
    return options.contains(MountOption.OPTIONAL);
  }

  /** Returns whether this mount, being recursive, already shows another one in its place. */
  boolean bringsAlong(BindMount other) {
    return recursive()
        && propagation == other.propagation
        && restrictions().equals(other.restrictions())
        && other.source.startsWith(source)
        && other.target.startsWith(target)
        && other.source.relativeTo(source).equals(other.target.relativeTo(target));
  }

  private Set<MountOption> restrictions() {
    EnumSet<MountOption> restrictions = EnumSet.noneOf(MountOption.class);
    restrictions.addAll(options);
    restrictions.removeAll(
        EnumSet.of(MountOption.OPTIONAL, MountOption.NOT_RECURSIVE, MountOption.FILE));
    return restrictions;
  }

  /** Returns the form of the configuration, from which {@link #parse} makes this mount again. */
  public OsString text() {
    OsString text = escape(source.value());
    String words = optionWords();
    if (!words.isEmpty() || !source.value().equals(target.value())) {
      text = text.plus(COLON).plus(escape(target.value()));
    }
    return words.isEmpty() ? text : text.plus(COLON).plus(OsString.of(words));
  }

  /** Returns the form of the configuration for people to read: {@code /data:/data:ro}. */
  @Override
  public <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X {
    return visitor.bind(this);
  }

  @Override
  public String toString() {
    return text().toString();
  }

  private String optionWords() {
    List<String> words = new ArrayList<>();
    options.forEach(option -> words.add(option.toString()));
    if (propagation != Propagation.SLAVE) {
      words.add(propagation.name().toLowerCase(Locale.ROOT));
    }
    return String.join(",", words);
  }

  private static OsString escape(OsString path) {
    byte[] escaped = new byte[2 * path.length()];
    int length = 0;
    for (byte b : path.toBytes()) {
      if (b == ':' || b == '\\') {
        escaped[length++] = '\\';
      }
      escaped[length++] = b;
    }
    return OsString.ofBytes(Arrays.copyOf(escaped, length));
  }
}
