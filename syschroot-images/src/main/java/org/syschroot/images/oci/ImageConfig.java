// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.oci;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.syschroot.images.tree.SourceException;

/**
 * What an image says of itself (image specification of the Open Container Initiative, "OCI Image
 * Configuration"). Immutable.
 *
 * @param platform the processor it is for
 * @param environment entries {@code NAME=VALUE}
 * @param entrypoint the beginning of its command
 * @param command the rest of its command
 * @param workingDirectory where its command starts; can be empty
 * @param user who its command runs as; can be empty
 * @param labels texts for people and programs
 * @param others what else is set, by name
 * @param diffIds the digests of the layers when they are not compressed, from the lowest
 */
public record ImageConfig(
    Platform platform,
    List<String> environment,
    List<String> entrypoint,
    List<String> command,
    String workingDirectory,
    String user,
    Map<String, String> labels,
    List<String> others,
    List<ContentDigest> diffIds) {
  private static final List<String> OTHERS =
      List.of("ExposedPorts", "Volumes", "StopSignal", "Healthcheck", "OnBuild", "Shell");

  /** Copies the lists. */
  public ImageConfig {
    environment = List.copyOf(environment);
    entrypoint = List.copyOf(entrypoint);
    command = List.copyOf(command);
    labels = Map.copyOf(labels);
    others = List.copyOf(others);
    diffIds = List.copyOf(diffIds);
  }

  static ImageConfig parse(byte[] text) throws SourceException {
    JsonObject whole = JsonText.object(text, "the configuration of the image");
    String system = JsonText.string(whole, "os").orElse("linux");
    if (!system.equals("linux")) {
      throw new SourceException("an image for " + system + ", not for Linux");
    }
    JsonObject config = JsonText.object(whole, "config").orElse(new JsonObject());
    List<String> others =
        OTHERS.stream().filter(key -> config.has(key) && !config.get(key).isJsonNull()).toList();
    List<ContentDigest> diffIds = new ArrayList<>();
    JsonObject rootfs = JsonText.object(whole, "rootfs").orElse(new JsonObject());
    for (String digest : JsonText.strings(rootfs, "diff_ids")) {
      diffIds.add(ContentDigest.parse(digest));
    }
    return new ImageConfig(
        Platform.of(whole),
        JsonText.strings(config, "Env"),
        JsonText.strings(config, "Entrypoint"),
        JsonText.strings(config, "Cmd"),
        JsonText.string(config, "WorkingDir").orElse(""),
        JsonText.string(config, "User").orElse(""),
        JsonText.texts(config, "Labels"),
        others,
        diffIds);
  }
}
