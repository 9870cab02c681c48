// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.syschroot.cli.frame.ByteStrings;
import org.syschroot.cli.frame.Options;
import org.syschroot.cli.frame.OwnProcess;
import org.syschroot.cli.frame.UsageException;
import org.syschroot.cli.frame.UserOption;
import org.syschroot.image.Image;
import org.syschroot.image.Personality;
import org.syschroot.kernel.Capability;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.Layer;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.plan.MountNamespace;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.plan.UserIds;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The options of {@code run} and {@code explain}, and the request that they make. */
final class RunOptions {
  private static final OsString DASH = OsString.of("-");

  /** One {@code --env} or {@code --unset-env}. */
  private record VariableOption(OptionSpec option, String value) {}

  private final List<VariableOption> variables = new ArrayList<>();

  private final OptionSpec commandLine =
      Options.value(
          "-c", "STRING", "Run a command line with the image's shell; ARGs become $0, $1 ...");
  private final OptionSpec directory =
      Options.value(
          "DIR",
          "Start in this directory of the image (default: the working directory).",
          new String[] {"-d", "--directory"});
  private final OptionSpec user =
      Options.value(
          "NAME|UID[:GROUP|GID]",
          "Run as this user, with the user's groups.",
          new String[] {"-u", "--user"});
  private final OptionSpec login = Options.flag("Start the command as a login shell.", "--login");
  private final OptionSpec programName =
      Options.value("--as", "NAME", "Give the command this argv[0].");
  private final OptionSpec setVariables =
      Options.ordered(
          "--env",
          "NAME=VALUE",
          "Set a variable; can be repeated. The last option for a variable counts.",
          value -> changeVariable(this.setVariables, value));
  private final OptionSpec unsetVariables =
      Options.ordered(
          "--unset-env",
          "NAME",
          "Remove a variable; can be repeated.",
          value -> changeVariable(this.unsetVariables, value));
  private final OptionSpec clearEnvironment =
      Options.flag("Start with an empty environment.", "--clear-env");
  private final OptionSpec personality =
      Options.repeated(
          "--personality", "NAME", "Use this personality instead of the image's; can be repeated.");
  private final OptionSpec binds =
      Options.repeated(
          "--bind",
          "SOURCE[:TARGET[:OPTIONS]]",
          "Add this mount; it replaces a configured one with the same target. Can be repeated.");
  private final OptionSpec leftOut =
      Options.repeated(
          "--without-mount", "TARGET", "Omit this mount of the image; can be repeated.");
  private final OptionSpec ownNamespace =
      Options.flag("Always create a private mount namespace.", "--private");
  private final OptionSpec sharedNamespace =
      Options.flag("Create no mounts; use the existing ones.", "--shared");
  private final OptionSpec droppedCapabilities =
      Options.repeated("--drop-capability", "NAME|all", "Drop this capability; can be repeated.");
  private final OptionSpec noNewPrivileges =
      Options.flag("Ignore set-user-ID bits and file capabilities.", "--no-new-privileges");
  private final OptionSpec throwAway =
      Options.flag(
          "Keep changes in memory, and discard them when the command ends.", "--throw-away");
  private final OptionSpec rootless =
      Options.flag(
          "Enter the image in a user namespace, without root's privileges (default for ordinary"
              + " users).",
          "--rootless");
  private final OptionSpec asRoot =
      Options.flag("Like --rootless, but as root in that namespace.", "--as-root");
  private final OptionSpec noCache =
      Options.flag("Plan anew: do not read or write the cache of plans.", "--no-cache");
  private final PositionalParamSpec words =
      Options.parameters(
          "IMAGE [--] [COMMAND [ARG...]]",
          "The image, and the command to run in it (default: its shell).");

  void declareIn(CommandSpec spec) {
    List<OptionSpec> options =
        List.of(
            commandLine,
            directory,
            user,
            login,
            programName,
            setVariables,
            unsetVariables,
            clearEnvironment,
            personality,
            binds,
            leftOut,
            ownNamespace,
            sharedNamespace,
            droppedCapabilities,
            noNewPrivileges,
            throwAway,
            rootless,
            asRoot,
            noCache);
    for (OptionSpec option : options) {
      spec.addOption(option);
    }
    spec.addPositional(words);
  }

  /** Returns the name of the image that was asked for. */
  String imageName() throws UsageException {
    if (Options.texts(words).isEmpty()) {
      throw new UsageException("missing argument IMAGE");
    }
    return ByteStrings.readable(Options.texts(words).get(0));
  }

  /** Returns whether the plan may be left for the next call. */
  boolean mayBeCached() {
    return !Options.isSet(noCache);
  }

  private void changeVariable(OptionSpec option, String value) {
    variables.add(new VariableOption(option, value));
  }

  /** Returns the name or number of the user as whom the command is to run, without the group. */
  Optional<String> userName() {
    String wanted = Options.text(user);
    return wanted == null
        ? Optional.empty()
        : Optional.of(ByteStrings.readable(wanted).replaceFirst(":.*", ""));
  }

