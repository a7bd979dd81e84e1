/*
 * What the asking process tells the one that started it: a line on its standard output. Other lines
 * are what the DLL has printed, and mean nothing.
 */
#ifndef CONFORMANCE_PROTOCOL_H
#define CONFORMANCE_PROTOCOL_H

#define PROTOCOL_ANSWER "conformance-answer: "       /* what was observed */
#define PROTOCOL_NOT_ASKED "conformance-not-asked: " /* why not */

enum { PROTOCOL_LINE_MAX = 2048 };

#endif
