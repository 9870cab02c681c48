// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0
//
// Makes a system call, for AArch64: a function of its number and five arguments, which returns what
// the kernel does, a negative errno included. Assemble with as(1) of GNU binutils.

        .text
        mov     x8, x0
        mov     x0, x1
        mov     x1, x2
        mov     x2, x3
        mov     x3, x4
        mov     x4, x5
        svc     #0
        ret
