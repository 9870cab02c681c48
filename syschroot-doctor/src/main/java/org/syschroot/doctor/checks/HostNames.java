// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.files.BudgetSpentException;
import org.syschroot.doctor.files.TextLines;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.image.SharedItem;

/** Host names of hosts(5), and name servers of resolv.conf(5), that differ in effect. */
final class HostNames implements Check {
  private static final String HOSTS = "/etc/hosts";
  private static final String RESOLVER = "/etc/resolv.conf";
  private static final int MOST_NAMED = 8;
  private static final int MOST_NAMES = 100_000;
  private static final int MOST_SERVERS = 1_000;

  @Override
  public List<Finding> examine(Examination examination) {
    List<Finding> findings = new ArrayList<>();
    List<String> different = differentHosts(examination);
    if (!different.isEmpty()) {
      findings.add(
          Finding.warning("hosts-differ")
              .effect(
                  "hostnames are unknown in the image, or have other addresses than on the host: "
                      + String.join(
                          ", ", different.subList(0, Math.min(MOST_NAMED, different.size()))))
              .cause("/etc/hosts of host and image differ for these names")
              .follow(examination.image(), SharedItem.HOSTS)
              .path(examination.inside().shown(HOSTS))
              .build());
    }
    List<String> native_ = resolver(examination.host().text(RESOLVER).orElse(""));
    if (!native_.equals(resolver(examination.inside().text(RESOLVER).orElse("")))) {
      findings.add(
          Finding.warning("resolver-differs")
              .effect("hostnames are resolved by other servers than on the host, or not at all")
              .cause(
                  "/etc/resolv.conf of host and image differ in name servers, search list or"
                      + " options: "
                      + String.join("; ", native_))
              .follow(examination.image(), SharedItem.RESOLVER)
              .path(examination.inside().shown(RESOLVER))
              .build());
    }
    return findings;
  }

  private static List<String> differentHosts(Examination examination) {
    Map<String, Set<String>> image = hosts(examination.inside().text(HOSTS).orElse(""));
    List<String> different = new ArrayList<>();
    hosts(examination.host().text(HOSTS).orElse(""))
        .forEach(
            (name, addresses) -> {
              if (!image.getOrDefault(name, Set.of()).containsAll(addresses)) {
                different.add(name);
              }
            });
    return different;
  }

  /** Returns the addresses of each name; the names of IPv6's own addresses are left out. */
  static Map<String, Set<String>> hosts(String text) {
    Map<String, Set<String>> names = new LinkedHashMap<>();
    for (String line : new TextLines(text)) {
      String[] words = line.replaceFirst("#.*", "").strip().split("\\s+");
      for (int i = 1; i < words.length; i++) {
        if (!words[i].startsWith("ip6-")) {
          names.computeIfAbsent(words[i], name -> new LinkedHashSet<>()).add(words[0]);
          if (names.size() > MOST_NAMES) {
            throw new BudgetSpentException(HOSTS + " has more than " + MOST_NAMES + " names");
          }
        }
      }
    }
    return names;
  }

  /**
   * Returns what counts, with single blanks: domain and search mean the same, the last one counts.
   */
  static List<String> resolver(String text) {
    List<String> servers = new ArrayList<>();
    List<String> options = new ArrayList<>();
    String search = "";
    for (String line : new TextLines(text)) {
      if (servers.size() + options.size() > MOST_SERVERS) {
        break; // the library takes three
      }
      String words = line.strip().replaceAll("\\s+", " ");
      if (words.startsWith("nameserver ")) {
        servers.add(words);
      } else if (words.startsWith("search ") || words.startsWith("domain ")) {
        search = "search" + words.substring(words.indexOf(' '));
      } else if (words.startsWith("options ") || words.startsWith("sortlist ")) {
        options.add(words);
      }
    }
    List<String> all = new ArrayList<>(servers);
    if (!search.isEmpty()) {
      all.add(search);
    }
    all.addAll(options);
    return all;
  }
}
