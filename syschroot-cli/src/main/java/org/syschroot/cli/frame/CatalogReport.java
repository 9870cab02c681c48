// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.frame;

import java.util.List;
import org.syschroot.image.CatalogProblem;
import org.syschroot.image.ImageCatalog;

/**
 * Tells what is wrong in the configuration, one line each, once in a run: as an error where all
 * images were meant, and as a notice where another image was, which is not concerned. For one run.
 */
public final class CatalogReport {
  private static final int MOST_NOTICES = 3;

  private final Console console;
  private boolean done;
  private List<CatalogProblem> errors = List.of();

  public CatalogReport(Console console) {
    this.console = console;
  }

  /** Reports all problems of a catalog whose every image was asked for. */
  public void all(ImageCatalog catalog) {
    if (!done) {
      done = true;
      errors = catalog.problems();
      errors.forEach(problem -> console.error(problem.message()));
    }
  }

  /** Tells of the problems of a catalog that do not concern a name that was asked for. */
  public void others(ImageCatalog catalog, String name) {
    if (done) {
      return;
    }
    done = true;
    if (catalog.problems().isEmpty()) {
      return;
    }
    List<CatalogProblem> others =
        catalog.problems().stream().filter(problem -> !problem.names().contains(name)).toList();
    others.stream().limit(MOST_NOTICES).forEach(problem -> console.notice(problem.message()));
    if (others.size() > MOST_NOTICES) {
      console.notice("and " + (others.size() - MOST_NOTICES) + " more; all: syschroot list");
    }
  }

  /** Returns what {@link #all} reported. */
  public List<CatalogProblem> errors() {
    return errors;
  }
}
