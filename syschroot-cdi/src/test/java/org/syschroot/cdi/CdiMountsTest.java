// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cdi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.config.FileTrust;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.mountplan.MountStep;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/** As nvidia-ctk(1) writes them, and as others could. */
class CdiMountsTest {
  private static final String LIB = "/usr/lib/x86_64-linux-gnu/";
  private static final String YAML =
      """
      ---
      cdiVersion: 0.5.0
      kind: nvidia.com/gpu
      devices:
        - name: "0"
          containerEdits:
            deviceNodes:
              - path: /dev/nvidia0
              - path: /dev/dri/card1
        - name: all
          containerEdits:
            deviceNodes:
              - path: /dev/nvidia0
      containerEdits:
        env:
          - NVIDIA_VISIBLE_DEVICES=void
        deviceNodes:
          - path: /dev/nvidiactl
            hostPath: /dev/nvidiactl
        hooks:
          - hookName: createContainer
            path: /usr/bin/nvidia-ctk
            args: [nvidia-ctk, hook, create-symlinks, --link, "../a.so.1::/usr/lib/x86_64-linux-gnu/gbm/a.so"]
        mounts:
          - hostPath: /usr/lib/x86_64-linux-gnu/libcuda.so.550.54
            containerPath: /usr/lib/x86_64-linux-gnu/libcuda.so.550.54
            options: [ro, nosuid, nodev, bind]
          - hostPath: /run/driver
            containerPath: /run/driver
            options: [nosuid, nodev, rbind, rprivate, noexec]
      """;

  private FileSystem files;
  private Image image;

  @BeforeEach
  void makeHost() throws Exception {
    files = Jimfs.newFileSystem(Configuration.unix());
    image = Image.builder(new ImageName("sl5"), HostPath.of("/sysroot/sl5")).build();
    for (String file :
        List.of("/dev/nvidia0", "/dev/nvidiactl", "/dev/dri/card1", LIB + "libcuda.so.550.54")) {
      write(file, "");
    }
    Files.createSymbolicLink(path(LIB + "libcuda.so.1"), path("libcuda.so.550.54"));
    Files.createSymbolicLink(path(LIB + "libcuda.so"), path("/elsewhere/libcuda.so.550.54"));
    Files.createDirectories(path("/run/driver"));
  }

  private Path path(String name) {
    return files.getPath(name);
  }

  private void write(String name, String text) throws IOException {
    Files.createDirectories(path(name).getParent());
    Files.writeString(path(name), text);
  }

  private List<String> mounts(String... configured) {
    MountPlan.Builder plan = MountPlan.builder();
    for (String one : configured) {
      plan.add(BindMount.parse(OsString.of(one)));
    }
    MountPlan more =
        new CdiMounts(files, FileTrust.ANY).contribute(image, HostFiles.of(files), plan.build());
    return more.steps().stream().map(MountStep::toString).toList();
  }

  @Test
  void contribute_noFiles_addsNothing() {
    assertThat(mounts("/data")).containsExactly("/data");
  }

  @Test
  void contribute_yaml_addsWhatAllDevicesNeed() throws Exception {
    write("/etc/cdi/nvidia.yaml", YAML);
    write("/etc/cdi/README", "not: read");
    assertThat(mounts())
        .containsExactly(
            "/dev/nvidiactl:/dev/nvidiactl:optional,file",
            LIB
                + "libcuda.so.550.54:"
                + LIB
                + "libcuda.so.550.54:ro,optional,norbind,file,nosuid,nodev",
            LIB + "libcuda.so.550.54:" + LIB + "libcuda.so.1:ro,optional,norbind,file,nosuid,nodev",
            "/run/driver:/run/driver:optional,nosuid,nodev,noexec,private",
            LIB + "gbm/a.so:" + LIB + "gbm/a.so:ro,optional,nosuid,nodev",
            "/dev/nvidia0:/dev/nvidia0:optional,file",
            "/dev/dri/card1:/dev/dri/card1:optional,file");
  }

  @Test
  void contribute_json_isTheSame() throws Exception {
    write(
        "/var/run/cdi/vendor.json",
        """
        {"cdiVersion": "1.0.0", "kind": "vendor.com/net", "annotations": {"a": "b"},
         "devices": [{"name": "eth:0", "containerEdits": {"deviceNodes": [
            {"path": "/dev/net0", "hostPath": "/dev/nvidia0", "type": "c", "major": 1}]}}]}
        """);
    assertThat(mounts()).containsExactly("/dev/nvidia0:/dev/net0:optional,file");
  }

  @Test
  void contribute_deviceInBothDirectories_isThatOfTheRun() throws Exception {
    String json =
        "{cdiVersion: 0.6.0, kind: v.com/c, devices: [{name: d, containerEdits: {mounts: ["
            + "{hostPath: /run/driver, containerPath: /TARGET}]}}]}";
    write("/etc/cdi/a.yaml", json.replace("TARGET", "old"));
    write("/var/run/cdi/a.yaml", json.replace("TARGET", "new"));
    assertThat(mounts()).containsExactly("/run/driver:/new:optional");
    write("/var/run/cdi/b.yaml", json.replace("TARGET", "other"));
    assertThatThrownBy(this::mounts)
        .hasMessage("/var/run/cdi: two files have the device v.com/c=d: remove one");
  }

