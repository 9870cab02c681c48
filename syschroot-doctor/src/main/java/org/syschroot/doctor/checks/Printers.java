// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.image.SharedItem;

/** Programs of the image that print, and do not reach the native system's CUPS (client.conf(5)). */
final class Printers implements Check {
  private static final String SETTINGS = "/etc/cups/client.conf";
  private static final List<String> SOCKETS =
      List.of("/run/cups/cups.sock", "/var/run/cups/cups.sock");
  private static final Pattern SERVER = Pattern.compile("(?mi)^[ \\t]*+ServerName[ \\t]++(\\S++)");

  @Override
  public List<Finding> examine(Examination examination) {
    boolean prints =
        examination.binaries().loadable().stream()
            .anyMatch(library -> library.name().startsWith("libcups.so"));
    if (!prints) {
      return List.of();
    }
    Optional<String> wanted = server(examination.host());
    if (!wanted.equals(server(examination.inside())) && wanted.isPresent()) {
      return List.of(
          finding(examination)
              .cause(
                  "on the host, "
                      + SETTINGS
                      + " names the server "
                      + wanted.get()
                      + ", the image's does not")
              .path(examination.inside().shown(SETTINGS))
              .build());
    }
    boolean hasServer = server(examination.inside()).isPresent();
    if (wanted.isEmpty()
        && !hasServer
        && hasSocket(examination.host())
        && !hasSocket(examination.inside())) {
      return List.of(
          finding(examination)
              .cause(
                  "the print server of the host listens on /run/cups/cups.sock, which is not"
                      + " mounted in the image")
              .path(examination.inside().shown("/run/cups"))
              .build());
    }
    return List.of();
  }

  private static Finding.Builder finding(Examination examination) {
    return Finding.warning("printers-differ")
        .effect("lp, lpstat and print dialogs in the image do not show the printers of the host")
        .follow(examination.image(), SharedItem.PRINTERS);
  }

  private static Optional<String> server(SystemFiles files) {
    Matcher matcher = SERVER.matcher(files.text(SETTINGS).orElse(""));
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  private static boolean hasSocket(SystemFiles files) {
    return SOCKETS.stream().anyMatch(path -> files.find(path).isPresent());
  }
}
