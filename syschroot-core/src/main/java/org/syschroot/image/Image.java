// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.image;

import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Capability;
import org.syschroot.kernel.Kernel;
import org.syschroot.mountplan.Layer;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.trust.TrustedPath;

/**
 * An image: a Linux system in a directory of the host, with the settings for commands in it.
 * Immutable and thread-safe; made by {@link #builder}.
 *
 * <p>Use {@code Syschroot.image} for one of the configuration, and the builder for one that is in
 * no file.
 *
 * <pre>{@code
 * Image tools =
 *     Image.builder(new ImageName("tools"), HostPath.of("/sysroot/tools"))
 *         .mounts(MountPlan.standard())
 *         .users(List.of("alice"))
 *         .build();
 * }</pre>
 */
public final class Image {
  /** Where the filesystems of image files are mounted, each on a directory of its name. */
  public static final String FILES_AT = "/run/syschroot/images/";

  private final ImageName name;
  private final HostPath root;
  private final @Nullable HostPath file;
  private final String description;
  private final List<ImageName> aliases;
  private final @Nullable Personality personality;
  private final @Nullable ImagePath shell;
  private final DirectoryPolicy directoryPolicy;
  private final List<String> users;
  private final List<String> groups;
  private final MountPlan mounts;
  private final @Nullable Layer layer;
  private final Set<Integer> trustedOwners;
  private final boolean rootMount;
  private final boolean noNewPrivileges;
  private final Set<Capability> droppedCapabilities;
  private final OptionalLong openFiles;
  private final Consistency consistency;
  private final boolean cachedStarts;
  private final boolean prompt;
  private final EnvironmentChanges environment;
  private final @Nullable Launchers launchers;
  private final @Nullable SubmitSettings submit;
  private final Map<String, Origin> origins;

  private Image(Builder builder) {
    this.name = builder.name;
    this.root = builder.root;
    this.file = builder.file;
    this.description = builder.description;
    this.aliases = List.copyOf(builder.aliases);
    this.personality = builder.personality;
    this.shell = builder.shell;
    this.directoryPolicy = builder.directoryPolicy;
    this.users = List.copyOf(builder.users);
    this.groups = List.copyOf(builder.groups);
    this.mounts = builder.mounts;
    this.layer = builder.layer;
    this.trustedOwners = Set.copyOf(builder.trustedOwners);
    this.rootMount = builder.rootMount;
    this.noNewPrivileges = builder.noNewPrivileges;
    EnumSet<Capability> dropped = EnumSet.noneOf(Capability.class);
    dropped.addAll(builder.droppedCapabilities);
    this.droppedCapabilities = Collections.unmodifiableSet(dropped);
    this.openFiles = builder.openFiles;
    this.consistency = builder.consistency;
    this.cachedStarts = builder.cachedStarts;
    this.prompt = builder.prompt;
    this.environment = builder.environment;
    this.launchers = builder.launchers;
    this.submit = builder.submit;
    this.origins = Collections.unmodifiableMap(new LinkedHashMap<>(builder.origins));
  }

  /** Returns a builder for the image of a name that a file holds. */
  public static Builder ofFile(ImageName name, HostPath file) {
    Builder builder = new Builder(name, HostPath.of(FILES_AT + name));
    builder.file = file;
    return builder;
  }

  /** Returns a builder for the image of a name in a directory. */
  public static Builder builder(ImageName name, HostPath root) {
    return new Builder(name, root);
  }

  /** Returns the same image in another directory. */
  public Image in(HostPath otherRoot) {
    Builder copy = new Builder(name, otherRoot);
    copy.description = description;
    copy.aliases = aliases;
    copy.personality = personality;
    copy.shell = shell;
    copy.directoryPolicy = directoryPolicy;
    copy.users = users;
    copy.groups = groups;
    copy.mounts = mounts;
    copy.layer = layer;
    copy.trustedOwners = trustedOwners;
    copy.rootMount = rootMount;
    copy.noNewPrivileges = noNewPrivileges;
    copy.droppedCapabilities = droppedCapabilities;
    copy.openFiles = openFiles;
    copy.consistency = consistency;
    copy.cachedStarts = cachedStarts;
    copy.prompt = prompt;
    copy.environment = environment;
    copy.launchers = launchers;
    copy.submit = submit;
    copy.origins = origins;
    return copy.build();
  }

