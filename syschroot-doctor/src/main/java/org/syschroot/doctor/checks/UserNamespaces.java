// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.List;
import java.util.Optional;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.kernel.UserNamespaceSettings;
import org.syschroot.kernel.UserNamespaceSettings.Obstacle;

/** A setting of the host that keeps ordinary users from entering without a launcher. */
final class UserNamespaces implements Check {
  @Override
  public List<Finding> examine(Examination examination) {
    Optional<Obstacle> obstacle = UserNamespaceSettings.read(examination.host()::text).obstacle();
    return obstacle.stream()
        .map(
            setting ->
                Finding.notice("user-namespaces-forbidden")
                    .effect("ordinary users need a launcher to enter the image")
                    .cause(
                        "the kernel settings of the host forbid user namespaces: "
                            + setting.name()
                            + " = "
                            + setting.value())
                    .remedy("sysctl " + setting.name() + "=" + setting.needed())
                    .build())
        .toList();
  }
}
