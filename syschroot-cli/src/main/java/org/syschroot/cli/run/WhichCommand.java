// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.run;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.syschroot.caller.CurrentProcess;
import org.syschroot.cli.frame.ByteStrings;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.Json;
import org.syschroot.cli.frame.Options;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.Kernel;
import org.syschroot.personality.ImageOfProcess;
import org.syschroot.personality.Whereabouts;
import org.syschroot.personality.Whereabouts.Evidence;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code syschroot which}: which image a process is in. */
public final class WhichCommand extends Subcommand {
  private final OptionSpec json = Options.flag("Print JSON.", "--json");
  private final OptionSpec prompt =
      Options.flag(
          "Print \"(IMAGE) \" for a shell's prompt; nothing outside an image.", "--prompt");
  private final PositionalParamSpec pid =
      Options.parameters("[PID]", "Process ID (default: the calling process).");

  public WhichCommand(Console console, Kernel kernel) {
    super("which", "Show which image a process runs in", console, kernel);
    exitStatus("0    it runs in an image", "1    it does not run in an image");
    spec().addOption(json).addOption(prompt).addPositional(pid);
  }

  @Override
  protected int run() throws IOException {
    Site site = site();
    ImageOfProcess images = ImageOfProcess.among(site.catalog(), site.kernel());
    if (!Options.isSet(prompt)) {
      site.tellOfProblems();
    }
    List<String> words = Options.texts(pid);
    Whereabouts found =
        words.isEmpty()
            ? images.ofThisProcess(CurrentProcess.of(site.kernel()).asStarted().environment())
            : images.of(pid(words));
    String process = words.isEmpty() ? "self" : Long.toString(pid(words));
    Optional<ProcessVersion> version = ProcessVersion.of(site, process);
    if (found.image().isEmpty() && version.isPresent()) {
      // The version is not the current one, so that the image's root directory is another.
      found = Whereabouts.inImage(version.get().image(), Evidence.ROOT_DIRECTORY, found.marker());
    }
    if (Options.isSet(json)) {
      JsonObject json = json(found);
      version.ifPresent(known -> known.addTo(json));
      console.print(Json.text(json));
    } else if (Options.isSet(prompt)) {
      console.print(found.image().map(name -> "(" + name + ") ").orElse(""));
    } else {
      console.line(found + version.map(known -> " " + known).orElse(""));
    }
    return found.image().isPresent() ? ExitStatus.OK : ExitStatus.NO;
  }

  private long pid(List<String> words) {
    String word = ByteStrings.readable(words.get(0));
    if (words.size() == 1 && word.matches("[1-9][0-9]{0,9}")) {
      return Long.parseLong(word);
    }
    throw wrongUsage("\"" + word + "\": allowed is one process ID");
  }

  private static JsonObject json(Whereabouts found) {
    JsonObject json = new JsonObject();
    json.addProperty("image", found.image().map(ImageName::toString).orElse(null));
    json.addProperty("place", found.place().toString());
    json.addProperty("evidence", found.evidence().toString());
    json.addProperty("marker", found.marker().orElse(null));
    return json;
  }
}