  /** Returns the name. */
  public ImageName name() {
    return name;
  }

  /** Returns the directory that becomes the root directory. */
  public HostPath root() {
    return root;
  }

  /**
   * Returns the file that holds its filesystem and is to be mounted on {@link #root()}, or empty if
   * that is the tree itself.
   */
  public Optional<HostPath> file() {
    return Optional.ofNullable(file);
  }

  /** Returns what the setting {@code root} names: the tree, or the file that holds it. */
  public HostPath place() {
    return file == null ? root : file;
  }

  /** Returns what the administrator says of it, or an empty string. */
  public String description() {
    return description;
  }

  /** Returns the other names that select it. */
  public List<ImageName> aliases() {
    return aliases;
  }

  /** Returns the execution domain of its commands, or empty to keep the caller's. */
  public Optional<Personality> personality() {
    return Optional.ofNullable(personality);
  }

  /** Returns the shell for a switch without command, or empty for the caller's. */
  public Optional<ImagePath> shell() {
    return Optional.ofNullable(shell);
  }

  /** Returns what to do when the caller's directory is missing. */
  public DirectoryPolicy directoryPolicy() {
    return directoryPolicy;
  }

  /** Returns the names of the users who may switch; with no groups either, everyone may. */
  public List<String> users() {
    return users;
  }

  /** Returns the names of the groups whose members may switch. */
  public List<String> groups() {
    return groups;
  }

  /** Returns what is to be mounted in it. */
  public MountPlan mounts() {
    return mounts;
  }

  /** Returns the layer that commands write to, or empty if they write to the tree. */
  public Optional<Layer> layer() {
    return Optional.ofNullable(layer);
  }

  /**
   * Returns the users besides root to whom the tree and the way to it may belong; if there are any,
   * set-user-ID programs have no effect.
   */
  public Set<Integer> trustedOwners() {
    return trustedOwners;
  }

  /**
   * Returns whether the mounts that last until they are unmounted begin with one of the root
   * directory on itself, so that it is a mount point for those who use them.
   */
  public boolean rootMount() {
    return rootMount;
  }

  /**
   * Returns the check for the way to the root directory.
   *
   * @param effectiveUid the user of this process, who is trusted as well
   */
  public TrustedPath trust(Kernel kernel, int effectiveUid) {
    return TrustedPath.forUser(kernel, effectiveUid).trusting(trustedOwners).ofImage();
  }

  /** Returns whether set-user-ID programs and file capabilities lose their effect. */
  public boolean noNewPrivileges() {
    return noNewPrivileges;
  }

  /** Returns the capabilities that no command may have. */
  public Set<Capability> droppedCapabilities() {
    return droppedCapabilities;
  }

  /** Returns the soft limit of open files, or empty to keep the caller's. */
  public OptionalLong openFiles() {
    return openFiles;
  }

  /** Returns what files of it follow those of the host. */
  public Consistency consistency() {
    return consistency;
  }

  /** Returns whether a start may be left compiled for the next one. */
  public boolean cachedStarts() {
    return cachedStarts;
  }

  /** Returns whether its shells get variables that show it in prompt and title. */
  public boolean prompt() {
    return prompt;
  }

  /** Returns the changes to the environment. */
  public EnvironmentChanges environment() {
    return environment;
  }

  /** Returns which launchers it is to have, or empty if none are configured. */
  public Optional<Launchers> launchers() {
    return Optional.ofNullable(launchers);
  }

  /** Returns how jobs get into it, or empty if that is not configured. */
  public Optional<SubmitSettings> submit() {
    return Optional.ofNullable(submit);
  }

  /** Returns where each setting was read, by its key; empty for an image made in code. */
  public Map<String, Origin> origins() {
    return origins;
  }

  @Override
  public String toString() {
    return name + " (" + root + ")";
  }

