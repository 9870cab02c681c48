// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.conformance;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.ArrayList;
import java.util.List;

/** A command of the host, started by {@link ProcessBuilder}. */
final class JdkChild implements ChildBuilder {
  private final ProcessBuilder builder;

  JdkChild(List<String> command) {
    builder = new ProcessBuilder(command);
  }

  @Override
  public ChildBuilder directory(String path) {
    builder.directory(new File(path));
    return this;
  }

  @Override
  public ChildBuilder variable(String name, String value) {
    builder.environment().put(name, value);
    return this;
  }

  @Override
  public ChildBuilder withoutVariable(String name) {
    builder.environment().remove(name);
    return this;
  }

  @Override
  public ChildBuilder emptyEnvironment() {
    builder.environment().clear();
    return this;
  }

  @Override
  public ChildBuilder input(Redirect source) {
    builder.redirectInput(source);
    return this;
  }

  @Override
  public ChildBuilder output(Redirect target) {
    builder.redirectOutput(target);
    return this;
  }

  @Override
  public ChildBuilder error(Redirect target) {
    builder.redirectError(target);
    return this;
  }

  @Override
  public ChildBuilder merged() {
    builder.redirectErrorStream(true);
    return this;
  }

  @Override
  public ChildBuilder inheritIO() {
    builder.inheritIO();
    return this;
  }

  @Override
  public Process start() throws IOException {
    return builder.start();
  }

  @Override
  public List<Process> startWith(List<ChildBuilder> next) throws IOException {
    List<ProcessBuilder> all = new ArrayList<>(List.of(builder));
    next.forEach(one -> all.add(((JdkChild) one).builder));
    return ProcessBuilder.startPipeline(all);
  }

  @Override
  public List<Process> startThen(ChildBuilder reader) throws IOException {
    return startWith(List.of(reader));
  }
}
