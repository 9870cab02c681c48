// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.syschroot.caller.Caller;
import org.syschroot.host.HostState;
import org.syschroot.image.EnvironmentChanges;
import org.syschroot.image.Image;
import org.syschroot.image.Personality;
import org.syschroot.kernel.Capability;
import org.syschroot.mountplan.Layer;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.mountplan.MountStep;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

/**
 * A command to run in an image, with its options. Immutable: every method returns a changed copy.
 *
 * <p>Use it to say what runs and where; {@code Syschroot.start} runs it, and {@code
 * Syschroot.prepare} ties it to streams and limits first.
 *
 * <pre>{@code
 * SwitchRequest build = SwitchRequest.in(sl5).command("make", "-j4").directory("/home/alice/src");
 * SwitchedProcess make = syschroot.start(build.identity(Identity.of("alice")));
 * }</pre>
 */
public final class SwitchRequest {
  private final Image image;
  private List<OsString> command = List.of();
  private List<OsString> shellArguments = List.of();
  private @Nullable ImagePath directory;
  private @Nullable Identity identity;
  private @Nullable OsString programName;
  private boolean login;
  private boolean emptyEnvironment;
  private Map<OsString, OsString> setVariables = Map.of();
  private Set<OsString> unsetVariables = Set.of();
  private @Nullable Personality personality;
  private MountPlan furtherMounts = MountPlan.empty();
  private Set<ImagePath> withoutMounts = Set.of();
  private MountNamespace mountNamespace = MountNamespace.AUTOMATIC;
  private Set<Capability> droppedCapabilities = Set.of();
  private boolean noNewPrivileges;
  private @Nullable UserIds userNamespace;
  private boolean accessChecked;
  private List<EnvironmentChanges> contributed = List.of();
  private Map<Limit, Long> limits = Map.of();
  private @Nullable Layer layer;

  private SwitchRequest(Image image) {
    this.image = image;
  }

  private SwitchRequest(SwitchRequest other) {
    this.image = other.image;
    this.command = other.command;
    this.shellArguments = other.shellArguments;
    this.directory = other.directory;
    this.identity = other.identity;
    this.programName = other.programName;
    this.login = other.login;
    this.emptyEnvironment = other.emptyEnvironment;
    this.setVariables = other.setVariables;
    this.unsetVariables = other.unsetVariables;
    this.personality = other.personality;
    this.furtherMounts = other.furtherMounts;
    this.withoutMounts = other.withoutMounts;
    this.mountNamespace = other.mountNamespace;
    this.droppedCapabilities = other.droppedCapabilities;
    this.noNewPrivileges = other.noNewPrivileges;
    this.userNamespace = other.userNamespace;
    this.accessChecked = other.accessChecked;
    this.contributed = other.contributed;
    this.limits = other.limits;
    this.layer = other.layer;
  }

  /** Returns the request for the shell of an image, everything as the image's settings say. */
  public static SwitchRequest in(Image image) {
    return new SwitchRequest(image);
  }

  /** Asks for a command: a program and its arguments. */
  public SwitchRequest command(String... words) {
    List<OsString> bytes = new ArrayList<>();
    for (String word : words) {
      bytes.add(OsString.of(word));
    }
    return command(bytes);
  }

  /**
   * Asks for a command: a program and its arguments; none for the shell.
   *
   * @throws IllegalArgumentException if the program is an empty string
   */
  public SwitchRequest command(List<OsString> words) {
    if (!words.isEmpty() && words.get(0).isEmpty()) {
      throw new IllegalArgumentException(
          "the command is an empty string: give the name of a program");
    }
    SwitchRequest copy = new SwitchRequest(this);
    copy.command = List.copyOf(words);
    copy.shellArguments = List.of();
    return copy;
  }

  /**
   * Asks for the image's shell with arguments, such as {@code -c} and a command line. Replaces a
   * command that was asked for before.
   */
  public SwitchRequest shell(List<OsString> arguments) {
    SwitchRequest copy = new SwitchRequest(this);
    copy.command = List.of();
    copy.shellArguments = List.copyOf(arguments);
    return copy;
  }

