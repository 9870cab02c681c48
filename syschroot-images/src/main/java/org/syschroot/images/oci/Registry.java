// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.oci;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.syschroot.images.tree.SourceException;

/**
 * Asks registries (distribution specification of the Open Container Initiative, "Pull"). A login is
 * only ever sent to the registry itself and, encrypted, to where it says that tokens are given out.
 * Thread-safe.
 */
public final class Registry {
  private static final Duration TO_CONNECT = Duration.ofSeconds(30);
  private static final Duration TO_ANSWER = Duration.ofSeconds(60);
  private static final int MOST_REDIRECTS = 5;
  private static final int MOST_ATTEMPTS = 5;
  private static final long LONGEST_WAIT = 60;
  private static final Pattern PARAMETER = Pattern.compile("(\\w+)=\"([^\"]*)\"");

  private final HttpClient client;
  private final RegistryLogins logins;
  private final Map<String, String> authorizations = new ConcurrentHashMap<>();

  /**
   * Creates a client.
   *
   * @param logins the logins of the user
   * @param environment the user's variables, which can name a proxy
   */
  public Registry(RegistryLogins logins, Map<String, String> environment) {
    this.logins = logins;
    // Redirects are followed here, since a login must not go along to another host.
    this.client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(TO_CONNECT)
            .proxy(new EnvironmentProxies(environment))
            .build();
  }

  /**
   * Asks for something of a repository.
   *
   * @param path such as {@code manifests/latest}
   * @param accept the media types that are understood
   * @return the answer, with the status 200
   * @throws SourceException if it is missing, or the login is not enough
   * @throws IOException if there is no answer
   */
  HttpResponse<InputStream> get(RegistryReference image, String path, String accept)
      throws IOException {
    URI address = URI.create(image.base() + image.repository() + "/" + path);
    for (int attempt = 1; ; attempt++) {
      HttpResponse<InputStream> answer;
      try {
        answer = authorized(image, address, accept);
      } catch (InterruptedIOException | SourceException e) {
        throw e;
      } catch (ConnectException e) {
        throw new SourceException("cannot connect to " + image.server(), e);
      } catch (IOException e) {
        if (attempt == MOST_ATTEMPTS) {
          throw new SourceException("no answer from " + image.server() + ": " + text(e), e);
        }
        pause(attempt, Optional.empty());
        continue;
      }
      int status = answer.statusCode();
      if (status == 200) {
        return answer;
      }
      answer.body().close();
      boolean passing = status == 429 || status >= 500;
      if (!passing || attempt == MOST_ATTEMPTS) {
        throw refused(image, path, status);
      }
      pause(attempt, answer.headers().firstValue("Retry-After"));
    }
  }

  private static String text(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private static SourceException refused(RegistryReference image, String path, int status) {
    String what = image.repository() + " of " + image.server();
    return new SourceException(
        switch (status) {
          case 401, 403 ->
              "access to "
                  + what
                  + " is denied (HTTP "
                  + status
                  + "): check the name, or log in: skopeo login "
                  + image.host();
          case 404 -> "there is no " + path + " in " + what + " (HTTP 404)";
          case 429 ->
              image.server()
                  + " rejects the request: too many requests (HTTP 429); try"
                  + " again later";
          default -> image.server() + " answers " + path + " with HTTP " + status;
        });
  }

  private static void pause(int attempt, Optional<String> retryAfter) throws IOException {
    long seconds = 0;
    if (retryAfter.isPresent() && retryAfter.get().matches("[0-9]{1,6}")) {
      seconds = Math.min(LONGEST_WAIT, Long.parseLong(retryAfter.get()));
    }
    try {
      Thread.sleep(seconds > 0 ? seconds * 1000 : 250L << attempt);
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private static InterruptedIOException interrupted() {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("interrupted");
  }

  private HttpResponse<InputStream> authorized(RegistryReference image, URI address, String accept)
      throws IOException {
    String key = image.host() + "/" + image.repository();
    @Nullable String authorization = authorizations.get(key);
    HttpResponse<InputStream> answer = redirected(address, accept, authorization);
    if (answer.statusCode() != 401) {
      return answer;
    }
    answer.body().close();
    String challenge = answer.headers().firstValue("WWW-Authenticate").orElse("");
    Optional<String> login = logins.basic(image).map(text -> "Basic " + text);
    Optional<String> next =
        challenge.regionMatches(true, 0, "Bearer ", 0, 7)
            ? Optional.of("Bearer " + token(image, challenge, login))
            : login;
    if (next.isEmpty()) {
      throw refused(image, "", 401);
    }
    authorizations.put(key, next.get());
    return redirected(address, accept, next.get());
  }

  private String token(RegistryReference image, String challenge, Optional<String> login)
      throws IOException {
    StringBuilder query = new StringBuilder();
    String realm = "";
    Matcher parameters = PARAMETER.matcher(challenge);
    while (parameters.find()) {
      String value = parameters.group(2);
      switch (parameters.group(1)) {
        case "realm" -> realm = value;
        case "service", "scope" ->
            query
                .append(query.isEmpty() ? "" : "&")
                .append(parameters.group(1))
                .append("=")
                .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
        default -> {
          // such as error="invalid_token"
        }
      }
    }
    URI address;
    try {
      address = URI.create(realm + (realm.contains("?") ? "&" : "?") + query);
    } catch (IllegalArgumentException e) {
      throw new SourceException("an answer from " + image.server() + " without an address", e);
    }
    requireSafe(address, URI.create(image.base()));
    HttpResponse<InputStream> answer = redirected(address, "application/json", login.orElse(null));
    try (InputStream body = answer.body()) {
      if (answer.statusCode() != 200) {
        throw refused(image, "", answer.statusCode() == 400 ? 401 : answer.statusCode());
      }
      JsonObject given = JsonText.object(body.readNBytes(JsonText.LONGEST), "the token");
      return JsonText.string(given, "token")
          .or(() -> JsonText.string(given, "access_token"))
          .orElseThrow(() -> refused(image, "", 401));
    }
  }

  /** What is asked over an encrypted connection is not asked over another one on the way. */
  private static void requireSafe(URI address, URI origin) throws SourceException {
    boolean safe =
        "https".equals(address.getScheme())
            || ("http".equals(address.getScheme()) && "http".equals(origin.getScheme()));
    if (!safe || address.getHost() == null) {
      throw new SourceException("a redirection to " + address + ", which does not use HTTPS");
    }
  }

  private HttpResponse<InputStream> redirected(
      URI address, String accept, @Nullable String authorization) throws IOException {
    URI next = address;
    for (int i = 0; i <= MOST_REDIRECTS; i++) {
      boolean sameHost = address.getAuthority().equals(next.getAuthority());
      HttpResponse<InputStream> answer = send(next, accept, sameHost ? authorization : null);
      Optional<String> location = answer.headers().firstValue("Location");
      if (answer.statusCode() / 100 != 3 || location.isEmpty()) {
        return answer;
      }
      answer.body().close();
      try {
        next = next.resolve(location.get());
      } catch (IllegalArgumentException e) {
        throw new SourceException("a redirection without an address", e);
      }
      requireSafe(next, address);
    }
    throw new SourceException("more than " + MOST_REDIRECTS + " consecutive redirections");
  }

  private HttpResponse<InputStream> send(URI address, String accept, @Nullable String authorization)
      throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .timeout(TO_ANSWER)
            .header("Accept", accept)
            .header("User-Agent", "syschroot");
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }
}
