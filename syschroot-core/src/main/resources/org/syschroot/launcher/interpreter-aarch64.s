// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0
//
// The interpreter of a launcher, for AArch64: walks the table of the file. The same in every
// launcher; what differs is the table. Assemble with as(1) of GNU binutils.
//
// It has one system call instruction, calls no function, writes to the stack only, and to its own
// frame only unless the table says otherwise. Every string it reads that comes from the caller is
// compared, and never copied but by join: at most 255 bytes behind a text of the table.
//
// x19  the frame: 32 words that operands are relative to (docs/launchers.md), then 3 operands
// x20  where the entry is in the table, in units of two bytes
// x21  the entry of the table: what is done and how many operands it has, next if it fails, the
//      operands' numbers, next if it succeeds unless that is the entry behind it
// x22  where the file's constants are mapped
// x23  the operands of the whole table, each of which is there once
// x24  where the entry's operands end

        .set    POOL, 0x110             // where the header says where the operands are
        .set    TABLE, 0x39c            // behind the instructions
        .set    ARGV, 24
        .set    RESULT, 40
        .set    SLOT, 48
        .set    TEXT, 56
        .set    STATUS, 72
        .set    FOURTH, 88
        .set    OPERANDS, 256

        .text
        .globl  start
start:                                  // The kernel leaves argc, argv and envp on the stack.
        ldr     x0, [sp]
        add     x1, sp, #8
        add     x2, x1, x0, lsl #3
        add     x2, x2, #8
        sub     sp, sp, #0x1000         // the frame: 0x1600 bytes; none depends on the caller
        sub     sp, sp, #0x600
        mov     x19, sp
        mov     x22, #0x20000000
        stp     xzr, x22, [x19]
        str     x19, [x19, #16]
        stp     x1, x2, [x19, #ARGV]
        str     xzr, [x19, #STATUS]
        stp     xzr, xzr, [x19, #FOURTH]
        ldr     w23, [x22, #POOL]
        add     x23, x22, x23
        mov     x20, #0

walk:                                   // Takes the entry that x20 leads to.
        add     x21, x22, x20, lsl #1
        add     x21, x21, #TABLE
        add     x24, x21, #4
        ldrh    w8, [x21]
        ubfx    x9, x8, #12, #2
        add     x10, x19, #OPERANDS
        add     x13, x10, #24

operand:                                // An operand is a signed offset and a word of the frame.
        mov     x11, #0
        cbz     x9, put
        sub     x9, x9, #1
        ldrh    w11, [x24], #2
        ldrsw   x11, [x23, x11, lsl #2]
        and     x12, x11, #31
        ldr     x12, [x19, x12, lsl #3]
        add     x11, x12, x11, asr #5

put:                                    // One that is not there is 0.
        str     x11, [x10], #8
        cmp     x10, x13
        b.ne    operand
        ldp     x0, x1, [x19, #OPERANDS]
        ldr     x2, [x19, #OPERANDS+16]
        ldp     x3, x4, [x19, #FOURTH]  // and the fifth, which is the next word
        tbnz    w8, #15, internal
        and     w8, w8, #0xfff

call:                                   // The only place where the kernel is called.
        svc     #0
        str     x0, [x19, #RESULT]
        cmn     x0, #4095
        b.cs    failed

succeeded:
        ldrh    w20, [x24]
        ldrh    w9, [x21]
        tbnz    w9, #14, walk
        sub     x20, x24, x22
        sub     x20, x20, #TABLE
        lsr     x20, x20, #1
        b       walk

failed:
        ldrh    w20, [x21, #2]
        b       walk

internal:                               // Numbers from 0x8000 on are not system calls.
        and     w8, w8, #15
        cbz     w8, find
        cmp     w8, #2
        b.cc    store
        b.eq    store2
        cmp     w8, #4
        b.cc    pick
        b.eq    same
        cmp     w8, #6
        b.cc    less
        b.eq    bits
        cmp     w8, #8
        b.hi    further
        b.eq    copy

equal:                                  // Succeeds if the words at two addresses are equal.
        ldr     x0, [x0]
        ldr     x1, [x1]

same:                                   // Succeeds if both operands are equal.
        cmp     x0, x1
        b.eq    succeeded
        b       failed

less:                                   // Succeeds if the first operand is less, without signs.
        cmp     x0, x1
        b.cc    succeeded
        b       failed

bits:                                   // Succeeds if 32 bits at an address, masked, are a value.
        ldr     w0, [x0]
        and     w0, w0, w1
        cmp     w0, w2
        b.eq    succeeded
        b       failed

find:                                   // The first string of a vector that begins with a text.
        ldr     x9, [x0]
        stp     x0, x9, [x19, #SLOT]
        cbz     x9, failed
        mov     x10, #0

compare:
        cmp     x10, x2
        b.eq    succeeded
        ldrb    w11, [x1, x10]
        ldrb    w12, [x9, x10]
        cmp     w11, w12
        b.ne    mismatch
        add     x10, x10, #1
        b       compare

mismatch:
        add     x0, x0, #8
        b       find

copy:                                   // Writes a word that is read from an address.
        ldr     x1, [x1]
        b       store

store2:                                 // Writes two words, or one.
        str     x2, [x0, #8]

store:
        str     x1, [x0]
        b       succeeded

pick:                                   // String number -x1 of a list that ends with an empty one.
        mov     x10, #0

measure:
        ldrb    w11, [x0, x10]
        cbz     w11, measured
        add     x10, x10, #1
        b       measure

measured:
        cbz     x10, failed
        adds    x1, x1, #1
        b.eq    picked
        add     x0, x0, x10
        add     x0, x0, #1
        b       pick

picked:
        stp     x0, x10, [x19, #TEXT]
        b       succeeded

further:
        cmp     w8, #10
        b.hi    join
        b.eq    remove

decimal:                                // The ten decimal digits of 32 bits, before an address.
        mov     w9, #10
        mov     w10, #10

digit:
        udiv    w11, w1, w9
        msub    w12, w11, w9, w1
        add     w12, w12, #48
        strb    w12, [x0, #-1]!
        mov     w1, w11
        subs    w10, w10, #1
        b.ne    digit
        b       succeeded

remove:                                 // All strings of a vector that begin with a text.
        mov     x13, x0

each:
        ldr     x9, [x0], #8
        str     x9, [x13]
        cbz     x9, succeeded
        mov     x10, #0

match:                                  // What matches is overwritten by what follows it.
        cmp     x10, x2
        b.eq    each
        ldrb    w11, [x1, x10]
        ldrb    w12, [x9, x10]
        cmp     w11, w12
        b.ne    keep
        add     x10, x10, #1
        b       match

keep:
        add     x13, x13, #8
        b       each

join:                                   // A directory, a slash, and a name that has none.
        mov     x10, #256               // NAME_MAX and the end

directory:
        ldrb    w11, [x1], #1
        cbz     w11, slash
        strb    w11, [x0], #1
        b       directory

slash:
        mov     w11, #'/'

name:
        strb    w11, [x0], #1
        cbz     w11, succeeded
        ldrb    w11, [x2], #1
        cmp     w11, #'/'
        b.eq    failed
        subs    x10, x10, #1
        b.cs    name
        b       failed