  /** Asks for the image's shell with arguments, such as {@code -c} and a command line. */
  public SwitchRequest shell(String... arguments) {
    List<OsString> bytes = new ArrayList<>();
    for (String argument : arguments) {
      bytes.add(OsString.of(argument));
    }
    return shell(bytes);
  }

  /**
   * Asks for a command: a program and its arguments, in the order of the collection; none for the
   * shell.
   *
   * @throws IllegalArgumentException if the program is an empty string
   */
  public SwitchRequest command(Collection<String> words) {
    return command(words.toArray(String[]::new));
  }

  /** Asks for another directory than the caller's. */
  public SwitchRequest directory(ImagePath path) {
    SwitchRequest copy = new SwitchRequest(this);
    copy.directory = path;
    return copy;
  }

  /**
   * Asks for another directory than the caller's.
   *
   * @throws IllegalArgumentException if it is not an absolute path
   */
  public SwitchRequest directory(String path) {
    return directory(ImagePath.of(path));
  }

  /**
   * Asks for another directory than the caller's.
   *
   * @param path in the image
   * @throws IllegalArgumentException if it is not an absolute path
   */
  public SwitchRequest directory(Path path) {
    return directory(path.toString());
  }

  /** Asks for another user than the caller. */
  public SwitchRequest identity(Identity user) {
    SwitchRequest copy = new SwitchRequest(this);
    copy.identity = user;
    return copy;
  }

  /** Asks for another {@code argv[0]} than the command's own. */
  public SwitchRequest programName(OsString name) {
    SwitchRequest copy = new SwitchRequest(this);
    copy.programName = name;
    return copy;
  }

  /** Asks for a login shell: {@code argv[0]} begins with {@code -}. */
  public SwitchRequest login(boolean asLogin) {
    SwitchRequest copy = new SwitchRequest(this);
    copy.login = asLogin;
    return copy;
  }

  /**
   * Asks for an environment with nothing but what this request sets, and {@code SYSCHROOT_IMAGE},
   * by which every program can tell that it is in an image: without the variables of the caller, of
   * the image's settings and of site code.
   */
  public SwitchRequest emptyEnvironment(boolean empty) {
    SwitchRequest copy = new SwitchRequest(this);
    copy.emptyEnvironment = empty;
    return copy;
  }

  /**
   * Sets a variable, also if it was to be removed before.
   *
   * @throws IllegalArgumentException if the name is empty or contains {@code =}
   */
  public SwitchRequest variable(OsString name, OsString value) {
    checkVariable(name);
    SwitchRequest copy = new SwitchRequest(this);
    Map<OsString, OsString> variables = new LinkedHashMap<>(setVariables);
    variables.put(name, value);
    copy.setVariables = Collections.unmodifiableMap(variables);
    Set<OsString> unset = new LinkedHashSet<>(unsetVariables);
    unset.remove(name);
    copy.unsetVariables = Collections.unmodifiableSet(unset);
    return copy;
  }

  /**
   * Sets a variable.
   *
   * @throws IllegalArgumentException if the name is empty or contains {@code =}
   */
  public SwitchRequest variable(String name, String value) {
    return variable(OsString.of(name), OsString.of(value));
  }

  /**
   * Sets variables, besides those that the command inherits.
   *
   * @throws IllegalArgumentException if a name is empty or contains {@code =}
   */
  public SwitchRequest environment(Map<String, String> variables) {
    SwitchRequest changed = this;
    for (Map.Entry<String, String> entry : variables.entrySet()) {
      changed = changed.variable(entry.getKey(), entry.getValue());
    }
    return changed;
  }

  /**
   * Removes a variable, also if it was to be set before.
   *
   * @throws IllegalArgumentException if the name is empty or contains {@code =}
   */
  public SwitchRequest withoutVariable(OsString name) {
    checkVariable(name);
    SwitchRequest copy = new SwitchRequest(this);
    Set<OsString> variables = new LinkedHashSet<>(unsetVariables);
    variables.add(name);
    copy.unsetVariables = Collections.unmodifiableSet(variables);
    Map<OsString, OsString> set = new LinkedHashMap<>(setVariables);
    set.remove(name);
    copy.setVariables = Collections.unmodifiableMap(set);
    return copy;
  }