  /** Builder of an image. Not thread-safe. */
  public static final class Builder {
    private final ImageName name;
    private final HostPath root;
    private @Nullable HostPath file;
    private String description = "";
    private List<ImageName> aliases = List.of();
    private @Nullable Personality personality;
    private @Nullable ImagePath shell;
    private DirectoryPolicy directoryPolicy = DirectoryPolicy.SAME_OR_FAIL;
    private List<String> users = List.of();
    private List<String> groups = List.of();
    private MountPlan mounts = MountPlan.standard();
    private @Nullable Layer layer;
    private Set<Integer> trustedOwners = Set.of();
    private boolean rootMount;
    private boolean noNewPrivileges;
    private Set<Capability> droppedCapabilities = Set.of();
    private OptionalLong openFiles = OptionalLong.empty();
    private Consistency consistency = Consistency.NONE;
    private boolean cachedStarts = true;
    private boolean prompt = true;
    private EnvironmentChanges environment = EnvironmentChanges.NONE;
    private @Nullable Launchers launchers;
    private @Nullable SubmitSettings submit;
    private Map<String, Origin> origins = Map.of();

    private Builder(ImageName name, HostPath root) {
      this.name = name;
      this.root = root;
    }

    /** Sets the description. */
    public Builder description(String text) {
      this.description = text;
      return this;
    }

    /** Sets the other names. */
    public Builder aliases(List<ImageName> names) {
      this.aliases = names;
      return this;
    }

    /** Sets the execution domain. */
    public Builder personality(Personality domain) {
      this.personality = domain;
      return this;
    }

    /** Sets the shell. */
    public Builder shell(ImagePath path) {
      this.shell = path;
      return this;
    }

    /** Sets the policy for a working directory that is missing in the image. */
    public Builder directoryPolicy(DirectoryPolicy policy) {
      this.directoryPolicy = policy;
      return this;
    }

    /** Sets the users who may switch. */
    public Builder users(List<String> names) {
      this.users = names;
      return this;
    }

    /** Sets the groups whose members may switch. */
    public Builder groups(List<String> names) {
      this.groups = names;
      return this;
    }

    /** Sets the configured mounts; {@link MountPlan#standard()} unless this is called. */
    public Builder mounts(MountPlan plan) {
      this.mounts = plan;
      return this;
    }

    /** Sets the layer that commands write to. */
    public Builder layer(Layer wanted) {
      this.layer = wanted;
      return this;
    }

    /** Sets the users besides root to whom the tree may belong. */
    public Builder trustedOwners(Set<Integer> uids) {
      this.trustedOwners = uids;
      return this;
    }

    /** Sets whether mounts that last begin with one of the root directory on itself. */
    public Builder rootMount(boolean set) {
      this.rootMount = set;
      return this;
    }

    /** Sets whether set-user-ID programs lose their effect. */
    public Builder noNewPrivileges(boolean set) {
      this.noNewPrivileges = set;
      return this;
    }

    /** Sets the capabilities to drop. */
    public Builder droppedCapabilities(Set<Capability> capabilities) {
      this.droppedCapabilities = capabilities;
      return this;
    }

    /**
     * Sets the soft limit of open files.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder openFiles(long softLimit) {
      if (softLimit <= 0) {
        throw new IllegalArgumentException(
            softLimit + " is not a valid limit: it must be positive");
      }
      this.openFiles = OptionalLong.of(softLimit);
      return this;
    }

    /** Sets which files of the image follow those of the host. */
    public Builder consistency(Consistency wanted) {
      this.consistency = wanted;
      return this;
    }

    /** Sets whether a start may be left compiled for the next one; it may unless this is called. */
    public Builder cachedStarts(boolean set) {
      this.cachedStarts = set;
      return this;
    }

    /** Sets whether its shells show it in prompt and title; they do unless this is called. */
    public Builder prompt(boolean set) {
      this.prompt = set;
      return this;
    }

    /** Sets the changes to the environment. */
    public Builder environment(EnvironmentChanges changes) {
      this.environment = changes;
      return this;
    }

    /** Sets the configured launchers. */
    public Builder launchers(Launchers wanted) {
      this.launchers = wanted;
      return this;
    }

    /** Sets how jobs get into it. */
    public Builder submit(SubmitSettings settings) {
      this.submit = settings;
      return this;
    }

    /** Sets where each setting was read, by its key. */
    public Builder origins(Map<String, Origin> places) {
      this.origins = places;
      return this;
    }

    /** Returns the image. */
    public Image build() {
      return new Image(this);
    }
  }
}
