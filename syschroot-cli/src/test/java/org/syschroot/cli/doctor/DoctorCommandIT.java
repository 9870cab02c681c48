// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.syschroot.cli.doctor.DoctorSite.finding;
import static org.syschroot.cli.doctor.DoctorSite.findings;
import static org.syschroot.cli.doctor.DoctorSite.ids;
import static org.syschroot.cli.doctor.DoctorSite.native_;
import static org.syschroot.cli.doctor.DoctorSite.text;
import static org.syschroot.cli.doctor.DoctorSite.texts;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.TestImages;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/**
 * The command {@code doctor} on a real image: text, JSON, exit status, and what it tells to whom.
 */
@InOwnMountNamespace
@RequiresCommand({"debootstrap", "setpriv"})
class DoctorCommandIT {
  private static final List<String> AS_USER =
      List.of("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "env");

  private DoctorSite doctor;
  private Path root;

  @BeforeEach
  void makeSite() throws Exception {
    doctor = new DoctorSite();
    root = doctor.image("deb", TestImages.deb32(), "mounts = [\"standard\"]");
  }

  @AfterEach
  void removeSite() throws Exception {
    doctor.run("umount", "deb");
    doctor.close();
  }

  /** Does what the doctor says, until there is nothing more to be said. */
  private void mend(String... settings) throws Exception {
    native_("sh", "-c", "echo 10.1.2.3 fileserver > /mnt/hosts; cat /etc/hosts >> /mnt/hosts");
    native_("mount", "--bind", "/mnt/hosts", "/etc/hosts");
    JsonObject first = doctor.diagnosis("deb", Map.of("LANG", "C.UTF-8"));
    native_("sh", "-c", text(finding(first, "mtab-missing"), "remedy"));
    assertThat(findings(first))
        .extracting(f -> text(f, "id"))
        .contains("hosts-differ", "mtab-missing");
    String mounts =
        texts(first, "proposed-mounts").stream()
            .map(mount -> ", \"" + mount + "\"")
            .collect(Collectors.joining());
    List<String> all = new ArrayList<>(texts(first, "proposed-settings"));
    all.add("mounts = [\"standard\"" + mounts + "]");
    all.addAll(List.of(settings));
    doctor.settings("deb", root, all.toArray(String[]::new));
    assertThat(doctor.run("mount", "deb").status()).isZero();
  }

  @Test
  void doctor_mendedImage_findsNothing() throws Exception {
    mend();
    assertThat(doctor.run("doctor", "deb"))
        .hasToString("status 0\nout: deb: nothing found\n\nerr: ");
    JsonObject json = doctor.diagnosis("deb", Map.of("LANG", "C.UTF-8"));
    assertThat(findings(json)).isEmpty();
    assertThat(texts(json, "proposed-mounts")).isEmpty();
    assertThat(json.keySet())
        .containsExactly(
            "image",
            "root",
            "findings",
            "proposed-settings",
            "proposed-mounts",
            "privileged-files");
    assertThat(json.getAsJsonArray("privileged-files").asList())
        .hasSizeGreaterThan(5)
        .allMatch(file -> text(file.getAsJsonObject(), "packaged").equals("yes"));
    assertThat(doctor.run("run", "deb", "--", "getent", "hosts", "fileserver").outText())
        .contains("10.1.2.3");
    native_("umount", "/etc/hosts");
  }

  @Test
  void doctor_mendedImageAsUser_tellsOnlyWhatItCannotLookAt() throws Exception {
    mend();
    Outcome outcome = doctor.program(AS_USER, "doctor", "deb", "--json").run();
    assertThat(outcome.errText()).isEmpty();
    assertThat(outcome.status()).isZero();
    JsonObject json =
        JsonParser.parseString(outcome.outText()).getAsJsonArray().get(0).getAsJsonObject();
    assertThat(findings(json))
        .extracting(f -> text(f, "severity") + " " + text(f, "id"))
        .containsExactly("notice not-looked-at");
    assertThat(texts(findings(json).get(0), "paths")).contains(root + "/root");
    native_("umount", "/etc/hosts");
  }

  @Test
  void doctor_mountsAndLaunchers_areThoseOfStatus() throws Exception {
    Path bin = Files.createDirectory(DoctorSite.FOLDER.resolve("bin4"));
    String launchers = "[launchers]\ndirectory = \"" + bin + "\"\nnames = [\"sh\", \"ksh\"]";
    assertThat(doctor.ids("deb")).contains("notice mount-missing");
    doctor.settings("deb", root, "mounts = [\"standard\"]", launchers);
    JsonObject diagnosis = doctor.diagnosis("deb", Map.of());
    assertThat(ids(diagnosis))
        .contains(
            "error mount-missing",
            "error launcher-missing",
            "error launcher-program-missing",
            "warning launcher-link-missing");
    finding(diagnosis, "launcher-program-missing");
    assertThat(doctor.run("mount", "deb").status()).isZero();
    launchers = launchers.replace(", \"ksh\"", "");
    doctor.settings("deb", root, "mounts = [\"standard\"]", launchers);
    assertThat(doctor.run("link", "deb").status()).isZero();
    assertThat(doctor.ids("deb")).noneMatch(id -> id.contains("mount-") || id.contains("launcher"));
    doctor.settings(
        "deb", root, "cwd = \"root\"", "mounts = [\"standard\", \"/mnt/bin4\"]", launchers);
    assertThat(doctor.ids("deb")).contains("error mount-missing", "error launcher-outdated");
    native_("umount", root + "/tmp");
    native_("mount", "-t", "tmpfs", "none", root + "/tmp");
    assertThat(texts(doctor.finding("deb", "mount-foreign"), "paths"))
        .containsExactly(root + "/tmp");
    native_("umount", root + "/tmp");
    Files.delete(bin.resolve("sh"));
    Files.writeString(bin.resolve("sh"), "no launcher");
    assertThat(text(doctor.finding("deb", "launcher-foreign"), "cause")).startsWith("it is ");
  }

  @Test
  void doctor_unameWrapperOverwritten_isTold() throws Exception {
    assertThat(doctor.run("uname-wrapper", "--install", "deb").status()).isZero();
    assertThat(doctor.ids("deb")).noneMatch(id -> id.contains("uname"));
    Path uname = root.resolve("usr/bin/uname");
    Files.delete(uname);
    Files.copy(
        root.resolve("usr/bin/uname.bin"), uname, java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
    assertThat(text(doctor.finding("deb", "uname-wrapper-overwritten"), "remedy"))
        .contains("uname-wrapper --install deb");
    Files.delete(uname);
  }

  @Test
  void doctor_unameWrapperOfAnotherReleaseOrWithoutOriginal_isTold() throws Exception {
    assertThat(doctor.run("uname-wrapper", "--install", "deb").status()).isZero();
    Path uname = root.resolve("usr/bin/uname");
    Files.writeString(uname, Files.readString(uname) + "# of another release\n");
    doctor.finding("deb", "uname-wrapper-outdated");
    assertThat(doctor.run("run", "--directory", "/", "deb", "--", "uname", "-m").outText())
        .isEqualTo("i686\n");
    Files.delete(root.resolve("usr/bin/uname.bin"));
    assertThat(text(doctor.finding("deb", "uname-wrapper-broken"), "effect"))
        .startsWith("uname and configure scripts fail in the image");
    assertThat(doctor.run("run", "--directory", "/", "deb", "--", "uname", "-m").status())
        .isNotZero();
  }

  @Test
  void doctor_mountedFileIsReplaced_isStale() throws Exception {
    Path file = Files.writeString(DoctorSite.FOLDER.resolve("bound"), "first\n");
    doctor.settings("deb", root, "mounts = [\"standard\", \"" + file + ":/etc/bound:file\"]");
    assertThat(doctor.run("mount", "deb").status()).isZero();
    Path other = Files.writeString(DoctorSite.FOLDER.resolve("other"), "second\n");
    Files.move(other, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertThat(texts(doctor.finding("deb", "mount-outdated"), "paths"))
        .containsExactly(root + "/etc/bound");
  }

  @Test
  void doctor_launcherThatAUserCannotRead_isUnknownToTheUser() throws Exception {
    Path bin = Files.createDirectory(DoctorSite.FOLDER.resolve("bin4"));
    doctor.settings(
        "deb",
        root,
        "groups = [\"root\"]",
        "mounts = [\"standard\"]",
        "[launchers]\ndirectory = \"" + bin + "\"\nnames = [\"sh\"]");
    assertThat(doctor.run("mount", "deb").status()).isZero();
    assertThat(doctor.run("link", "deb").status()).isZero();
    JsonObject json =
        JsonParser.parseString(doctor.program(AS_USER, "doctor", "deb", "--json").run().outText())
            .getAsJsonArray()
            .get(0)
            .getAsJsonObject();
    assertThat(findings(json))
        .extracting(f -> text(f, "severity") + " " + text(f, "id"))
        .contains("notice launcher-unknown");
  }

  /** Sticky or not, link refuses it; what was linked before it did is an error, too. */
  @Test
  void doctor_launchersOfAnImageWhereUsersCanWrite_isAnError() throws Exception {
    Path shared = Files.createDirectory(DoctorSite.FOLDER.resolve("shared"));
    Path image = Files.createDirectories(shared.resolve("image"));
    String launchers = "[launchers]\ndirectory = \"" + DoctorSite.FOLDER + "\"";
    doctor.settings("shared", image, launchers);
    assertThat(doctor.ids("shared")).doesNotContain("error launcher-root");
    native_("chmod", "1777", shared.toString());
    JsonObject diagnosis = doctor.diagnosis("shared", Map.of());
    assertThat(ids(diagnosis)).contains("error launcher-root");
    assertThat(text(finding(diagnosis, "launcher-root"), "cause"))
        .contains(shared.toString(), "mode 1777");
    assertThat(doctor.run("link", "shared").errText()).contains(shared.toString(), "mode 1777");
    doctor.settings("shared", image);
    assertThat(doctor.ids("shared")).doesNotContain("error launcher-root");
  }

  @Test
  void doctor_spoiledImage_everyFindingIsTold() throws Exception {
    native_("chmod", "o+w", root + "/etc", root + "/usr/bin/env");
    native_("mkdir", "-m", "777", root + "/open");
    native_("cp", root + "/usr/bin/id", root + "/usr/bin/new-id");
    native_("chmod", "6755", root + "/usr/bin/new-id");
    native_("mkdir", "-p", "/mnt/etc");
    native_(
        "sh",
        "-c",
        "echo nameserver 192.0.2.1 > /mnt/resolv; echo /dev/sda1 / ext3 rw 0 0 > "
            + root
            + "/etc/mtab");
    native_("mount", "--bind", "/mnt/resolv", "/etc/resolv.conf");
    List<String> ids = doctor.ids("deb");
    native_("umount", "/etc/resolv.conf");
    assertThat(ids)
        .contains(
            "error image-writable-by-others",
            "warning directory-open-to-all",
            "warning file-open-to-all",
            "warning privileged-file-unknown",
            "warning resolver-differs",
            "warning mtab-outdated");
    // The worst first, and one error makes the exit status.
    assertThat(ids.get(0)).startsWith("error");
    Outcome text = doctor.run("doctor", "deb", "--verbose");
    assertThat(text.status()).isEqualTo(1);
    assertThat(text.outText())
        .contains(
            "deb: error image-writable-by-others: ",
            "    why: ",
            "    fix: chown root FILE",
            "    at:  " + root + "/etc\n");
  }

  @Test
  void doctor_nagios_isOneLineAndItsStatus() throws Exception {
    Outcome warning = doctor.run("doctor", "--nagios");
    assertThat(warning.status()).isEqualTo(1);
    assertThat(warning.outText())
        .matches(
            "(?s)SYSCHROOT WARNING: 0 errors and [1-9]\\d* warnings in 1 images \\| errors=0"
                + " warnings=\\d+\n(deb: (warning|notice) [^|\n]+\n)+");
    native_("chmod", "o+w", root.toString());
    assertThat(doctor.run("doctor", "--nagios", "deb").status()).isEqualTo(2);
    Outcome unknown = doctor.run("doctor", "--nagios", "dep");
    assertThat(unknown.status()).isEqualTo(3);
    assertThat(unknown.outText()).startsWith("SYSCHROOT UNKNOWN: no such image: dep");
    assertThat(doctor.run("doctor", "--nagios", "--json").status()).isEqualTo(2);
  }

  @Test
  void doctor_unknownImage_isRefused() throws Exception {
    Outcome outcome = doctor.run("doctor", "dep");
    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.errText()).contains("no such image: dep: did you mean deb?");
  }

  /** FIFOs and devices in all the places that are read, and a tree of links. */
  @Test
  void doctor_hostileImage_ends() throws Exception {
    for (String place :
        List.of(
            "etc/passwd",
            "etc/group",
            "etc/ld.so.cache",
            "etc/resolv.conf",
            "etc/nsswitch.conf",
            "var/lib/dpkg/status",
            "var/lib/dpkg/info/base-files.list")) {
      native_("rm", "-f", root + "/" + place);
      native_("mkfifo", root + "/" + place);
    }
    native_("ln", "-sf", "/dev/zero", root + "/etc/hosts");
    native_("mknod", root + "/etc/mtab", "c", "1", "5");
    native_("ln", "-s", "..", root + "/etc/up");
    assertThat(doctor.ids("deb")).contains("warning account-missing", "warning hosts-differ");
  }
}
