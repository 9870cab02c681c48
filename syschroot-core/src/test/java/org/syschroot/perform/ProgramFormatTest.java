// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.perform;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgramFormatTest {
  @Test
  void missingInterpreter_latin1Script_keepsLookingAtBytes() {
    byte[] script = "#!/opt/caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1);

    assertThat(new ProgramFormat(script).isText()).isTrue();
    assertThat(new ProgramFormat(script).missingInterpreter())
        .isEqualTo("its #! interpreter /opt/caf\u00e9 is missing in the image");
  }
}
