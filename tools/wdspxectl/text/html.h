/*
 * Pieces of an HTML page. What comes from packets, files and providers is written through
 * html_text only, whatever it is made of.
 */
#ifndef WDSPXECTL_TEXT_HTML_H
#define WDSPXECTL_TEXT_HTML_H

#include "text/text.h"

/*
 * Appends text for the inside of an element or of a quoted attribute. Control characters, halves of
 * surrogate pairs and characters that turn the direction of writing are shown as \uNNNN.
 */
void html_text(struct text *out, const char *string);

/* The same of a text that was made. */
void html_text_of(struct text *out, const struct text *piece);

#endif
