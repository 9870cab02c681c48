// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.syschroot.Syschroot;
import org.syschroot.image.ImageName;
import org.syschroot.mountplan.BindMount;
import org.syschroot.path.OsString;
import org.syschroot.plan.Identity;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchListener;
import org.syschroot.plan.SwitchRequest;

/**
 * An embedding program: {@code spawn|exec IMAGE [OPTION VALUE]... -- WORD...}, the words in
 * hexadecimal. Ends with the command's status, and tells failures as a program of a site would.
 */
public final class ConformanceProgram {
  private ConformanceProgram() {}

  /** Runs it. */
  public static void main(String[] arguments) throws Exception {
    int status;
    try {
      Syschroot syschroot = Syschroot.load(Path.of("/etc/syschroot"));
      SwitchRequest request = SwitchRequest.in(syschroot.image(arguments[1]));
      int next = 2;
      for (; !arguments[next].equals("--"); next += 2) {
        request = with(request, arguments[next], arguments[next + 1]);
      }
      List<OsString> command = new ArrayList<>();
      for (String word : List.of(arguments).subList(next + 1, arguments.length)) {
        command.add(OsString.ofBytes(HexFormat.of().parseHex(word)));
      }
      request = request.command(command);
      if (arguments[0].equals("exec")) {
        syschroot.exec(syschroot.plan(request), new Notices());
      }
      status = syschroot.prepare(request).inheritIO().listener(new Notices()).start().waitFor();
    } catch (SwitchException e) {
      System.err.println("syschroot: " + e.getMessage());
      status = e.kind().exitStatus();
    }
    Runtime.getRuntime().halt(status);
  }

  private static SwitchRequest with(SwitchRequest request, String option, String value) {
    return switch (option) {
      case "--user" -> {
        int[] ids = Arrays.stream(value.split(":")).mapToInt(Integer::parseInt).toArray();
        yield request.identity(new Identity(ids[0], ids[1], List.of(ids[1])));
      }
      case "--env" -> {
        String[] pair = value.split("=", 2);
        yield request.variable(OsString.of(pair[0]), OsString.of(pair[1]));
      }
      case "--directory" -> request.directory(value);
      case "--bind" -> request.mount(BindMount.parse(OsString.of(value)));
      default -> throw new IllegalArgumentException(option);
    };
  }

  /** Tells what must not happen silently, in the words of the command. */
  private static final class Notices implements SwitchListener {
    @Override
    public void directoryReplaced(ImageName image, String reason, OsString directory) {
      System.err.println("syschroot: " + image + ": " + reason + "; starting in " + directory);
    }

    @Override
    public void otherDirectory(ImageName image, OsString directory) {
      System.err.println(
          "syschroot: "
              + image
              + ": "
              + directory
              + " in the image is not "
              + directory
              + " of the host: files you write here stay in the image");
    }
  }
}
