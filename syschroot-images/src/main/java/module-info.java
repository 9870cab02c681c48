// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/** Makes images. Start with {@link org.syschroot.images.HostImage}. */
module org.syschroot.images {
  requires transitive org.syschroot.core;
  requires transitive org.syschroot.mounts;
  requires transitive org.syschroot.personality;
  requires com.github.luben.zstd_jni;
  requires com.google.gson;
  requires java.net.http;
  requires org.tukaani.xz;
  requires static org.jspecify;

  exports org.syschroot.images;
}
