// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.cli.TestSite;

/**
 * A configuration with images that are overlays of others, so that a test may spoil them. Its
 * folder is a file system in memory that is seen only by the test's thread and what it starts.
 */
final class DoctorSite {
  static final Path FOLDER = Path.of("/mnt");

  final TestSite site;

  DoctorSite() throws Exception {
    site = TestSite.empty();
    native_("mount", "-t", "tmpfs", "-o", "mode=755", "none", FOLDER.toString());
  }

  /** Makes an image that looks like another and can be changed, with settings beside its root. */
  Path image(String name, Path like, String... settings) throws Exception {
    Path root = Files.createDirectories(FOLDER.resolve(name));
    Path upper = Files.createDirectories(FOLDER.resolve(name + ".upper"));
    Path work = Files.createDirectories(FOLDER.resolve(name + ".work"));
    native_(
        "mount",
        "-t",
        "overlay",
        "-o",
        "lowerdir=" + like + ",upperdir=" + upper + ",workdir=" + work,
        "none",
        root.toString());
    settings(name, root, settings);
    return root;
  }

  void settings(String name, Path root, String... settings) throws IOException {
    site.image(name, "root = \"" + root + "\"\n" + String.join("\n", settings) + "\n");
  }

  Outcome run(String command, String... words) throws Exception {
    return program(List.of(), command, words).run();
  }

  /** Returns a command with this site's configuration, behind some words. */
  Program program(List<String> before, String command, String... words) {
    List<String> all = new ArrayList<>(before);
    all.add(TestImages.command().toString());
    all.add(command);
    all.add("--config");
    all.add(site.directory().toString());
    all.addAll(List.of(words));
    return Program.of(all).in(Path.of("/"));
  }

  /** Returns what the doctor says of an image, as JSON. */
  JsonObject diagnosis(String image, Map<String, String> environment) throws Exception {
    Outcome outcome = program(List.of(), "doctor", image, "--json").with(environment).run();
    assertThat(outcome.errText()).isEmpty();
    JsonArray all = JsonParser.parseString(outcome.outText()).getAsJsonArray();
    assertThat(all).hasSize(1);
    JsonObject diagnosis = all.get(0).getAsJsonObject();
    assertThat(diagnosis.get("image").getAsString()).isEqualTo(image);
    boolean good = findings(diagnosis).stream().noneMatch(f -> text(f, "severity").equals("error"));
    assertThat(outcome.status()).as("%s", outcome).isEqualTo(good ? 0 : 1);
    return diagnosis;
  }

  static List<JsonObject> findings(JsonObject diagnosis) {
    return diagnosis.getAsJsonArray("findings").asList().stream()
        .map(JsonElement::getAsJsonObject)
        .toList();
  }

  static String text(JsonObject finding, String key) {
    return finding.get(key).getAsString();
  }

  static List<String> texts(JsonObject json, String key) {
    return json.getAsJsonArray(key).asList().stream().map(JsonElement::getAsString).toList();
  }

  /** Returns the ids of what the doctor finds, without those of every fresh image. */
  List<String> ids(String image) throws Exception {
    return ids(diagnosis(image, Map.of()));
  }

  static List<String> ids(JsonObject diagnosis) {
    return findings(diagnosis).stream()
        .map(f -> text(f, "severity") + " " + text(f, "id"))
        .toList();
  }

  /** Returns the finding of an id, which must be there once. */
  JsonObject finding(String image, String id) throws Exception {
    return finding(image, id, Map.of());
  }

  JsonObject finding(String image, String id, Map<String, String> environment) throws Exception {
    return finding(diagnosis(image, environment), id);
  }

  /** Returns the finding of an id, which must be there once. */
  static JsonObject finding(JsonObject diagnosis, String id) throws IOException {
    List<JsonObject> all =
        findings(diagnosis).stream().filter(f -> text(f, "id").equals(id)).toList();
    assertThat(all).as("%s of %s", id, diagnosis.get("image")).hasSize(1);
    assertThat(Files.readString(TestImages.checkout().resolve("docs/doctor.md")))
        .contains("`" + id + "`");
    return all.get(0);
  }

  static Outcome native_(String... words) throws Exception {
    Outcome outcome = Program.of(words).run();
    assertThat(outcome.status()).as("%s", outcome).isZero();
    return outcome;
  }

  void close() throws Exception {
    native_("umount", "-R", FOLDER.toString());
    site.close();
  }
}
