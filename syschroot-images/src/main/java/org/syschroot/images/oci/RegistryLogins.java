// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.oci;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.syschroot.images.tree.SourceException;

/**
 * The logins that {@code docker login}, {@code podman login} and {@code skopeo login} keep in a
 * file (containers-auth.json(5)). Immutable.
 */
public final class RegistryLogins {
  private static final String DOCKER = "https://index.docker.io/v1/";

  private final List<Path> files;

  private RegistryLogins(List<Path> files) {
    this.files = List.copyOf(files);
  }

  /**
   * Returns the logins of a user: of the file that {@code REGISTRY_AUTH_FILE} names, else those of
   * podman and skopeo in {@code XDG_RUNTIME_DIR}, and of Docker in {@code DOCKER_CONFIG} or {@code
   * HOME}.
   *
   * @param environment the user's variables
   */
  public static RegistryLogins of(Map<String, String> environment) {
    List<Path> files = new ArrayList<>();
    String named = environment.get("REGISTRY_AUTH_FILE");
    if (named != null && !named.isEmpty()) {
      files.add(Path.of(named));
    } else {
      add(environment, "XDG_RUNTIME_DIR", "containers/auth.json", files);
      add(environment, "DOCKER_CONFIG", "config.json", files);
      add(environment, "HOME", ".docker/config.json", files);
    }
    return new RegistryLogins(files);
  }

  private static void add(
      Map<String, String> environment, String variable, String file, List<Path> files) {
    String directory = environment.get(variable);
    if (directory != null && directory.startsWith("/")) {
      files.add(Path.of(directory, file));
    }
  }

  /**
   * Returns user and password for an image, encoded for HTTP's basic authentication.
   *
   * @throws IOException if a file cannot be read or is not JSON
   */
  Optional<String> basic(RegistryReference image) throws IOException {
    for (Path file : files) {
      if (Files.isRegularFile(file)) {
        JsonObject whole;
        try {
          whole = JsonText.object(Files.readAllBytes(file), "file");
        } catch (SourceException e) {
          throw new IOException(file + " is not JSON: correct it, or log in again", e);
        }
        Optional<String> login = login(whole, image);
        if (login.isPresent()) {
          return login;
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<String> login(JsonObject file, RegistryReference image) {
    Optional<JsonObject> logins = JsonText.object(file, "auths");
    if (logins.isEmpty()) {
      return Optional.empty();
    }
    for (String key : keys(image)) {
      Optional<String> login =
          JsonText.object(logins.get(), key)
              .flatMap(entry -> JsonText.string(entry, "auth"))
              .filter(text -> !text.isEmpty());
      if (login.isPresent()) {
        return login;
      }
    }
    return Optional.empty();
  }

  /** The narrowest first. */
  private static List<String> keys(RegistryReference image) {
    List<String> keys = new ArrayList<>();
    for (String path = image.host() + "/" + image.repository();
        path.contains("/");
        path = path.substring(0, path.lastIndexOf('/'))) {
      keys.add(path);
    }
    keys.add(image.host());
    keys.add("https://" + image.host());
    keys.add("https://" + image.host() + "/v1/");
    if (image.host().equals("docker.io")) {
      keys.add(DOCKER);
    }
    return keys;
  }
}
