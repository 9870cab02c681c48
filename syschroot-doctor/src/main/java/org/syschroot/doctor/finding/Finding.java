// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.finding;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.syschroot.image.Image;
import org.syschroot.image.SharedItem;

/**
 * Something that will go wrong in an image. Immutable.
 *
 * @param id what kind of finding it is; the same in all releases
 * @param severity how bad it is
 * @param effect what will happen
 * @param cause why
 * @param remedy what to do about it
 * @param paths the files it is about, on the native system; the first ones if there are many
 * @param mounts what would mend it when added to the image's {@code mounts}
 * @param items what would mend it when the image followed the host in it
 */
public record Finding(
    String id,
    Severity severity,
    String effect,
    String cause,
    String remedy,
    List<String> paths,
    List<String> mounts,
    List<SharedItem> items) {
  private static final Pattern ID = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");
  private static final int MOST_PATHS = 10;
  private static final int LONGEST_TEXT = 4_000;
  private static final int LONGEST_PATH = 20_000; // PATH_MAX, each byte escaped

  /**
   * Copies the lists.
   *
   * @throws IllegalArgumentException if the id is not of lower-case words joined by hyphens
   */
  public Finding {
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException("\"" + id + "\" is not an id of a finding");
    }
    paths = List.copyOf(paths);
    mounts = List.copyOf(mounts);
    items = List.copyOf(items);
  }

  /** Begins a finding of severity error. */
  public static Builder error(String id) {
    return new Builder(id, Severity.ERROR);
  }

  /** Begins a finding of severity warning. */
  public static Builder warning(String id) {
    return new Builder(id, Severity.WARNING);
  }

  /** Begins a finding of severity notice. */
  public static Builder notice(String id) {
    return new Builder(id, Severity.NOTICE);
  }

  /** Begins a finding. */
  public static Builder of(Severity severity, String id) {
    return new Builder(id, severity);
  }

  /** Builder of a finding. Not thread-safe. */
  public static final class Builder {
    private final String id;
    private final Severity severity;
    private String effect = "";
    private String cause = "";
    private String remedy = "";
    private final List<String> paths = new ArrayList<>();
    private final List<String> mounts = new ArrayList<>();
    private final List<SharedItem> items = new ArrayList<>();

    private Builder(String id, Severity severity) {
      this.id = id;
      this.severity = severity;
    }

    /** Sets the effect: what will fail. */
    public Builder effect(String text) {
      effect = text;
      return this;
    }

    /** Sets the cause. */
    public Builder cause(String text) {
      cause = text;
      return this;
    }

    /** Sets the fix. */
    public Builder remedy(String text) {
      remedy = text;
      return this;
    }

    /** Adds a file that it is about. */
    public Builder path(String path) {
      paths.add(path);
      return this;
    }

    /** Adds files that it is about. */
    public Builder paths(List<String> more) {
      paths.addAll(more);
      return this;
    }

    /** Adds a mount that would mend it. */
    public Builder mount(String mount) {
      mounts.add(mount);
      return this;
    }

    /**
     * Says that it is mended when the image follows the host in something, and how that is set; if
     * it does already, how its files are brought up to date.
     */
    public Builder follow(Image image, SharedItem item) {
      boolean follows =
          item == SharedItem.ACCOUNTS
              ? image.consistency().accounts().isPresent()
              : image.consistency().has(item);
      if (follows) {
        return remedy("syschroot sync " + image.name());
      }
      items.add(item);
      return remedy(
          "set "
              + ProposedSettings.of(image, List.of(item)).get(0)
              + ", then: syschroot sync "
              + image.name());
    }

    /** Returns the finding, with the first ten paths; overlong texts lose their end. */
    public Finding build() {
      List<String> first =
          paths.stream().limit(MOST_PATHS).map(path -> cut(path, LONGEST_PATH)).toList();
      return new Finding(
          id,
          severity,
          cut(effect, LONGEST_TEXT),
          cut(cause, LONGEST_TEXT),
          cut(remedy, LONGEST_TEXT),
          first,
          mounts,
          items);
    }

    /** What an image holds is in these texts, and can be as long as it likes. */
    private static String cut(String text, int length) {
      return text.length() > length ? text.substring(0, length) + "..." : text;
    }
  }
}