  @Test
  void contribute_placeThatIsConfigured_isLeftAlone() throws Exception {
    write("/etc/cdi/nvidia.yaml", YAML);
    assertThat(mounts("/opt/driver:/run/driver")).contains("/opt/driver:/run/driver");
    assertThat(mounts("/opt/driver:/run/driver")).noneMatch(one -> one.startsWith("/run/driver:"));
  }

  @Test
  void contribute_imageOfAnotherDistribution_getsLibrariesWhereItLooks() throws Exception {
    write("/etc/cdi/nvidia.yaml", YAML);
    Files.createDirectories(path("/sysroot/sl5/usr/lib64"));
    assertThat(mounts())
        .anyMatch(one -> one.startsWith(LIB + "libcuda.so.550.54:/usr/lib64/libcuda.so.1:"))
        .anyMatch(one -> one.startsWith(LIB + "gbm/a.so:/usr/lib64/gbm/a.so:"));
    Files.createDirectories(path("/sysroot/sl5" + LIB));
    assertThat(mounts()).noneMatch(one -> one.contains("lib64"));
  }

  @Test
  void contribute_fileThatOthersCouldWrite_isRefused() throws Exception {
    write("/etc/cdi/nvidia.yaml", YAML);
    FileTrust nobody =
        file -> {
          throw new IOException(file + ": writable by others");
        };
    CdiMounts mounts = new CdiMounts(files, nobody);
    assertThatThrownBy(() -> mounts.contribute(image, HostFiles.of(files), MountPlan.empty()))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage("/etc/cdi/nvidia.yaml: writable by others");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "cdiVersion: 0.5.0|cdiVersion: 2.0.0|cdiVersion is \"2.0.0\": allowed is",
        "cdiVersion: 0.5.0|cdiVersion: 0.5|cdiVersion is \"0.5\": allowed is",
        "cdiVersion: 0.5.0|x: y|x is no key of CDI: allowed are cdiVersion, kind,",
        "nvidia.com/gpu|gpu|kind is \"gpu\": allowed is VENDOR/CLASS",
        "name: all|name: \"0\"|devices[1].name is the name of two devices",
        "name: all|name: [a]|devices[1].name is \"[a]\": allowed is letters",
        "path: /dev/nvidia0|path: nvidia0|devices[0].containerEdits.deviceNodes[0].path ",
        "path: /dev/nvidia0|file: /dev/x|devices[0].containerEdits.deviceNodes[0].file is no key of CDI",
        "[ro, nosuid, nodev, bind]|[ro, idmap]|containerEdits.mounts[0].options[1] is not an option of a bind mount",
        "[ro, nosuid, nodev, bind]|ro|containerEdits.mounts[0].options is not a list",
        "containerPath: /run/driver|type: bind|containerEdits.mounts[1].containerPath is missing",
        "options: [ro, nosuid, nodev, bind]|type: tmpfs|containerEdits.mounts[0].type is \"tmpfs\": allowed is bind",
        "../a.so.1::/usr|../a.so.1:/usr|containerEdits.hooks[0].args[4] is not TARGET::LINK",
        "hookName: createContainer|path: /usr/bin/other|found duplicate key",
        "---|--- &a [*a]|Number of aliases",
        "kind: nvidia.com/gpu|kind: !!java.net.URL [\"http://x\"]|Global tag is not allowed"
      })
  void contribute_whatIsNotCdi_isRefusedByPlace(String text, String other, String message)
      throws Exception {
    String changed = YAML.replaceFirst(Pattern.quote(text), "\u0001").replace("\u0001", other);
    assertThat(changed).isNotEqualTo(YAML);
    write("/etc/cdi/nvidia.yaml", changed);
    assertThatThrownBy(this::mounts)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("/etc/cdi/nvidia.yaml: ")
        .hasMessageContaining(message);
  }

  @Test
  void contribute_whatNoVendorWrites_isRefusedQuickly() throws Exception {
    write("/etc/cdi/deep.json", "[".repeat(100_000));
    assertThatThrownBy(this::mounts).isInstanceOf(IllegalArgumentException.class);
    write("/etc/cdi/deep.json", "");
    assertThatThrownBy(this::mounts).hasMessageContaining("the content is not a table");
    Files.write(path("/etc/cdi/deep.json"), new byte[] {'a', (byte) 0xff});
    assertThatThrownBy(this::mounts).hasMessage("/etc/cdi/deep.json is not text in UTF-8");
    Files.write(path("/etc/cdi/deep.json"), new byte[(4 << 20) + 1]);
    assertThatThrownBy(this::mounts).hasMessage("/etc/cdi/deep.json has more than 4194304 bytes");
    Files.delete(path("/etc/cdi/deep.json"));
    Files.createDirectory(path("/etc/cdi/deep.json"));
    assertThatThrownBy(this::mounts).hasMessageContaining("is not a regular file");
  }

  @Test
  void fabrics_hostThatHasThem_areMounted() throws Exception {
    FabricMounts fabrics = new FabricMounts();
    HostFiles host = HostFiles.of(files);
    assertThat(fabrics.contribute(image, host, MountPlan.empty()).steps()).isEmpty();
    Files.createDirectories(path("/dev/infiniband"));
    MountPlan plan = fabrics.contribute(image, host, MountPlan.empty());
    assertThat(plan).hasToString("[/dev/infiniband:/dev/infiniband:optional]");
    assertThat(fabrics.contribute(image, host, plan)).isEqualTo(plan);
  }
}
