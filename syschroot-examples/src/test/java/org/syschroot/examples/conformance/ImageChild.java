// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.conformance;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.syschroot.Syschroot;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.spawn.Spawn;
import org.syschroot.spawn.SwitchedProcess;

/** A command in an image, started by the library. */
final class ImageChild implements ChildBuilder {
  private final Syschroot syschroot;
  private SwitchRequest request;
  private UnaryOperator<Spawn> streams = UnaryOperator.identity();

  ImageChild(Syschroot syschroot, SwitchRequest request) {
    this.syschroot = syschroot;
    this.request = request;
  }

  private ImageChild with(UnaryOperator<Spawn> further) {
    UnaryOperator<Spawn> before = streams;
    streams = spawn -> further.apply(before.apply(spawn));
    // What cannot be is refused at once, as by ProcessBuilder.
    spawn();
    return this;
  }

  private Spawn spawn() {
    return streams.apply(syschroot.prepare(request));
  }

  @Override
  public ChildBuilder directory(String path) {
    request = request.directory(path);
    return this;
  }

  @Override
  public ChildBuilder variable(String name, String value) {
    request = request.variable(name, value);
    return this;
  }

  @Override
  public ChildBuilder withoutVariable(String name) {
    request = request.withoutVariable(name);
    return this;
  }

  @Override
  public ChildBuilder emptyEnvironment() {
    request = request.emptyEnvironment(true);
    return this;
  }

  @Override
  public ChildBuilder input(Redirect source) {
    return with(spawn -> spawn.redirectInput(source));
  }

  @Override
  public ChildBuilder output(Redirect target) {
    return with(spawn -> spawn.redirectOutput(target));
  }

  @Override
  public ChildBuilder error(Redirect target) {
    return with(spawn -> spawn.redirectError(target));
  }

  @Override
  public ChildBuilder merged() {
    return with(spawn -> spawn.redirectErrorStream(true));
  }

  @Override
  public ChildBuilder inheritIO() {
    return with(Spawn::inheritIO);
  }

  @Override
  public Process start() throws IOException {
    return spawn().start();
  }

  @Override
  public List<Process> startWith(List<ChildBuilder> next) throws IOException {
    List<Spawn> all = new ArrayList<>(List.of(spawn()));
    next.forEach(one -> all.add(((ImageChild) one).spawn()));
    return List.copyOf(Spawn.startPipeline(all));
  }

  @Override
  public List<Process> startThen(ChildBuilder reader) throws IOException {
    SwitchedProcess first = spawn().start();
    return List.of(first, ((ImageChild) reader).spawn().redirectInput(first).start());
  }
}
