# Copyright the syschroot authors.
# SPDX-License-Identifier: Apache-2.0
#
# The interpreter of a launcher, for x86-64: walks the table of the file. The same in every
# launcher; what differs is the table. Assemble with as(1) of GNU binutils.
#
# It has one system call instruction, calls no function, writes to the stack only, and to its own
# frame only unless the table says otherwise. Every string it reads that comes from the caller is
# compared, and never copied but by join: at most 255 bytes behind a text of the table.
#
# rbx  the frame: 32 words that operands are relative to (docs/launchers.md), then 3 operands
# r12  the entry of the table: what is done and how many operands it has, next if it fails, the
#      operands' numbers, next if it succeeds unless that is the entry behind it
# r13  the operands of the whole table, each of which is there once
# r14  where the entry's operands end
# rbp  where the entry is in the table, in units of two bytes

        .intel_syntax noprefix
        .set    DATA, 0x20000000        # where the file's constants are mapped
        .set    POOL, DATA + 0x110      # where the header says where the operands are
        .set    TABLE, DATA + 0x378     # behind the instructions
        .set    FRAME, 0x1600           # bytes; none of them depends on the caller

        .set    ARGV, 24
        .set    ENVP, 32
        .set    RESULT, 40
        .set    SLOT, 48
        .set    TEXT, 56
        .set    LENGTH, 64
        .set    STATUS, 72
        .set    FOURTH, 88
        .set    FIFTH, 96
        .set    OPERANDS, 256

        .text
        .globl  start
start:                                  # The kernel leaves argc, argv and envp on the stack.
        mov     rcx, [rsp]
        lea     rsi, [rsp+8]
        lea     rdx, [rsi+rcx*8+8]
        sub     rsp, FRAME
        mov     rbx, rsp
        xor     ebp, ebp
        mov     [rbx], rbp
        mov     qword ptr [rbx+8], DATA
        mov     [rbx+16], rbx
        mov     [rbx+ARGV], rsi
        mov     [rbx+ENVP], rdx
        mov     [rbx+STATUS], rbp
        mov     [rbx+FOURTH], rbp
        mov     [rbx+FIFTH], rbp
        mov     r13d, dword ptr [POOL]
        add     r13, DATA

walk:                                   # Takes the entry that rbp leads to.
        lea     r12, [rbp*2+TABLE]
        lea     r14, [r12+4]
        movzx   eax, word ptr [r12]
        mov     edi, eax
        shr     edi, 12
        and     edi, 3
        xor     ecx, ecx

operand:                                # An operand is a signed offset and a word of the frame.
        xor     edx, edx
        cmp     ecx, edi
        jae     put
        movzx   edx, word ptr [r14]
        add     r14, 2
        movsxd  rsi, dword ptr [r13+rdx*4]
        mov     edx, esi
        and     edx, 31
        sar     rsi, 5
        mov     rdx, [rbx+rdx*8]
        add     rdx, rsi

put:                                    # One that is not there is 0.
        mov     [rbx+rcx*8+OPERANDS], rdx
        inc     ecx
        cmp     ecx, 3
        jne     operand
        mov     rdi, [rbx+OPERANDS]
        mov     rsi, [rbx+OPERANDS+8]
        mov     r10, [rbx+FOURTH]
        mov     r8, [rbx+FIFTH]
        and     eax, 0x8fff
        cmp     eax, 0x8000
        jae     internal

call:                                   # The only place where the kernel is called.
        syscall
        mov     [rbx+RESULT], rax
        cmp     rax, -4095
        jae     failed

succeeded:
        movzx   ebp, word ptr [r14]
        test    byte ptr [r12+1], 0x40
        jnz     walk
        lea     ebp, [r14-TABLE]
        shr     ebp
        jmp     walk

failed:
        movzx   ebp, word ptr [r12+2]
        jmp     walk

internal:                               # Numbers from 0x8000 on are not system calls.
        je      find
        cmp     eax, 0x8002
        jb      store
        je      store2
        cmp     eax, 0x8004
        jb      pick
        je      same
        cmp     eax, 0x8006
        jb      less
        je      bits
        cmp     eax, 0x8008
        ja      further
        je      copy

equal:                                  # Succeeds if the words at two addresses are equal.
        mov     rdi, [rdi]
        mov     rsi, [rsi]

same:                                   # Succeeds if both operands are equal.
        cmp     rdi, rsi
        je      succeeded
        jmp     failed

less:                                   # Succeeds if the first operand is less, without signs.
        cmp     rdi, rsi
        jb      succeeded
        jmp     failed

bits:                                   # Succeeds if 32 bits at an address, masked, are a value.
        and     esi, [rdi]
        cmp     esi, edx
        je      succeeded
        jmp     failed

find:                                   # The first string of a vector that begins with a text.
        mov     rax, [rdi]
        mov     [rbx+SLOT], rdi
        mov     [rbx+TEXT], rax
        test    rax, rax
        jz      failed
        xor     ecx, ecx

compare:
        cmp     rcx, rdx
        je      succeeded
        mov     r9b, [rsi+rcx]
        cmp     r9b, [rax+rcx]
        jne     mismatch
        inc     rcx
        jmp     compare

mismatch:
        add     rdi, 8
        jmp     find

copy:                                   # Writes a word that is read from an address.
        mov     rsi, [rsi]
        jmp     store

store2:                                 # Writes two words, or one.
        mov     [rdi+8], rdx

store:
        mov     [rdi], rsi
        jmp     succeeded

pick:                                   # String number -rsi of a list that ends with an empty one.
        xor     ecx, ecx

measure:
        cmp     byte ptr [rdi+rcx], 0
        je      measured
        inc     rcx
        jmp     measure

measured:
        test    rcx, rcx
        jz      failed
        inc     rsi
        jz      picked
        lea     rdi, [rdi+rcx+1]
        jmp     pick

picked:
        mov     [rbx+TEXT], rdi
        mov     [rbx+LENGTH], rcx
        jmp     succeeded

further:
        cmp     eax, 0x800a
        ja      join
        je      remove

decimal:                                # The ten decimal digits of 32 bits, before an address.
        mov     eax, esi
        mov     ecx, 10
        mov     esi, ecx

digit:
        xor     edx, edx
        div     esi
        add     edx, 48
        dec     rdi
        mov     [rdi], dl
        dec     ecx
        jnz     digit
        jmp     succeeded

remove:                                 # All strings of a vector that begin with a text.
        mov     r8, rdi

each:
        mov     rax, [rdi]
        mov     [r8], rax
        add     rdi, 8
        test    rax, rax
        jz      succeeded
        xor     ecx, ecx

match:                                  # What matches is overwritten by what follows it.
        cmp     rcx, rdx
        je      each
        mov     r9b, [rsi+rcx]
        cmp     r9b, [rax+rcx]
        jne     keep
        inc     rcx
        jmp     match

keep:
        add     r8, 8
        jmp     each

join:                                   # A directory, a slash, and a name that has none.
        mov     ecx, 255                # NAME_MAX

directory:
        mov     al, [rsi]
        test    al, al
        jz      slash
        mov     [rdi], al
        inc     rdi
        inc     rsi
        jmp     directory

slash:
        mov     byte ptr [rdi], '/'

name:
        inc     rdi
        mov     al, [rdx]
        cmp     al, '/'
        je      failed
        mov     [rdi], al
        test    al, al
        jz      succeeded
        inc     rdx
        dec     ecx
        jns     name
        jmp     failed
