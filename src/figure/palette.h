#ifndef FIGURE_PALETTE_H
#define FIGURE_PALETTE_H

#include "figure/canvas.h"

/* Colours of continuous values; not exported. Sequential: white to dark blue, so that more is darker in
 * grey print too. Diverging: blue, white, orange; the sign is not told by grey, the number is. */

enum { PALETTE_STEPS = 40 };

/* The range of n values, NaN passed over; around the centre as far to both sides when diverging. Never
 * empty. */
void palette_range(const double *values, size_t n, bool diverging, double centre, double *from, double *to);
/* Level 0 .. PALETTE_STEPS of a value; what lies outside [from, to] has the colour of the nearer end. */
int palette_level(double value, double from, double to, bool diverging, double centre);
/* 0xRRGGBB. */
unsigned palette_colour(int level, bool diverging);
/* Does white text read better on it than black? */
bool palette_is_dark(int level, bool diverging);

/* The cells of a field, in the colours of [from, to]. */
void palette_field(canvas *c, const plane *p, const vmap_chart_field *f, double from, double to);

/* The key of the colours with its numbers, from c->s.top on. */
void palette_key(canvas *c, const char *name, double left, double from, double to, bool diverging,
                 double centre);

#endif
