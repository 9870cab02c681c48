// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0
//
// Makes a system call, for x86-64: a function of its number and five arguments, which returns what
// the kernel does, a negative errno included. Assemble with as(1) of GNU binutils.

        .text
        mov     %rdi, %rax
        mov     %rsi, %rdi
        mov     %rdx, %rsi
        mov     %rcx, %rdx
        mov     %r8, %r10
        mov     %r9, %r8
        syscall
        ret