  /** Returns whether this image was asked for. */
  boolean isImage(String name) {
    return ByteStrings.readable(Options.texts(words).get(0)).equals(name);
  }

  /** Returns the words behind the image's name. */
  List<OsString> command() {
    List<String> all = Options.texts(words);
    int start = all.size() > 1 && all.get(1).equals("--") ? 2 : 1;
    List<OsString> command = new ArrayList<>();
    for (String word : all.subList(start, all.size())) {
      command.add(ByteStrings.encode(word));
    }
    return command;
  }

  /** Returns the request that the options make of an image. */
  SwitchRequest request(Image image) throws UsageException, IOException {
    if (Options.isSet(ownNamespace) && Options.isSet(sharedNamespace)) {
      throw new UsageException("--private and --shared exclude each other");
    }
    try {
      SwitchRequest request =
          program(SwitchRequest.in(image))
              .login(Options.isSet(login))
              .emptyEnvironment(Options.isSet(clearEnvironment))
              .mountNamespace(mountNamespace())
              .dropCapabilities(capabilities())
              .noNewPrivileges(Options.isSet(noNewPrivileges));
      if (Options.isSet(throwAway)) {
        request = request.layer(Layer.THROW_AWAY);
      }
      if (Options.isSet(rootless) || Options.isSet(asRoot)) {
        request = request.rootless(Options.isSet(asRoot) ? UserIds.AS_ROOT : UserIds.KEPT);
      }
      String start = Options.text(directory);
      if (start != null) {
        request = request.directory(imagePath("--directory", start));
      }
      String name = Options.text(programName);
      if (name != null) {
        request = request.programName(ByteStrings.encode(name));
      }
      if (!Options.texts(personality).isEmpty()) {
        request = request.personality(Personality.of(split(Options.texts(personality))));
      }
      for (String bind : Options.texts(binds)) {
        request = request.mount(BindMount.parse(ByteStrings.encode(bind)));
      }
      for (String target : Options.texts(leftOut)) {
        request = request.withoutMount(imagePath("--without-mount", target));
      }
      String wanted = Options.text(user);
      if (wanted != null) {
        request =
            new UserOption(ByteStrings.readable(wanted), Options.isSet(login)).applyTo(request);
      }
      return withVariables(request);
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }

  /**
   * What is to run. A link's first word that begins with a dash is the shell's, as a launcher's.
   */
  private SwitchRequest program(SwitchRequest request) {
    List<OsString> command = command();
    String line = Options.text(commandLine);
    if (line != null) {
      List<OsString> arguments = new ArrayList<>(command);
      arguments.addAll(0, List.of(OsString.of("-c"), ByteStrings.encode(line)));
      return request.shell(arguments);
    }
    boolean byName = !OwnProcess.invokedAs().equals(OwnProcess.COMMAND);
    return byName && !command.isEmpty() && command.get(0).startsWith(DASH)
        ? request.shell(command)
        : request.command(command);
  }

  /** Lets names be separated by commas as well. */
  private static List<String> split(List<String> values) {
    List<String> names = new ArrayList<>();
    for (String value : values) {
      names.addAll(List.of(value.split(",", -1)));
    }
    return names;
  }

  private static ImagePath imagePath(String option, String word) {
    try {
      return ImagePath.of(ByteStrings.encode(word));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(option + " " + e.getMessage(), e);
    }
  }

  private MountNamespace mountNamespace() {
    if (Options.isSet(ownNamespace)) {
      return MountNamespace.PRIVATE;
    }
    return Options.isSet(sharedNamespace) ? MountNamespace.SHARED : MountNamespace.AUTOMATIC;
  }

  private Set<Capability> capabilities() throws UsageException {
    Set<Capability> capabilities = EnumSet.noneOf(Capability.class);
    for (String name : split(Options.texts(droppedCapabilities))) {
      if (name.equals("all")) {
        return EnumSet.allOf(Capability.class);
      }
      capabilities.add(
          Capability.of(name)
              .orElseThrow(
                  () ->
                      new UsageException(
                          "--drop-capability \""
                              + ByteStrings.readable(name)
                              + "\" is not a capability: allowed are \"all\" and the names of"
                              + " capabilities(7), such as sys_module")));
    }
    return capabilities;
  }

  @SuppressWarnings("ReferenceEquality") // of the lists that two options fill
  private SwitchRequest withVariables(SwitchRequest plain) throws UsageException {
    SwitchRequest request = plain;
    for (VariableOption variable : variables) {
      String assignment = variable.value();
      if (variable.option() == unsetVariables) {
        request = request.withoutVariable(ByteStrings.encode(assignment));
        continue;
      }
      int equals = assignment.indexOf('=');
      if (equals < 0) {
        throw new UsageException(
            "--env \"" + ByteStrings.readable(assignment) + "\" must be NAME=VALUE");
      }
      request =
          request.variable(
              ByteStrings.encode(assignment.substring(0, equals)),
              ByteStrings.encode(assignment.substring(equals + 1)));
    }
    return request;
  }
}
