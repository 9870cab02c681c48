// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.image.ImageName;
import org.syschroot.image.Personality;
import org.syschroot.kernel.Capability;
import org.syschroot.mounting.AddedMountPoint;
import org.syschroot.mounting.RootLayers;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.Layer;
import org.syschroot.mountplan.MountOption;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.TmpfsMount;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep;
import org.syschroot.plan.Limit;
import org.syschroot.plan.UserIds;

/**
 * The canonical text of a plan: lines of a key and words, in a fixed order. ASCII; in words every
 * other byte, blanks and {@code %} are written {@code %NN}.
 */
final class PlanText {
  private static final String FIRST_LINE = "syschroot launcher 4";
  private static final String HARD = "hard";
  private static final String EXCHANGEABLE = "exchangeable";
  private static final String UNPRIVILEGED = "user-namespace-if-unprivileged";
  private static final String AS_ROOT = "as-root";
  private static final String DIRECTORY = "directory";
  private static final String HEX = "0123456789abcdef";

  private @Nullable ImageName image;
  private @Nullable HostPath root;
  private @Nullable DirectoryIdentity tree;
  private @Nullable DirectoryIdentity from;
  private final List<ImagePath> mounts = new ArrayList<>();
  private DirectoryPolicy policy = DirectoryPolicy.SAME_OR_FAIL;
  private Optional<Personality> personality = Optional.empty();
  private final List<KernelStep.SetLimit> limits = new ArrayList<>();
  private final Set<Capability> dropped = EnumSet.noneOf(Capability.class);
  private boolean noNewPrivileges;
  private final Map<OsString, OsString> variables = new LinkedHashMap<>();
  private final Set<OsString> removedVariables = new LinkedHashSet<>();
  private final Map<OsString, OsString> shellVariables = new LinkedHashMap<>();
  private @Nullable LaunchedProgram program;
  private Privilege privilege = Privilege.FILE_CAPABILITY;
  private int owner;
  private boolean exchangeable;
  private Optional<UserIds> user = Optional.empty();
  private boolean mountNamespace;
  private boolean userIfUnprivileged;
  private Optional<Set<MountOption>> rootOptions = Optional.empty();
  private Optional<Layer> layer = Optional.empty();
  private final List<AddedMountPoint> added = new ArrayList<>();
  private final UnderlayText underlay = new UnderlayText();
  private final List<MountSelection.Mount> ownMounts = new ArrayList<>();

  private PlanText() {}

  static String of(LaunchPlan plan) {
    StringBuilder text = new StringBuilder(FIRST_LINE).append('\n');
    line(text, "image", plan.image().toString());
    line(text, "root", word(plan.root().value()));
    identity(text, "tree", plan.proof().tree());
    identity(text, "from", plan.proof().callersRoot());
    if (plan.proof().exchangeable()) {
      line(text, EXCHANGEABLE);
    }
    if (plan.proof().owner() != 0) {
      line(text, "owner", Integer.toUnsignedString(plan.proof().owner()));
    }
    List<ImagePath> mounts = plan.proof().mounts();
    if (!mounts.isEmpty()) {
      line(
          text, "mounts", mounts.stream().map(mount -> word(mount.value())).toArray(String[]::new));
    }
    line(text, DIRECTORY, plan.directoryPolicy().toString());
    plan.personality().ifPresent(domain -> line(text, "personality", hex(domain.bits())));
    plan.limits().forEach(limit -> line(text, "limit", words(limit)));
    if (!plan.droppedCapabilities().isEmpty()) {
      line(
          text,
          "drop",
          plan.droppedCapabilities().stream().map(Capability::toString).toArray(String[]::new));
    }
    if (plan.noNewPrivileges()) {
      line(text, "no-new-privileges");
    }
    plan.variables().forEach((name, value) -> line(text, "set", word(name), word(value)));
    plan.removedVariables().forEach(name -> line(text, "unset", word(name)));
    plan.shellVariables()
        .forEach((name, value) -> line(text, "set-for-shell", word(name), word(value)));
    line(text, "privilege", plan.privilege().toString());
    namespaces(text, plan.namespaces());
    List<String> program = plan.program().accept(new ProgramWords());
    line(text, program.get(0), program.subList(1, program.size()).toArray(String[]::new));
    return text.toString();
  }

  private static final class ProgramWords implements LaunchedProgram.Visitor<List<String>> {
    @Override
    public List<String> command(LaunchedProgram.Command command) {
      return List.of("command", word(command.program().value()));
    }

