// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.doctor;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Collection;
import org.syschroot.doctor.finding.Diagnosis;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.doctor.finding.PrivilegedFile;

/** A diagnosis as JSON; the form is documented in docs/doctor.md and only ever grows. */
final class DiagnosisJson {
  private DiagnosisJson() {}

  static JsonObject of(Diagnosis diagnosis) {
    JsonObject json = new JsonObject();
    json.addProperty("image", diagnosis.image().name().toString());
    json.addProperty("root", diagnosis.image().root().toString());
    JsonArray findings = new JsonArray();
    diagnosis.findings().forEach(finding -> findings.add(of(finding)));
    json.add("findings", findings);
    json.add("proposed-settings", strings(diagnosis.proposedSettings()));
    json.add("proposed-mounts", strings(diagnosis.proposedMounts()));
    JsonArray privileged = new JsonArray();
    diagnosis.privilegedFiles().forEach(file -> privileged.add(of(file)));
    json.add("privileged-files", privileged);
    return json;
  }

  private static JsonObject of(Finding finding) {
    JsonObject json = new JsonObject();
    json.addProperty("id", finding.id());
    json.addProperty("severity", finding.severity().toString());
    json.addProperty("effect", finding.effect());
    json.addProperty("cause", finding.cause());
    json.addProperty("remedy", finding.remedy());
    json.add("paths", strings(finding.paths()));
    json.add("mounts", strings(finding.mounts()));
    return json;
  }

  private static JsonObject of(PrivilegedFile file) {
    JsonObject json = new JsonObject();
    json.addProperty("path", file.path());
    json.add("privileges", strings(file.privileges()));
    json.addProperty("owner", Integer.toUnsignedLong(file.owner()));
    json.addProperty("group", Integer.toUnsignedLong(file.group()));
    json.addProperty("packaged", file.packaged());
    return json;
  }

  private static JsonArray strings(Collection<String> texts) {
    JsonArray array = new JsonArray();
    texts.forEach(array::add);
    return array;
  }
}
