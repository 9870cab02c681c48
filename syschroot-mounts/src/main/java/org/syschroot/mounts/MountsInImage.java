// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.syschroot.kernel.Kernel;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStatus;
import org.syschroot.mountplan.MountStatus.State;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.files.PathResolver;
import org.syschroot.mounts.table.MountEntry;
import org.syschroot.mounts.table.MountTable;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

/**
 * All that is mounted in an image, by one reading of the mount table: what is planned, what was
 * made by settings of before, and what others have mounted. For one thread.
 */
final class MountsInImage {
  private static final OsString SLASH = OsString.of("/");

  private final MountTable table;
  private final MountRecord record;
  private final OsString root;
  private final List<MountStatus> planned = new ArrayList<>();
  private final List<TargetSurvey.Finding> foreign = new ArrayList<>();
  private final Set<MountEntry> tops = new LinkedHashSet<>();
  private final List<MountEntry> once = new ArrayList<>();
  private final List<MountEntry> others = new ArrayList<>();
  private final Takedown takedown;

  /**
   * Looks.
   *
   * @param selection what is planned
   * @param record what was made
   */
  MountsInImage(
      Kernel kernel,
      PathResolver resolver,
      int imageRoot,
      MountSelection selection,
      MountRecord record)
      throws IOException {
    this.table = MountTable.read(kernel);
    this.record = record;
    Descriptor top = new Descriptor(kernel, imageRoot);
    this.root = top.path();
    TargetSurvey survey = new TargetSurvey(kernel, resolver, imageRoot, table);
    for (MountSelection.Mount mount : selection.mounts()) {
      add(survey.of(mount));
    }
    for (MountSelection.Skipped skipped : selection.skipped()) {
      addStale(survey, new MountSelection.Mount(skipped.step(), true));
    }
    Set<MountEntry> inside = inside(top.mountId());
    addOnce(survey, inside);
    this.takedown = Takedown.of(table, tops);
    Set<MountEntry> theirs = new LinkedHashSet<>(inside);
    takedown.order().forEach(theirs::remove);
    theirs.addAll(takedown.inTheWay());
    table.byId(top.mountId()).ifPresent(mount -> theirs.removeAll(UnderlayPieces.of(table, mount)));
    for (MountEntry entry : theirs) {
      boolean isTop = table.byId(entry.parent()).filter(theirs::contains).isEmpty();
      if (isTop && !isForeign(entry)) {
        others.add(entry);
      }
    }
  }

  private void add(TargetSurvey.Finding finding) {
    planned.add(finding.status());
    if (finding.status().state() == State.FOREIGN) {
      foreign.add(finding);
    } else {
      finding.entry().ifPresent(this::addStack);
    }
  }

  /** What was left out is told if it is stale, because its source on the host is as stale. */
  private void addStale(TargetSurvey survey, MountSelection.Mount skipped) {
    try {
      TargetSurvey.Finding finding = survey.of(skipped);
      if (finding.status().state() == State.STALE) {
        add(finding);
      }
    } catch (IOException unseen) {
      // Its target cannot be looked at. It is not planned, so nobody has to know.
    }
  }

  /** The same mount made twice, by a script that did not look: both have to go. */
  private void addStack(MountEntry top) {
    Optional<MountEntry> next = Optional.of(top);
    while (next.isPresent()) {
      MountEntry entry = next.get();
      tops.add(entry);
      next = table.byId(entry.parent()).filter(below -> isInThePlaceOf(entry, below));
    }
  }

  /** Returns what is mounted on the tree, each before those on it; then what is hidden there. */
  private Set<MountEntry> inside(long rootMount) {
    OsString beneath = root.equals(SLASH) ? root : root.plus(SLASH);
    Set<MountEntry> inside = new LinkedHashSet<>();
    Optional<MountEntry> holder = table.byId(rootMount);
    for (MountEntry child : holder.map(table::children).orElse(List.of())) {
      if (child.target().startsWith(beneath) && child.id() != holder.get().id()) {
        inside.addAll(table.tree(child));
      }
    }
    for (MountEntry entry : table.entries()) {
      if (entry.target().startsWith(beneath) && entry.target().length() > beneath.length()) {
        inside.add(entry);
      }
    }
    return inside;
  }

  private void addOnce(TargetSurvey survey, Set<MountEntry> inside) throws IOException {
    Set<MountEntry> made = new LinkedHashSet<>();
    inside.stream().filter(record::has).forEach(made::add);
    for (BindMount intended : record.intended()) {
      TargetSurvey.Finding finding = survey.of(new MountSelection.Mount(intended, true));
      if (finding.status().state() == State.MOUNTED) {
        finding.entry().ifPresent(made::add);
      }
    }
    made.stream().filter(entry -> !isSeen(entry) && !isForeign(entry)).forEach(once::add);
    tops.addAll(made);
  }

  /** Whether it is a planned mount, or its copy in a mount that another one hides. */
  private boolean isSeen(MountEntry entry) {
    return tops.stream().anyMatch(top -> isInThePlaceOf(top, entry));
  }

  private static boolean isInThePlaceOf(MountEntry one, MountEntry other) {
    return one.target().equals(other.target()) && one.showsTheSameAs(other);
  }

  private boolean isForeign(MountEntry entry) {
    return foreign.stream().anyMatch(finding -> finding.entry().filter(entry::equals).isPresent());
  }

  /** Returns the state of each planned mount in order, then the extra mounts. */
  List<MountStatus> status() {
    List<MountStatus> all = new ArrayList<>(planned);
    for (MountEntry entry : once) {
      all.add(
          extra(
              entry,
              isHidden(entry)
                  ? "configured, but hidden by another mount: unmount that one first"
                  : "no longer configured; \"syschroot umount\" unmounts it"));
    }
    for (MountEntry entry : others) {
      all.add(extra(entry, "not mounted by syschroot: " + entry.shown()));
    }
    return List.copyOf(all);
  }

  /** Returns whether what can be seen in its place is foreign. */
  private boolean isHidden(MountEntry entry) {
    ImagePath target = inImage(entry);
    return planned.stream()
        .anyMatch(each -> each.state() == State.FOREIGN && each.target().equals(target));
  }

  private MountStatus extra(MountEntry entry, String detail) {
    return new MountStatus(inImage(entry), Optional.empty(), State.EXTRA, detail, true);
  }

  private ImagePath inImage(MountEntry entry) {
    int length = root.equals(SLASH) ? 0 : root.length();
    return ImagePath.of(entry.target().slice(length, entry.target().length()));
  }

  /** Returns where the image's own mounts are, those of before included. */
  List<ImagePath> own() {
    return tops.stream().map(this::inImage).distinct().toList();
  }

  /** Returns what has to go with the image's mounts. */
  Takedown takedown() {
    return takedown;
  }

  /** Returns why mounts stay that are not the image's own. */
  List<MountException> refusals() {
    List<MountException> refusals = new ArrayList<>();
    for (TargetSurvey.Finding finding : foreign) {
      MountStatus status = finding.status();
      boolean goes = finding.entry().filter(takedown.order()::contains).isPresent();
      if (!goes) {
        refusals.add(
            new MountException(
                "will not unmount "
                    + status.target()
                    + " in the image, because it is not the configured mount "
                    + status.text()
                    + ": "
                    + status.detail()));
      }
    }
    for (MountEntry entry : others) {
      if (!takedown.order().contains(entry)) {
        refusals.add(
            new MountException(
                "will not unmount "
                    + entry.target()
                    + ", which was not mounted by syschroot: "
                    + entry.shown()));
      }
    }
    return refusals;
  }

  MountTable table() {
    return table;
  }
}