  /**
   * Removes a variable.
   *
   * @throws IllegalArgumentException if the name is empty or contains {@code =}
   */
  public SwitchRequest withoutVariable(String name) {
    return withoutVariable(OsString.of(name));
  }

  private static void checkVariable(OsString name) {
    if (name.isEmpty() || name.indexOf('=') >= 0) {
      throw new IllegalArgumentException(
          "\"" + name + "\" is not the name of a variable: it must not be empty or contain \"=\"");
    }
  }

  /** Asks for another execution domain than the image's. */
  public SwitchRequest personality(Personality domain) {
    SwitchRequest copy = new SwitchRequest(this);
    copy.personality = domain;
    return copy;
  }

  /**
   * Asks for a further mount, which needs a mount namespace of its own.
   *
   * @throws IllegalArgumentException if it conflicts with another mount of the request or image
   */
  public SwitchRequest mount(MountStep step) {
    SwitchRequest copy = new SwitchRequest(this);
    copy.furtherMounts = furtherMounts.plus(step);
    image.mounts().replacing(copy.furtherMounts);
    return copy;
  }

  /**
   * Leaves a mount of the image out for this command, in a mount namespace of its own.
   *
   * @param target the target of a mount of the image's settings or of site code
   */
  public SwitchRequest withoutMount(ImagePath target) {
    SwitchRequest copy = new SwitchRequest(this);
    Set<ImagePath> targets = new LinkedHashSet<>(withoutMounts);
    targets.add(target);
    copy.withoutMounts = Collections.unmodifiableSet(targets);
    return copy;
  }

  /** Chooses the mount namespace. */
  public SwitchRequest mountNamespace(MountNamespace choice) {
    SwitchRequest copy = new SwitchRequest(this);
    copy.mountNamespace = choice;
    return copy;
  }

  /**
   * Asks for a way into the image that takes no privilege: a user namespace of the command's own,
   * in which the mounts are made for this command alone. Whoever has no privilege goes this way
   * without asking for it.
   *
   * @param ids which numbers the caller's user and group have there
   */
  public SwitchRequest rootless(UserIds ids) {
    SwitchRequest copy = new SwitchRequest(this);
    copy.userNamespace = ids;
    return copy;
  }

  /** Drops capabilities, besides those that the image drops. */
  public SwitchRequest dropCapabilities(Set<Capability> capabilities) {
    SwitchRequest copy = new SwitchRequest(this);
    EnumSet<Capability> all = EnumSet.noneOf(Capability.class);
    all.addAll(droppedCapabilities);
    all.addAll(capabilities);
    copy.droppedCapabilities = Collections.unmodifiableSet(all);
    return copy;
  }

  /** Asks for a layer to which the command writes instead of the image's tree. */
  public SwitchRequest layer(Layer wanted) {
    SwitchRequest copy = new SwitchRequest(this);
    copy.layer = wanted;
    return copy;
  }

  /**
   * Asks that set-user-ID programs lose their effect; an image that says so cannot be overruled.
   */
  public SwitchRequest noNewPrivileges(boolean set) {
    SwitchRequest copy = new SwitchRequest(this);
    copy.noNewPrivileges = set;
    return copy;
  }

  /**
   * Limits a resource for the command and everything that it starts, soft and hard: at most what
   * the caller has, and the lowest of all limits that are asked for. It holds before the program
   * begins. One of open files counts instead of the image's {@code nofile}.
   *
   * @param value in the unit of the resource
   * @throws IllegalArgumentException if it is negative
   */
  public SwitchRequest limit(Limit resource, long value) {
    KernelStep.SetLimit.checkValue(resource, value);
    SwitchRequest copy = new SwitchRequest(this);
    Map<Limit, Long> all = new EnumMap<>(Limit.class);
    all.putAll(limits);
    all.merge(resource, value, Math::min);
    copy.limits = Collections.unmodifiableMap(all);
    return copy;
  }

