// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0
//
// Makes a child as vfork(2) does, which makes the system calls of a table, for AArch64: its argument
// is the table's address. The child borrows the memory of this process, and the calling thread
// stands still until the last call, execve(2), has succeeded or one has failed. Assemble with as(1)
// of GNU binutils.
//
// The child has the descriptors of this process until a call of the table, close_range(2) with
// CLOSE_RANGE_UNSHARE, copies those of low numbers: it closes and changes none before.
//
// The child touches no memory but the table, has every signal blocked, since handlers are this
// process's, and uses no stack.
//
// x9   the table: 8 words of its own (see ChildTable), then entries of 8 words: the number of the
//      system call, five arguments, whether it may fail, and one unused
// x10  the entry

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
        mov     x9, x0
        mov     x8, #135                // rt_sigprocmask(SIG_SETMASK, full, old, 8)
        mov     x0, #2
        add     x1, x9, #FULL_MASK
        add     x2, x9, #OLD_MASK
        mov     x3, #8
        svc     #0
        mov     x8, #220                // clone(CLONE_VM|CLONE_FILES|CLONE_VFORK|SIGCHLD)
        mov     x0, #0x4511
        mov     x1, #0
        mov     x2, #0
        mov     x3, #0
        mov     x4, #0
        svc     #0
        cbz     x0, child
        str     x0, [x9, #PID]
        mov     x8, #135                // rt_sigprocmask(SIG_SETMASK, old, NULL, 8)
        mov     x0, #2
        add     x1, x9, #OLD_MASK
        mov     x2, #0
        mov     x3, #8
        svc     #0
        ret

child:
        add     x10, x9, #ENTRIES

walk:
        ldp     x8, x0, [x10]
        ldp     x1, x2, [x10, #16]
        ldp     x3, x4, [x10, #32]
        svc     #0
        cmn     x0, #4095
        b.lo    next
        ldr     x11, [x10, #48]
        cbz     x11, failed

next:
        add     x10, x10, #ENTRY
        b       walk

failed:
        str     x0, [x9, #ERROR]
        str     x10, [x9, #FAILED]
        mov     x8, #94                 // exit_group(127)
        mov     x0, #127
        svc     #0
        brk     #0
