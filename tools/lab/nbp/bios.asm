; Network boot program of the lab for BIOS clients: says on the first serial port (115200 8N1) that
; it runs, which file and server the boot ROM has on record, and switches the machine off.
; Build: nasm -f bin bios.asm -o bios.0
; Loaded at 0:7C00 by the ROM with SS:SP -> far return address, then the address of the !PXE
; structure (PXE 2.1 section 4.4.5).

bits 16
org 0x7C00

COM1            equ 0x3F8
COM1_IER        equ COM1 + 1
COM1_LCR        equ COM1 + 3
COM1_LSR        equ COM1 + 5
LSR_THR_EMPTY   equ 0x20

PXE_ENTRY_SP    equ 0x10        ; !PXE.EntryPointSP, seg:off (PXE 2.1 section 3.1)
GET_CACHED_INFO equ 0x71        ; PXENV_GET_CACHED_INFO
CACHED_REPLY    equ 3           ; the packet that named the boot file
PACKET          equ 0xA000
PACKET_SIZE     equ 1500
BOOTP_SIADDR    equ 20
BOOTP_FILE      equ 108

PIIX4_PM1_CNT   equ 0x604       ; QEMU's "pc" board as SeaBIOS sets it up
PM1_SLEEP_S5    equ 0x2000

start:
    cld
    mov bp, sp
    les bx, [ss:bp + 4]
    mov eax, [es:bx + PXE_ENTRY_SP]
    xor cx, cx
    mov ds, cx
    mov es, cx
    mov [pxe_entry], eax
    cli
    mov ss, cx
    mov sp, 0x7B00

    ; No interrupts while a line is printed: with the timer's, SeaBIOS sends what it still holds of the
    ; ROM's last line to the same port, into the middle of ours.
    call serial_init
    mov si, text_marker
    call print
    sti
    call packet_fetch
    cli
    jc power_off
    mov si, text_file
    call print
    mov si, PACKET + BOOTP_FILE
    call print
    mov si, text_server
    call print
    mov si, PACKET + BOOTP_SIADDR
    call print_address
    mov si, text_newline
    call print

power_off:
    mov dx, PIIX4_PM1_CNT
    mov ax, PM1_SLEEP_S5
    out dx, ax
.forever:
    hlt
    jmp .forever

; Copies the ROM's cached boot server reply to PACKET. CF set: the ROM has none.
packet_fetch:
    push ds
    push word cached_info
    push word GET_CACHED_INFO
    call far [pxe_entry]
    add sp, 6
    xor cx, cx                  ; the call may change every segment register but SS and CS
    mov ds, cx
    mov es, cx
    cld
    test ax, ax                 ; PXENV_EXIT_SUCCESS = 0
    jnz .none
    cmp word [cached_info.size], BOOTP_FILE + 128
    jb .none
    mov byte [PACKET + BOOTP_FILE + 127], 0
    clc
    ret
.none:
    stc
    ret

serial_init:
    mov dx, COM1_IER
    xor al, al
    out dx, al
    mov dx, COM1_LCR
    mov al, 0x80                ; divisor latch on
    out dx, al
    mov dx, COM1
    mov al, 1                   ; 115200 baud
    out dx, al
    mov dx, COM1_IER
    xor al, al
    out dx, al
    mov dx, COM1_LCR
    mov al, 3                   ; 8N1, divisor latch off
    out dx, al
    ret

; Prints the zero-terminated text at DS:SI.
print:
    lodsb
    test al, al
    jz .end
    call print_char
    jmp print
.end:
    ret

; Prints the four bytes at DS:SI as a dotted IPv4 address.
print_address:
    mov cx, 4
.next:
    lodsb
    call print_byte
    dec cx
    jz .end
    mov al, '.'
    call print_char
    jmp .next
.end:
    ret

; Prints AL in decimal.
print_byte:
    aam 10                      ; AH = AL / 10, AL = AL % 10
    push ax
    test ah, ah
    jz .last
    mov al, ah
    call print_byte
.last:
    pop ax
    add al, '0'

; Prints the character AL.
print_char:
    push dx
    push ax
    mov dx, COM1_LSR
.wait:
    in al, dx
    test al, LSR_THR_EMPTY
    jz .wait
    pop ax
    mov dx, COM1
    out dx, al
    pop dx
    ret

text_marker  db 13, 10, 'WDSPXE-BOOT-OK bios', 13, 10, 0
text_file    db 'boot file ', 0
text_server  db ' from ', 0
text_newline db 13, 10, 0

pxe_entry    dd 0

cached_info:                    ; s_PXENV_GET_CACHED_INFO
.status      dw 0
.type        dw CACHED_REPLY
.size        dw PACKET_SIZE
.offset      dw PACKET
.segment     dw 0
.limit       dw PACKET_SIZE