  /**
   * Declares that the calling program has checked by its own rules that the user is allowed to use
   * the image: the image's {@code users} and {@code groups} are not looked at.
   */
  public SwitchRequest accessChecked() {
    SwitchRequest copy = new SwitchRequest(this);
    copy.accessChecked = true;
    return copy;
  }

  /**
   * Adds changes of the environment that site code asks for. They come after those of the image and
   * before those of this request, which therefore count.
   */
  public SwitchRequest contributed(EnvironmentChanges changes) {
    SwitchRequest copy = new SwitchRequest(this);
    List<EnvironmentChanges> all = new ArrayList<>(contributed);
    all.add(changes);
    copy.contributed = List.copyOf(all);
    return copy;
  }

  /**
   * Computes the steps for whoever asks, without executing any of them.
   *
   * @throws SwitchException if the request cannot be carried out on this host
   */
  public ImagePlan plan(HostState host) throws SwitchException {
    return new ImagePlanner(this, host).plan();
  }

  /**
   * Computes the steps by which this process becomes the command on the host itself, with all that
   * the caller has, as a scheduler's command does that submits a job for the image.
   */
  public ImagePlan planOutside() {
    return ImagePlanner.outside(this);
  }

  /**
   * Computes the steps for one caller, without executing any of them.
   *
   * @throws SwitchException if the request cannot be carried out for this caller
   */
  public SwitchPlan plan(Caller caller, HostState host) throws SwitchException {
    return plan(host).bind(caller);
  }

  /** Returns the image. */
  public Image image() {
    return image;
  }

  /** Returns the program and its arguments, none for the shell. */
  public List<OsString> command() {
    return command;
  }

  /** Returns the arguments of the shell; none if a command was asked for. */
  public List<OsString> shellArguments() {
    return shellArguments;
  }

  /** Returns whether this is the image's shell without a command. */
  public boolean isShell() {
    return command.isEmpty() && shellArguments.isEmpty();
  }

  Optional<ImagePath> directory() {
    return Optional.ofNullable(directory);
  }

  /** Returns the user to run as, or empty for the caller. */
  public Optional<Identity> identity() {
    return Optional.ofNullable(identity);
  }

  /** Returns what {@link #rootless} was called with, or empty if it was not. */
  public Optional<UserIds> userNamespace() {
    return Optional.ofNullable(userNamespace);
  }

  /** Returns whether {@link #accessChecked()} was called. */
  public boolean isAccessChecked() {
    return accessChecked;
  }

  Optional<OsString> programName() {
    return Optional.ofNullable(programName);
  }

  boolean login() {
    return login;
  }

  boolean emptyEnvironment() {
    return emptyEnvironment;
  }

  Map<OsString, OsString> setVariables() {
    return setVariables;
  }

  Set<OsString> unsetVariables() {
    return unsetVariables;
  }

  Optional<Personality> personality() {
    return personality == null ? image.personality() : Optional.of(personality);
  }

  /** Returns the changes of the environment by settings and site code, in this order. */
  List<EnvironmentChanges> environmentBeneath() {
    if (emptyEnvironment) {
      return List.of();
    }
    List<EnvironmentChanges> all = new ArrayList<>();
    all.add(image.environment());
    all.addAll(contributed);
    return all;
  }

  Set<ImagePath> withoutMounts() {
    return withoutMounts;
  }

  MountPlan furtherMounts() {
    return furtherMounts;
  }

  MountNamespace mountNamespace() {
    return mountNamespace;
  }

  Set<Capability> droppedCapabilities() {
    EnumSet<Capability> all = EnumSet.noneOf(Capability.class);
    all.addAll(image.droppedCapabilities());
    all.addAll(droppedCapabilities);
    return all;
  }

  /** Returns the limits, soft and hard, in the order of the resources. */
  Map<Limit, Long> limits() {
    return limits;
  }

  Optional<Layer> layer() {
    return layer == null ? image.layer() : Optional.of(layer);
  }

  boolean noNewPrivileges() {
    // Programs with a privilege would trust libraries of another owner than root.
    return noNewPrivileges || image.noNewPrivileges() || !image.trustedOwners().isEmpty();
  }
}
