// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.files.TextLines;
import org.syschroot.doctor.finding.Finding;

/**
 * Sources of accounts and host names (nsswitch.conf(5)) that the native system asks and the image
 * does not, or cannot for lack of a module or of the daemon's socket.
 */
final class NameServices implements Check {
  private static final String FILE = "/etc/nsswitch.conf";
  private static final List<String> DATABASES =
      List.of("passwd", "group", "hosts", "netgroup", "automount");

  private static final int LONGEST_LINE = 4096;

  /** What is built in, or only adds names of this machine or of its own accounts. */
  private static final Set<String> HARMLESS =
      Set.of("files", "compat", "db", "systemd", "myhostname", "mymachines", "resolve", "usrfiles");

  /** Where the daemons behind the modules listen. */
  private static final Map<String, String> SOCKETS =
      Map.of("sss", "/var/lib/sss/pipes", "ldap", "/run/nslcd", "winbind", "/run/samba/winbindd");

  @Override
  public List<Finding> examine(Examination examination) {
    if (examination.binaries().libc().isEmpty()) {
      return List.of();
    }
    Map<String, Set<String>> host = parse(examination.host().text(FILE).orElse(""));
    Map<String, Set<String>> image = parse(examination.inside().text(FILE).orElse(""));
    List<String> notAsked = new ArrayList<>();
    Set<String> withoutModule = new LinkedHashSet<>();
    Set<String> withoutSocket = new LinkedHashSet<>();
    for (String database : DATABASES) {
      for (String service : host.getOrDefault(database, Set.of())) {
        if (!matters(database, service, examination)) {
          continue;
        }
        boolean asked = image.getOrDefault(database, standard(database)).contains(service);
        if (!asked) {
          notAsked.add(database + ": " + service);
        } else if (!hasModule(examination, service)) {
          withoutModule.add(service);
        }
        String socket = SOCKETS.get(service);
        if (socket != null
            && examination.host().find(socket).isPresent()
            && !examination.inside().isMounted(socket)) {
          withoutSocket.add(socket);
        }
      }
    }
    List<Finding> findings = new ArrayList<>();
    if (!notAsked.isEmpty()) {
      findings.add(
          Finding.warning("name-service-differs")
              .effect("accounts or hostnames of the host are unknown in the image")
              .cause(
                  "on the host, "
                      + FILE
                      + " asks "
                      + String.join(", ", notAsked)
                      + ", that of the image does not")
              .remedy("copy these lines of /etc/nsswitch.conf into /etc/nsswitch.conf of the image")
              .path(examination.inside().shown(FILE))
              .build());
    }
    if (!withoutModule.isEmpty()) {
      findings.add(
          Finding.warning("name-service-module-missing")
              .effect(
                  "accounts or hostnames of "
                      + String.join(", ", withoutModule)
                      + " are unknown in the image")
              .cause(
                  FILE
                      + " names them, and the image has no libnss_"
                      + String.join(".so.2, no libnss_", withoutModule)
                      + ".so.2")
              .remedy(
                  "install the modules in the image: libnss-sss, libnss-ldapd, nss-pam-ldapd,"
                      + " libnss-mdns ...")
              .path(examination.inside().shown(FILE))
              .build());
    }
    if (!withoutSocket.isEmpty()) {
      Finding.Builder finding =
          Finding.warning("name-service-socket-missing")
              .effect(
                  "the image cannot reach the name service daemon of the host, and does not know"
                      + " its accounts")
              .cause(
                  "the socket of the daemon is in "
                      + String.join(", ", withoutSocket)
                      + ", which is not mounted in the image")
              .remedy(
                  "add "
                      + withoutSocket.stream()
                          .map(mount -> "\"" + mount + "\"")
                          .collect(Collectors.joining(", "))
                      + " to mounts, then: syschroot mount "
                      + examination.image().name());
      withoutSocket.forEach(finding::mount);
      findings.add(finding.build());
    }
    return findings;
  }

  /** Returns whether a service can tell anything here: none of NIS if its domain is not set. */
  private static boolean matters(String database, String service, Examination examination) {
    if (HARMLESS.contains(service)) {
      return false;
    }
    if (service.equals("nis") || service.equals("nisplus")) {
      String domain = examination.host().text("/proc/sys/kernel/domainname").orElse("").strip();
      return !domain.isEmpty() && !domain.equals("(none)");
    }
    return !database.equals("netgroup") || !service.equals("db");
  }

  private static Set<String> standard(String database) {
    return database.equals("hosts") ? Set.of("files", "dns") : Set.of("files");
  }

  private static boolean hasModule(Examination examination, String service) {
    if (service.equals("dns") || HARMLESS.contains(service)) {
      return true; // always with libc
    }
    String name = "libnss_" + service + ".so.2";
    return examination.binaries().loadable().stream()
        .anyMatch(library -> library.name().equals(name));
  }

  static Map<String, Set<String>> parse(String text) {
    Map<String, Set<String>> databases = new HashMap<>();
    for (String line : new TextLines(text)) {
      if (line.length() > LONGEST_LINE) {
        continue;
      }
      String content = line.replaceFirst("#.*", "");
      int colon = content.indexOf(':');
      if (colon > 0) {
        Set<String> services = new LinkedHashSet<>();
        String list = content.substring(colon + 1).replaceAll("\\[[^\\]]*\\]", " ");
        for (String service : list.strip().split("\\s+")) {
          if (service.matches("[A-Za-z0-9_-]+")) {
            services.add(service);
          }
        }
        databases.put(content.substring(0, colon).strip(), services);
      }
    }
    return databases;
  }
}
