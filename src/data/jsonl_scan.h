#ifndef DATA_JSONL_SCAN_H
#define DATA_JSONL_SCAN_H

#include <stdbool.h>
#include <stddef.h>

/* The fields of a flat JSON object, found where they stand, without copies; not exported.
 *
 * The scan knows only what needs no interpretation: an object of keys and strings without escapes, numbers, true,
 * false and null, in UTF-8. Whatever else stands in the text (an escape, an array, an object in the object, a
 * control character, a number that a double cannot hold, a fault) makes it return false, and the caller shows the
 * text to jansson, which reads it or says what is wrong. Whether a key stands twice is for the caller to see. */

typedef enum jsonl_kind { JSONL_STRING, JSONL_NUMBER, JSONL_TRUE, JSONL_FALSE, JSONL_NULL } jsonl_kind;

/* A key and its value; the bytes belong to the text and are not terminated. */
typedef struct jsonl_field {
    const char *key, *text; /* text: what stands between the quotes of a string, or the characters of the value */
    size_t key_length, length;
    double number; /* of JSONL_NUMBER, correctly rounded */
    jsonl_kind kind;
} jsonl_field;

/* Called for each field in the order of the text; returns false to stop the scan. */
typedef bool jsonl_field_function(void *context, const jsonl_field *field);

/* Scan text[0..n), one object with blanks around it and nothing more. True when all of it was scanned and every
 * call returned true: jansson would accept the text, but for a key that stands twice, and find the same fields. */
bool jsonl_scan(const char *text, size_t n, jsonl_field_function *take, void *context);

#endif