    @Override
    public List<String> shell(LaunchedProgram.Shell shell) {
      List<String> words = new ArrayList<>();
      words.add("shell");
      words.add(word(shell.otherwise().value()));
      shell.callers().forEach(caller -> words.add(word(caller.value())));
      return words;
    }
  }

  private static void line(StringBuilder text, String key, String... words) {
    text.append(key);
    for (String word : words) {
      text.append(' ').append(word);
    }
    text.append('\n');
  }

  private static void namespaces(StringBuilder text, OwnNamespaces namespaces) {
    namespaces
        .user()
        .ifPresent(ids -> line(text, "user-namespace", ids == UserIds.AS_ROOT ? AS_ROOT : "kept"));
    if (namespaces.mount()) {
      line(text, "mount-namespace");
    }
    if (namespaces.userIfUnprivileged()) {
      line(text, UNPRIVILEGED);
    }
    namespaces.layers().ifPresent(layers -> layers(text, layers));
    for (MountSelection.Mount mount : namespaces.mounts()) {
      if (mount.step() instanceof BindMount bind) {
        line(text, "mount", mount.ofDirectory() ? DIRECTORY : "file", word(bind.text()));
      } else if (mount.step() instanceof TmpfsMount tmpfs) {
        line(text, "tmpfs", word(tmpfs.target().value()), word(tmpfs.data()));
      }
    }
  }

  private static void layers(StringBuilder text, RootLayers layers) {
    line(
        text,
        "mount-root",
        layers.restrictions().stream().map(MountOption::toString).toArray(String[]::new));
    layers
        .layer()
        .ifPresent(
            layer ->
                line(
                    text,
                    "layer",
                    layer
                        .directory()
                        .map(kept -> word(kept.value()))
                        .orElse(Layer.THROW_AWAY_WORD)));
    for (AddedMountPoint point : layers.added()) {
      line(
          text,
          "mount-point",
          point.ofDirectory() ? DIRECTORY : "file",
          word(point.place().value()));
    }
    UnderlayText.words(layers.underlay()).forEach(words -> line(text, UnderlayText.KEY, words));
  }

  private static void identity(StringBuilder text, String key, DirectoryIdentity directory) {
    List<String> words = new ArrayList<>();
    words.add(Long.toUnsignedString(directory.inode()));
    words.add(hex(directory.fileSystem()));
    directory.id().ifPresent(id -> words.add(hex(id)));
    line(text, key, words.toArray(String[]::new));
  }

  private static String[] words(KernelStep.SetLimit limit) {
    String value = Long.toString(limit.value());
    return limit.hard()
        ? new String[] {limit.limit().word(), value, HARD}
        : new String[] {limit.limit().word(), value};
  }

  private static KernelStep.SetLimit limit(String[] words) {
    Limit resource = Limit.of(words[1]).orElseThrow(() -> unknown(words));
    return new KernelStep.SetLimit(resource, Long.parseLong(words[2]), words.length > 3);
  }

  private static String hex(long number) {
    return "0x" + Long.toHexString(number);
  }

  private static DirectoryIdentity identity(String[] words) {
    return new DirectoryIdentity(
        Long.parseUnsignedLong(words[1]),
        number(words[2]),
        words.length > 3 ? OptionalLong.of(number(words[3])) : OptionalLong.empty());
  }

  private static long number(String hex) {
    return Long.parseUnsignedLong(hex, 2, hex.length(), 16);
  }

  static String word(OsString value) {
    StringBuilder word = new StringBuilder();
    for (byte b : value.toBytes()) {
      if (b > 0x20 && b < 0x7f && b != '%') {
        word.append((char) b);
      } else {
        word.append('%').append(HEX.charAt((b >> 4) & 15)).append(HEX.charAt(b & 15));
      }
    }
    return word.toString();
  }

  static OsString value(String word) {
    byte[] bytes = new byte[word.length()];
    int length = 0;
    for (int i = 0; i < word.length(); i++) {
      if (word.charAt(i) == '%') {
        bytes[length++] = (byte) Integer.parseInt(word, i + 1, i + 3, 16);
        i += 2;
      } else {
        bytes[length++] = (byte) word.charAt(i);
      }
    }
    return OsString.ofBytes(Arrays.copyOf(bytes, length));
  }

