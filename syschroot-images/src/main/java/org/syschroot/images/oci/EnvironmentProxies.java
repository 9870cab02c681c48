// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.oci;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The proxies that the usual variables name, as curl(1) reads them. Immutable. */
final class EnvironmentProxies extends ProxySelector {
  private static final int USUAL_PORT = 1080;

  private final Map<String, String> environment;

  EnvironmentProxies(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  private String variable(String name) {
    String value = environment.get(name);
    value = value == null ? environment.get(name.toUpperCase(Locale.ROOT)) : value;
    return value == null ? "" : value;
  }

  @Override
  public List<Proxy> select(URI address) {
    @Nullable String host = address.getHost();
    String proxy = variable(address.getScheme() + "_proxy");
    proxy = proxy.isEmpty() ? variable("all_proxy") : proxy;
    if (host == null || proxy.isEmpty() || isExcepted(host.toLowerCase(Locale.ROOT))) {
      return List.of(Proxy.NO_PROXY);
    }
    try {
      URI place = URI.create(proxy.contains("://") ? proxy : "http://" + proxy);
      if (place.getHost() != null) {
        int port = place.getPort() < 0 ? USUAL_PORT : place.getPort();
        return List.of(new Proxy(Proxy.Type.HTTP, new InetSocketAddress(place.getHost(), port)));
      }
    } catch (IllegalArgumentException notAnAddress) {
      // As if there were none; the connection then fails with a reason of its own.
    }
    return List.of(Proxy.NO_PROXY);
  }

  private boolean isExcepted(String host) {
    if (host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]")) {
      return true;
    }
    for (String each : variable("no_proxy").split("[, ]+")) {
      String suffix = each.toLowerCase(Locale.ROOT).replaceFirst("^\\*?\\.", "");
      boolean matches = !suffix.isEmpty() && (host.equals(suffix) || host.endsWith("." + suffix));
      if (matches || each.equals("*")) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void connectFailed(URI address, SocketAddress proxy, IOException failure) {
    // The failure is thrown as well.
  }
}
