// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.submit;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.syschroot.batch.BatchLauncher;
import org.syschroot.batch.HtCondor;
import org.syschroot.batch.Scheduler;
import org.syschroot.cli.frame.GlobalOptions;
import org.syschroot.cli.frame.OwnProcess;
import org.syschroot.cli.frame.Site;
import org.syschroot.image.Image;
import org.syschroot.path.OsString;
import org.syschroot.quote.ShellQuote;

/** Scripts for the nodes of a cluster, with the paths of this installation. */
final class NodeScripts {
  private final Site site;
  private final GlobalOptions global;

  NodeScripts(Site site, GlobalOptions global) {
    this.site = site;
    this.global = global;
  }

  /** Returns the script that checks images, and their digests if there is a file of these. */
  String nodeCheck(Scheduler scheduler, List<String> images, Optional<String> digests) {
    StringBuilder status = new StringBuilder(quote(OwnProcess.startScript())).append(" status");
    if (global.configIsGiven()) {
      status.append(" --config ").append(quote(global.config().toString()));
    }
    digests.ifPresent(file -> status.append(" --digests ").append(quote(file)));
    images.forEach(image -> status.append(' ').append(image));
    return scheduler.nodeCheck().replace("@STATUS@", status.toString());
  }

  String jobWrapper() throws IOException {
    String launchers =
        site.images().stream()
            .filter(image -> BatchLauncher.ofImage(image).isPresent())
            .map(NodeScripts::branch)
            .collect(Collectors.joining("\n"));
    return HtCondor.jobWrapper().replace("@LAUNCHERS@", launchers);
  }

  private static String branch(Image image) {
    String launcher = BatchLauncher.ofImage(image).get().path().toString();
    return "    " + image.name() + ") exec " + quote(launcher) + " \"$@\" ;;";
  }

  private static String quote(String word) {
    return ShellQuote.of(OsString.of(word)).toString();
  }
}
