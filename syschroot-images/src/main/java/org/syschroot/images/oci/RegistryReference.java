// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.oci;

import java.util.regex.Pattern;
import org.syschroot.images.tree.SourceException;

/**
 * An image of a registry, spelled {@code HOST/REPOSITORY:TAG} or {@code HOST/REPOSITORY@DIGEST}.
 * Immutable.
 *
 * @param host name or address, with a port if it is not the usual one
 * @param repository the path of the repository
 * @param version a tag or a digest
 */
public record RegistryReference(String host, String repository, String version) {
  private static final String DOCKER = "docker.io";
  private static final Pattern HOST =
      Pattern.compile(
          "([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9a-fA-F:]+\\])(:[0-9]{1,5})?");
  private static final Pattern REPOSITORY =
      Pattern.compile("[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*(/[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*)*");
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");
  private static final Pattern LOOPBACK =
      Pattern.compile("(localhost|127\\.[0-9]+\\.[0-9]+\\.[0-9]+|\\[::1\\])(:[0-9]+)?");

  /**
   * Reads a reference. Without a host, the registry of Docker is meant, as with its own tools; the
   * tag is {@code latest} if there is none.
   *
   * @throws SourceException if it is none
   */
  public static RegistryReference parse(String text) throws SourceException {
    String rest = text;
    String version = "latest";
    int at = rest.indexOf('@');
    if (at >= 0) {
      version = ContentDigest.parse(rest.substring(at + 1)).toString();
      rest = rest.substring(0, at);
    }
    int colon = rest.lastIndexOf(':');
    if (colon > rest.lastIndexOf('/')) {
      version = at >= 0 ? version : rest.substring(colon + 1);
      rest = rest.substring(0, colon);
    }
    int slash = rest.indexOf('/');
    String first = slash < 0 ? "" : rest.substring(0, slash);
    boolean hasHost = first.contains(".") || first.contains(":") || first.equals("localhost");
    String host = hasHost ? first : DOCKER;
    String repository = hasHost ? rest.substring(slash + 1) : rest;
    if (host.equals(DOCKER) && !repository.contains("/")) {
      repository = "library/" + repository;
    }
    if (!HOST.matcher(host).matches()
        || !REPOSITORY.matcher(repository).matches()
        || !(at >= 0 || TAG.matcher(version).matches())) {
      throw new SourceException("not of the form HOST/REPOSITORY:TAG in lower case");
    }
    return new RegistryReference(host, repository, version);
  }

  /** Returns the host that is asked. */
  String server() {
    return host.equals(DOCKER) ? "registry-1.docker.io" : host;
  }

  /** Returns where the registry is; only on this machine it need not be encrypted. */
  String base() {
    return (LOOPBACK.matcher(host).matches() ? "http://" : "https://") + server() + "/v2/";
  }

  /** Returns whether the version is a digest. */
  boolean isDigest() {
    return version.contains(":");
  }
}
