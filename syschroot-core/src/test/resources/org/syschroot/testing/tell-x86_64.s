// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0
//
// A static program that tells how it was started, for x86-64: a whole ELF file, which needs no
// linker. Writes its arguments and its environment, each string with its NUL and each list with a
// line feed, then its current directory and a line feed, then what it reads; ends with the number
// of its arguments. Assemble with as(1) of GNU binutils, objcopy -O binary.

        .set    BASE, 0x400000
        .text
head:   .ascii  "\177ELF\2\1\1"
        .zero   9
        .short  2, 62
        .long   1
        .quad   BASE + start - head, load - head, 0
        .long   0
        .short  64, 56, 1, 0, 0, 0
load:   .long   1, 5
        .quad   0, BASE, BASE, end - head, end - head, 0x1000

start:  mov     (%rsp), %r15d           # argc
        lea     8(%rsp), %r14           # argv, which the environment follows
        call    list
        call    list
        sub     $4096, %rsp
        mov     %rsp, %rdi
        mov     $4096, %esi
        mov     $79, %eax               # getcwd
        syscall
        movb    $'\n', (%rsp, %rax)
        lea     1(%rax), %rdx
copy:   mov     %rsp, %rsi
        call    write
        xor     %edi, %edi
        mov     %rsp, %rsi
        mov     $4096, %edx
        xor     %eax, %eax              # read
        syscall
        mov     %rax, %rdx
        test    %rax, %rax
        jg      copy
        mov     %r15d, %edi
        mov     $231, %eax              # exit_group
        syscall

list:   mov     (%r14), %rsi            # writes the strings at r14, and a line feed
        add     $8, %r14
        test    %rsi, %rsi
        jz      feed
        xor     %edx, %edx
length: cmpb    $0, (%rsi, %rdx)
        lea     1(%rdx), %rdx
        jne     length
        call    write
        jmp     list
feed:   push    $'\n'
        mov     %rsp, %rsi
        mov     $1, %edx
        call    write
        pop     %rax
        ret

write:  mov     $1, %edi
        mov     $1, %eax
        syscall
        ret
end:
