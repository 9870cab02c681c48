// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.oci;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.syschroot.images.tree.SourceException;

/**
 * The blobs of a repository. Layers are loaded several at once into files without a name, each
 * checked while it comes, so that one can be unpacked while the next ones are on the way.
 */
final class RegistryBlobs implements BlobStore {
  private static final String MANIFESTS =
      "application/vnd.oci.image.index.v1+json,"
          + "application/vnd.oci.image.manifest.v1+json,"
          + "application/vnd.docker.distribution.manifest.list.v2+json,"
          + "application/vnd.docker.distribution.manifest.v2+json";
  private static final int AT_ONCE = 4;
  private static final int MOST_ATTEMPTS = 3;
  private static final int LOOK_EVERY_MS = 200;
  private static final long LONGEST_SILENCE_NS = TimeUnit.SECONDS.toNanos(90);
  private static final int BUFFER = 64 * 1024;
  private static final double MB = 1e6;

  private final Registry registry;
  private final RegistryReference image;
  private final Map<ContentDigest, byte[]> manifests = new HashMap<>();
  private final Map<ContentDigest, Future<FileChannel>> loading = new LinkedHashMap<>();
  private final AtomicLong loaded = new AtomicLong();
  private @Nullable ExecutorService loaders;
  private Consumer<String> progress = text -> {};
  private long total;

  RegistryBlobs(Registry registry, RegistryReference image) {
    this.registry = registry;
    this.image = image;
  }

  /** Loads the manifest that the reference names. */
  BlobReference manifest() throws IOException {
    Text answer = small("manifests/" + image.version(), MANIFESTS);
    byte[] text = answer.bytes;
    ContentDigest digest = ContentDigest.of(text);
    String announced = answer.headers.firstValue("Docker-Content-Digest").orElse("");
    String wanted = image.isDigest() ? image.version() : announced;
    if (image.isDigest() || wanted.startsWith("sha256:")) {
      ContentDigest found = ContentDigest.parse(wanted).ofSameKind(text);
      if (!wanted.equals(found.toString())) {
        throw new SourceException(
            "damaged: the manifest " + wanted + " has the digest " + found + " after the download");
      }
    }
    manifests.put(digest, text);
    String type = answer.headers.firstValue("Content-Type").orElse("");
    return new BlobReference(type, digest, text.length);
  }

  private record Text(HttpHeaders headers, byte[] bytes) {}

  /** Asks for a small text, again if the connection breaks. */
  private Text small(String path, String accept) throws IOException {
    for (int attempt = 1; ; attempt++) {
      HttpResponse<InputStream> answer = registry.get(image, path, accept);
      try {
        return new Text(answer.headers(), small(answer));
      } catch (InterruptedIOException | SourceException e) {
        throw e;
      } catch (IOException e) {
        if (attempt == MOST_ATTEMPTS) {
          throw new SourceException(
              "cut short: " + path + " of " + image.server() + ": " + e.getMessage(), e);
        }
      }
    }
  }

  private static byte[] small(HttpResponse<InputStream> answer) throws IOException {
    try (InputStream in = answer.body()) {
      byte[] text = in.readNBytes(JsonText.LONGEST + 1);
      if (text.length > JsonText.LONGEST) {
        throw new SourceException("a manifest or configuration of more than 4 MiB");
      }
      return text;
    }
  }

  @Override
  public InputStream open(BlobReference blob) throws IOException {
    ContentDigest digest = blob.digest();
    byte[] known = manifests.get(digest);
    if (known != null) {
      return new java.io.ByteArrayInputStream(known);
    }
    Future<FileChannel> layer = loading.get(digest);
    if (layer != null) {
      FileChannel file = await(layer);
      return new PartOfFile(file, 0, file.size());
    }
    boolean isManifest =
        blob.mediaType().contains("manifest") || blob.mediaType().contains("index");
    Text text =
        isManifest ? small("manifests/" + digest, MANIFESTS) : small("blobs/" + digest, "*/*");
    return new java.io.ByteArrayInputStream(text.bytes);
  }

  @Override
  public void prepare(List<BlobReference> blobs, Consumer<String> listener) throws IOException {
    progress = listener;
    Map<ContentDigest, BlobReference> different = new LinkedHashMap<>();
    blobs.forEach(blob -> different.put(blob.digest(), blob));
    for (BlobReference blob : different.values()) {
      total += blob.size();
      if (blob.size() > Spool.room() || total > Spool.room()) {
        throw new SourceException(
            "no space left in " + Spool.DIRECTORY + ", which is used for layers");
      }
    }
    ExecutorService threads =
        Executors.newFixedThreadPool(
            AT_ONCE,
            task -> {
              Thread thread = new Thread(task, "layer");
              thread.setDaemon(true);
              return thread;
            });
    loaders = threads;
    different.forEach((digest, blob) -> loading.put(digest, threads.submit(() -> load(blob))));
  }

  /** Loads a blob, from its beginning again if the connection breaks. */
  private FileChannel load(BlobReference blob) throws IOException {
    FileChannel file = Spool.create();
    try {
      for (int attempt = 1; ; attempt++) {
        long before = loaded.get();
        // What is refused was asked for often enough.
        InputStream body = registry.get(image, "blobs/" + blob.digest(), "*/*").body();
        try {
          copy(blob, body, file);
          return file;
        } catch (InterruptedIOException e) {
          throw e;
        } catch (IOException e) {
          if (attempt == MOST_ATTEMPTS || Thread.currentThread().isInterrupted()) {
            throw e instanceof SourceException
                ? e
                : new SourceException("cut short: " + blob.digest() + ": " + e.getMessage(), e);
          }
          loaded.addAndGet(before - loaded.get() < 0 ? -file.position() : 0);
          file.truncate(0);
        }
      }
    } catch (IOException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  private void copy(BlobReference blob, InputStream body, FileChannel file) throws IOException {
    byte[] buffer = new byte[BUFFER];
    try (VerifiedStream in = new VerifiedStream(body, blob.digest(), blob.size())) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        Spool.write(file, buffer, count);
        loaded.addAndGet(count);
      }
    }
  }

  private FileChannel await(Future<FileChannel> layer) throws IOException {
    long known = -1;
    long since = System.nanoTime();
    while (true) {
      try {
        return layer.get(LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException notYet) {
        long now = loaded.get();
        if (now != known) {
          known = now;
          since = System.nanoTime();
        } else if (System.nanoTime() - since > LONGEST_SILENCE_NS) {
          throw new SourceException(image.server() + " stopped sending");
        }
        progress.accept(String.format("loading, %.1f of %.1f MB", now / MB, total / MB));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted");
      } catch (ExecutionException e) {
        throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
      }
    }
  }

  @Override
  public void close() throws IOException {
    ExecutorService threads = loaders;
    if (threads != null) {
      threads.shutdownNow();
    }
    for (Future<FileChannel> layer : loading.values()) {
      if (!layer.cancel(true)) {
        try {
          layer.get().close();
        } catch (InterruptedException | ExecutionException e) {
          // It has closed its file itself.
        }
      }
    }
  }
}
