// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A row of the conformance table: an image's settings, the state of the caller, a command, and what
 * is to come out, whichever way the command gets into the image. Immutable: every method returns a
 * changed copy. Bytes are those of Latin-1 strings.
 *
 * @param group what the situation is about
 * @param name the situation, as a sentence that holds in every column
 * @param settings lines of the image's file, besides its root and mounts
 * @param mounts the image's mounts, in TOML
 * @param prepare shell commands of root, run in a mount namespace that vanishes afterwards; {@code
 *     $root} is the image's root
 * @param state lines for {@code driver.pl}
 * @param environment the caller's environment
 * @param directory the caller's directory, made if it is missing
 * @param input what standard input holds
 * @param options options of run; only few of the other ways have any
 * @param command the command, empty for the shell
 * @param expected what the outcome is to match, a regular expression
 */
record Situation(
    String group,
    String name,
    String settings,
    String mounts,
    String prepare,
    List<String> state,
    List<String> environment,
    String directory,
    String input,
    List<String> options,
    List<String> command,
    String expected) {

  static Situation of(String group, String name) {
    return new Situation(
        group,
        name,
        "",
        "[\"standard\"]",
        "",
        List.of(),
        List.of("PATH=/mnt/stub:/usr/bin:/bin", "HOME=/tmp", "LC_ALL=C"),
        "/tmp",
        "",
        List.of(),
        List.of(),
        "");
  }

  Situation settings(String lines) {
    return new Situation(
        group,
        name,
        lines,
        mounts,
        prepare,
        state,
        environment,
        directory,
        input,
        options,
        command,
        expected);
  }

  Situation mounts(String toml) {
    return new Situation(
        group,
        name,
        settings,
        toml,
        prepare,
        state,
        environment,
        directory,
        input,
        options,
        command,
        expected);
  }

  Situation prepared(String script) {
    return new Situation(
        group,
        name,
        settings,
        mounts,
        script,
        state,
        environment,
        directory,
        input,
        options,
        command,
        expected);
  }

  Situation state(String... lines) {
    List<String> all = new ArrayList<>(state);
    all.addAll(List.of(lines));
    return new Situation(
        group,
        name,
        settings,
        mounts,
        prepare,
        List.copyOf(all),
        environment,
        directory,
        input,
        options,
        command,
        expected);
  }

  Situation with(String... entries) {
    List<String> all = new ArrayList<>(environment);
    all.addAll(List.of(entries));
    return new Situation(
        group,
        name,
        settings,
        mounts,
        prepare,
        state,
        List.copyOf(all),
        directory,
        input,
        options,
        command,
        expected);
  }

  Situation without(String variable) {
    List<String> left =
        environment.stream().filter(entry -> !entry.startsWith(variable + "=")).toList();
    return new Situation(
        group, name, settings, mounts, prepare, state, left, directory, input, options, command,
        expected);
  }

  Situation in(String path) {
    return new Situation(
        group,
        name,
        settings,
        mounts,
        prepare,
        state,
        environment,
        path,
        input,
        options,
        command,
        expected);
  }

  Situation input(String text) {
    return new Situation(
        group,
        name,
        settings,
        mounts,
        prepare,
        state,
        environment,
        directory,
        text,
        options,
        command,
        expected);
  }

  Situation options(String... words) {
    return new Situation(
        group,
        name,
        settings,
        mounts,
        prepare,
        state,
        environment,
        directory,
        input,
        List.of(words),
        command,
        expected);
  }

  Situation command(String... words) {
    return new Situation(
        group,
        name,
        settings,
        mounts,
        prepare,
        state,
        environment,
        directory,
        input,
        options,
        List.of(words),
        expected);
  }

  Situation perl(String program, String... arguments) {
    List<String> words = new ArrayList<>(List.of("/usr/bin/perl", "-e", program));
    words.addAll(List.of(arguments));
    return command(words.toArray(String[]::new));
  }

  /** Expects a status, an output, and nothing on standard error. */
  Situation prints(int status, String out) {
    return expects("status " + status + "\nout: " + out + "\nerr: ");
  }

  /** Expects an outcome that matches a regular expression. */
  Situation expects(String pattern) {
    return new Situation(
        group,
        name,
        settings,
        mounts,
        prepare,
        state,
        environment,
        directory,
        input,
        options,
        command,
        pattern);
  }

  /** Expects a status, no output, and a message that begins like this. */
  Situation refusedWith(int status, String message) {
    return expects("status " + status + "\nout: \nerr: syschroot: [a-z0-9]+: " + message + ".*");
  }

  /** Returns the base name of the command's program, empty for the shell. */
  Optional<String> program() {
    return command.isEmpty()
        ? Optional.empty()
        : Optional.of(command.get(0).substring(command.get(0).lastIndexOf('/') + 1));
  }

  @Override
  public String toString() {
    return group + ": " + name;
  }
}
