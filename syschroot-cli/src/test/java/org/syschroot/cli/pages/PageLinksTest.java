// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Where the links of the pages lead. */
class PageLinksTest {
  private static final Path CHECKOUT =
      Path.of(System.getProperty("syschroot.tests.checkout")).toAbsolutePath().normalize();
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]*)(?:#([^)]*))?\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

  static Stream<Path> pages() throws IOException {
    return Page.all(CHECKOUT).stream().map(page -> CHECKOUT.resolve(page.name()));
  }

  private static Stream<MatchResult> links(Path page) throws IOException {
    return LINK.matcher(Files.readString(page))
        .results()
        .filter(link -> !link.group(1).matches("[a-z]+:.*"));
  }

  private static Path target(Path page, MatchResult link) {
    return link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1)).normalize();
  }

  /** Returns the names of a page's headings, as web pages of repositories make them. */
  private static Set<String> anchors(Path page) throws IOException {
    return HEADING
        .matcher(Files.readString(page))
        .results()
        .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
        .map(text -> text.replaceAll("[^\\p{IsAlphabetic}\\d_ -]", "").replace(' ', '-'))
        .collect(Collectors.toSet());
  }

  @ParameterizedTest
  @MethodSource("pages")
  void links_ofAPage_leadToFilesAndHeadings(Path page) throws IOException {
    for (MatchResult link : links(page).toList()) {
      Path target = target(page, link);
      assertThat(target).as("%s in %s", link.group(), page).exists();
      if (link.group(2) != null) {
        assertThat(anchors(target)).as("%s in %s", link.group(), page).contains(link.group(2));
      }
    }
  }

  @Test
  void index_eachPage_isInIt() throws IOException {
    Path index = CHECKOUT.resolve("docs/README.md");
    Set<Path> linked = new TreeSet<>();
    linked.add(index);
    for (MatchResult link : links(index).toList()) {
      linked.add(target(index, link));
    }
    assertThat(pages())
        .filteredOn(page -> page.startsWith(CHECKOUT.resolve("docs")))
        .allMatch(linked::contains);
  }
}
