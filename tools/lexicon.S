/* The lexicon's file as read-only data. */
    .section .rodata
    .global musubi_lexicon_begin
    .global musubi_lexicon_end
    .balign 16
musubi_lexicon_begin:
    .incbin LEXICON_FILE
musubi_lexicon_end:
    .byte 0
    .section .note.GNU-stack,"",%progbits
