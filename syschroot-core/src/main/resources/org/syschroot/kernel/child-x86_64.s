# Copyright the syschroot authors.
# SPDX-License-Identifier: Apache-2.0
#
# Makes a child as vfork(2) does, which makes the system calls of a table, for x86-64: its argument
# is the table's address. The child borrows the memory of this process, and the calling thread
# stands still until the last call, execve(2), has succeeded or one has failed. Assemble with as(1)
# of GNU binutils.
#
# The child has the descriptors of this process until a call of the table, close_range(2) with
# CLOSE_RANGE_UNSHARE, copies those of low numbers: it closes and changes none before.
#
# The child touches no memory but the table, has every signal blocked, since handlers are this
# process's, and uses no stack.
#
# rbx  the table: 8 words of its own (see ChildTable), then entries of 8 words: the number of the
#      system call, five arguments, whether it may fail, and one unused
# r12  the entry

        .intel_syntax noprefix
        .set    PID, 0
        .set    FAILED, 8
        .set    ERROR, 16
        .set    OLD_MASK, 24
        .set    FULL_MASK, 32
        .set    ENTRIES, 64
        .set    ENTRY, 64

        .text
        .globl  start
start:
        push    rbx
        mov     rbx, rdi
        mov     eax, 14                 # rt_sigprocmask(SIG_SETMASK, full, old, 8)
        mov     edi, 2
        lea     rsi, [rbx+FULL_MASK]
        lea     rdx, [rbx+OLD_MASK]
        mov     r10d, 8
        syscall
        mov     eax, 56                 # clone(CLONE_VM|CLONE_FILES|CLONE_VFORK|SIGCHLD)
        mov     edi, 0x4511
        xor     esi, esi
        xor     edx, edx
        xor     r10d, r10d
        xor     r8d, r8d
        syscall
        test    rax, rax
        jz      child
        mov     [rbx+PID], rax
        mov     eax, 14                 # rt_sigprocmask(SIG_SETMASK, old, NULL, 8)
        mov     edi, 2
        lea     rsi, [rbx+OLD_MASK]
        xor     edx, edx
        mov     r10d, 8
        syscall
        pop     rbx
        ret

child:
        lea     r12, [rbx+ENTRIES]

walk:
        mov     rax, [r12]
        mov     rdi, [r12+8]
        mov     rsi, [r12+16]
        mov     rdx, [r12+24]
        mov     r10, [r12+32]
        mov     r8, [r12+40]
        syscall
        cmp     rax, -4095
        jb      next
        cmp     qword ptr [r12+48], 0
        je      failed

next:
        add     r12, ENTRY
        jmp     walk

failed:
        mov     [rbx+ERROR], rax
        mov     [rbx+FAILED], r12
        mov     eax, 231                # exit_group(127)
        mov     edi, 127
        syscall
        hlt
