/*
 * The compiler calls this before it takes more than a page of the stack: Windows gives a thread its
 * stack page by page, in order. Touches every page from the stack pointer down to the new one, 16 *
 * x15 bytes below. Keeps all registers but x16, x17 and the flags.
 */
__asm__(".text\n"
        ".p2align 2\n"
        ".globl __chkstk\n"
        ".def __chkstk; .scl 2; .type 32; .endef\n"
        "__chkstk:\n"
        "    sub x16, sp, x15, uxtx #4\n"
        "    mov x17, sp\n"
        "0:  sub x17, x17, #4096\n"
        "    cmp x17, x16\n"
        "    b.ls 1f\n"
        "    ldr xzr, [x17]\n"
        "    b 0b\n"
        "1:  ldr xzr, [x16]\n"
        "    ret\n");
