// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

/**
 * An instruction of the interpreter, as objdump(1) shows it. Immutable.
 *
 * @param offset its place in the file
 * @param hex its bytes, two digits each, without blanks
 * @param text mnemonic and operands
 * @param part the label that it follows in the source
 */
public record Instruction(int offset, String hex, String text, String part) {}
