#ifndef FIGURE_SCRIPT_H
#define FIGURE_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buffer.h"
#include "figure/layout.h"

/* Writing gnuplot scripts; not exported.
 *
 * A script is code, and names are hostile: a back-tick in a string runs a shell command, and a line
 * break can end a block of data. Therefore every text that the caller gave passes through
 * script_clean() and then script_string() or script_comment(); datablocks hold only numbers; fonts,
 * styles and file names are constants or checked. */

/* Room for a cleaned text: 200 characters of at most 4 bytes, an ellipsis, the terminator. */
enum { SCRIPT_TEXT = 808 };

/* Copy a text with everything out that could harm a figure: control and bidirectional formatting
 * characters and characters that XML forbids are left out, invalid UTF-8 becomes U+FFFD, line
 * breaks and tabs become blanks, "&#" becomes "& #" and "]]>" "]] >" (the svg terminal passes them
 * through as they are), and after 200 characters an ellipsis ends it. NULL gives "". */
void script_clean(char to[SCRIPT_TEXT], const char *from);

/* The text, cleaned, as a gnuplot string in double quotes. Letters, blanks, digits and .,-():;=/+
 * stay readable; every other byte becomes three octal digits, and so does a digit right
 * after one. */
void script_string(buffer *b, const char *text);

/* The text, cleaned, as a comment line. What could continue the line or look like a command to
 * another reader becomes '?'. */
void script_comment(buffer *b, const char *text);

/* A number with six significant digits. */
void script_number(buffer *b, double x);

/* Whether a name is made of A-Z a-z 0-9 _ . - only, does not begin with '.' or '-' and has 1 to 100
 * characters. */
bool script_name_fits(const char *name);

/* Size and name of a figure. */
typedef struct script_head {
    const char *name;     /* of the files it writes; checked by the caller */
    const char *what;     /* one constant line: what the figure is */
    double width, height; /* points */
    double label;         /* size of the smallest text, points */
    const char *const *provenance;
    size_t provenance_count;
} script_head;

/* Head comments, sizes and the house style. */
void script_open(buffer *b, const script_head *head);
void script_close(buffer *b);

/* Begin and end a datablock of this constant name; between them only script_row(). */
void script_block(buffer *b, const char *name);
void script_row(buffer *b, double x, double y);
void script_gap(buffer *b); /* the next row begins a new line or polygon */
void script_end(buffer *b);

/* The house style, plots/style.gp, as the build compiled it in. */
extern const char figure_style[];

#endif
