// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.trial;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.syschroot.image.Image;
import org.syschroot.image.LauncherKind;
import org.syschroot.kernel.KernelException;
import org.syschroot.launcher.Launcher;
import org.syschroot.mounts.ImageAccess;
import org.syschroot.path.ImagePath;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.syslog.route.ImageLog;

/** Writes a line to an image's {@code /dev/log}, from inside and as the calling user. */
public abstract class LogSender {
  private static final List<ImagePath> LOGGERS =
      List.of(ImagePath.of("/usr/bin/logger"), ImagePath.of("/bin/logger"));
  private static final String TAG = "syschroot-test";
  private static final Set<String> SHELLS = Set.of("sh", "bash", "ksh", "zsh", "dash");
  private static final Redirect NOWHERE = Redirect.from(Path.of("/dev/null").toFile());

  private final String how;

  /** Makes a request that of another user. */
  @FunctionalInterface
  public interface Identification {
    /**
     * Returns the request with that user's identity.
     *
     * @throws IOException if there is no such user
     */
    SwitchRequest applyTo(SwitchRequest request) throws IOException;
  }

  private LogSender(String how) {
    this.how = how;
  }

  /** Returns a text that no log has. */
  public static String uniqueText() {
    byte[] random = new byte[8];
    new SecureRandom().nextBytes(random);
    return "syschroot test " + HexFormat.of().formatHex(random);
  }

  /**
   * Returns the sender that there is for the caller.
   *
   * @throws IOException if there is none; the message says what is missing
   */
  public static LogSender of(ImageAccess access, Image image, Optional<Identification> user)
      throws IOException {
    Optional<ImagePath> logger = new ImageLog(access, image).program(LOGGERS);
    if (access.effectiveUid() != 0) {
      if (user.isPresent()) {
        throw new IOException("--user is only for root");
      }
      return launched(image, logger);
    }
    if (logger.isPresent()) {
      return new Spawned(access, image, user, logger.get());
    }
    if (user.isPresent()) {
      throw new IOException(
          image.name() + " has no program \"logger\", which --user needs: install it in the image");
    }
    return new Direct(access, image);
  }

  /** Others get into an image by its launchers alone. */
  private static LogSender launched(Image image, Optional<ImagePath> logger) throws IOException {
    if (image.launchers().isEmpty()) {
      throw new IOException(
          image.name()
              + ": only root can test this image, because it has no [launchers]: run the test as"
              + " root, or add launchers: \"syschroot link\"");
    }
    boolean seesMounts = Launcher.configuredKind(image) == LauncherKind.BOOT;
    if (logger.isEmpty() && seesMounts) {
      throw new IOException(
          image.name()
              + " has no program \"logger\", so only root can test: install it in the"
              + " image");
    }
    // What is mounted at entry only the image's own search sees.
    String program = logger.map(ImagePath::toString).orElse("logger");
    for (Launcher launcher : Launcher.configured(image)) {
      Path file = Path.of(launcher.path().toString());
      if (Files.isExecutable(file) && launcher.name().isEmpty()) {
        return new Launched(file, List.of(program));
      }
      if (Files.isExecutable(file) && launcher.name().filter(SHELLS::contains).isPresent()) {
        return new Launched(file, List.of("-c", "exec \"$@\"", launcher.name().get(), program));
      }
    }
    throw new IOException(
        image.name()
            + ": it has no launcher for a shell that this user can execute: \"syschroot"
            + " status "
            + image.name()
            + "\" shows them");
  }

  /**
   * Sends a line.
   *
   * @return why it could not be sent; empty if it was
   */
  public abstract Optional<String> send(String text, Duration longest) throws IOException;

  @Override
  public String toString() {
    return how;
  }

  private static Optional<String> outcome(Process process, Duration longest) throws IOException {
    try {
      if (!process.waitFor(Math.max(1, longest.toSeconds()), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return Optional.of("logger waits: the listener does not read from the socket");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    // Some loggers do not tell by their status.
    return process.exitValue() == 0 && said.isEmpty()
        ? Optional.empty()
        : Optional.of("logger ended with status " + process.exitValue() + ": " + said);
  }

  private static List<String> words(String text) {
    return List.of("-p", "user.notice", "-t", TAG, text);
  }

  /** The image's own logger, as a child of this JVM. */
  private static final class Spawned extends LogSender {
    private final ImageAccess access;
    private final Image image;
    private final Optional<Identification> user;
    private final ImagePath logger;

    Spawned(ImageAccess access, Image image, Optional<Identification> user, ImagePath logger) {
      super("the image's " + logger);
      this.access = access;
      this.image = image;
      this.user = user;
      this.logger = logger;
    }

    @Override
    public Optional<String> send(String text, Duration longest) throws IOException {
      List<String> command = new ArrayList<>(List.of(logger.toString()));
      command.addAll(words(text));
      SwitchRequest request =
          SwitchRequest.in(image).directory(ImagePath.ROOT).command(command.toArray(String[]::new));
      if (user.isPresent()) {
        request = user.get().applyTo(request);
      }
      Process process =
          access
              .syschroot()
              .prepare(request)
              .redirectInput(NOWHERE)
              .redirectErrorStream(true)
              .start();
      return outcome(process, longest);
    }
  }

  /** The image's own logger, through a launcher. */
  private static final class Launched extends LogSender {
    private final List<String> command = new ArrayList<>();

    Launched(Path launcher, List<String> words) {
      super("the image's logger, through the launcher " + launcher);
      command.add(launcher.toString());
      command.addAll(words);
    }

    @Override
    public Optional<String> send(String text, Duration longest) throws IOException {
      command.addAll(words(text));
      Process process =
          new ProcessBuilder(command)
              .directory(Path.of("/").toFile())
              .redirectInput(NOWHERE)
              .redirectErrorStream(true)
              .start();
      return outcome(process, longest);
    }
  }

  /** This process itself, on the socket that a program in the image would see. */
  private static final class Direct extends LogSender {
    private final ImageAccess access;
    private final Image image;

    Direct(ImageAccess access, Image image) {
      super(
          "syschroot itself on the image's /dev/log, because the image has no program"
              + " \"logger\"");
      this.access = access;
      this.image = image;
    }

    @Override
    public Optional<String> send(String text, Duration longest) throws IOException {
      String line = "<13>" + LogTime.now() + " " + TAG + ": " + text + "\n";
      try {
        new ImageLog(access, image).write(line.getBytes(StandardCharsets.UTF_8));
        return Optional.empty();
      } catch (KernelException e) {
        return Optional.of(e.getMessage());
      }
    }
  }
}