  static LaunchPlan parse(String text) throws LauncherException {
    PlanText read = new PlanText();
    String[] lines = text.split("\n", -1);
    try {
      if (!lines[0].equals(FIRST_LINE)) {
        throw new IllegalArgumentException(lines[0]);
      }
      for (String line : List.of(lines).subList(1, lines.length - 1)) {
        read.take(line.split(" ", -1));
      }
      LaunchPlan plan = read.plan();
      if (!of(plan).equals(text)) {
        throw new IllegalArgumentException("not in its canonical form");
      }
      return plan;
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new LauncherException("not the text of a launcher's plan: " + e.getMessage(), e);
    }
  }

  private void take(String[] words) {
    String first = words.length > 1 ? words[1] : "";
    switch (words[0]) {
      case "image" -> image = new ImageName(first);
      case "root" -> root = HostPath.of(value(first));
      case "tree" -> tree = identity(words);
      case "from" -> from = identity(words);
      case EXCHANGEABLE -> exchangeable = true;
      case "mounts" -> {
        for (int i = 1; i < words.length; i++) {
          mounts.add(ImagePath.of(value(words[i])));
        }
      }
      case DIRECTORY -> policy = DirectoryPolicy.of(first).orElseThrow(() -> unknown(words));
      case "personality" -> personality = Optional.of(new Personality(Long.decode(first)));
      case "limit" -> limits.add(limit(words));
      case "drop" -> {
        for (int i = 1; i < words.length; i++) {
          dropped.add(Capability.of(words[i]).orElseThrow(() -> unknown(words)));
        }
      }
      case "no-new-privileges" -> noNewPrivileges = true;
      case "unset" -> removedVariables.add(value(first));
      case "set" -> variables.put(value(first), value(words[2]));
      case "set-for-shell" -> shellVariables.put(value(first), value(words[2]));
      case "owner" -> owner = Integer.parseUnsignedInt(first);
      case "user-namespace" ->
          user = Optional.of(first.equals(AS_ROOT) ? UserIds.AS_ROOT : UserIds.KEPT);
      case "mount-namespace" -> mountNamespace = true;
      case UNPRIVILEGED -> userIfUnprivileged = true;
      case "mount-root" -> rootOptions = Optional.of(options(words));
      case "layer" ->
          layer =
              Optional.of(
                  first.equals(Layer.THROW_AWAY_WORD)
                      ? Layer.THROW_AWAY
                      : Layer.keptIn(HostPath.of(value(first))));
      case "mount-point" ->
          added.add(new AddedMountPoint(ImagePath.of(value(words[2])), first.equals(DIRECTORY)));
      case UnderlayText.KEY -> underlay.take(words);
      case "mount" ->
          ownMounts.add(
              new MountSelection.Mount(BindMount.parse(value(words[2])), first.equals(DIRECTORY)));
      case "tmpfs" ->
          ownMounts.add(
              new MountSelection.Mount(
                  new TmpfsMount(ImagePath.of(value(first)), value(words[2])), true));
      case "privilege" -> privilege = Privilege.of(first).orElseThrow(() -> unknown(words));
      case "command" -> program = new LaunchedProgram.Command(ImagePath.of(value(first)));
      case "shell" -> {
        List<ImagePath> callers = new ArrayList<>();
        for (int i = 2; i < words.length; i++) {
          callers.add(ImagePath.of(value(words[i])));
        }
        program = new LaunchedProgram.Shell(callers, ImagePath.of(value(first)));
      }
      default -> throw unknown(words);
    }
  }

  private static IllegalArgumentException unknown(String[] words) {
    return new IllegalArgumentException(String.join(" ", words));
  }

  private LaunchPlan plan() {
    if (image == null || root == null || tree == null || from == null || program == null) {
      throw new IllegalArgumentException("image, root, tree, from or program is missing");
    }
    return new LaunchPlan(
        image,
        root,
        new LaunchProof(from, tree, owner, mounts, exchangeable),
        policy,
        personality,
        limits,
        dropped,
        noNewPrivileges,
        variables,
        removedVariables,
        shellVariables,
        program,
        privilege,
        new OwnNamespaces(user, mountNamespace, layers(image), ownMounts, userIfUnprivileged));
  }

  private Optional<RootLayers> layers(ImageName name) {
    return rootOptions.map(
        options ->
            RootLayers.of(name.toString(), added, layer, options).with(underlay.directories()));
  }

  private static Set<MountOption> options(String[] words) {
    Set<MountOption> options = EnumSet.noneOf(MountOption.class);
    for (MountOption option : MountOption.values()) {
      if (List.of(words).subList(1, words.length).contains(option.toString())) {
        options.add(option);
      }
    }
    return options;
  }

  static byte[] bytes(LaunchPlan plan) {
    return of(plan).getBytes(StandardCharsets.US_ASCII);
  }
}
