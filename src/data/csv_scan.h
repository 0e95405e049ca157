#ifndef DATA_CSV_SCAN_H
#define DATA_CSV_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the records and the wanted fields of CSV text lie, found without converting anything; not
 * exported.
 *
 * The text is taken in blocks of 64 bytes; bit masks say where quotes, delimiters and newlines are,
 * a prefix-xor of the quotes says what lies inside quotes, and whole blocks are passed over by
 * counting bits. The scan knows only regular text: a quote opens right after a separator and closes
 * right before one, a carriage return stands only before a newline. Anything else is reported as
 * irregular, and the caller shows the file to libcsv byte by byte instead. */

typedef struct csv_field {
    uint32_t from, to; /* bytes of the field, quotes included */
} csv_field;

typedef struct csv_record {
    size_t from, to; /* bytes of the record without its newline */
    size_t fields;   /* number of fields */
    size_t line;     /* lines before the record's first line in the scanned text */
    const csv_field *wanted; /* where the wanted fields are; valid when `fields` covers them all */
} csv_record;

/* Called for each record; returns false to stop the scan. */
typedef bool csv_record_function(void *context, const csv_record *record);

typedef enum csv_scan_result { CSV_SCANNED, CSV_IRREGULAR, CSV_STOPPED } csv_scan_result;

/* Scan whole records of text[0..n), which starts at a record; n is below 2^32, and 64 bytes after n must be readable.
 *   delimiter  one byte
 *   wanted     indices of the wanted fields, strictly increasing; count of them
 *   fields     room for `count` fields
 *   done       bytes of the whole records seen
 *   lines      newlines in them
 * An unfinished record at the end is left for the next call. */
csv_scan_result csv_scan(const char *text, size_t n, char delimiter, const size_t *wanted,
                         size_t count, csv_field *fields, csv_record_function *each, void *context,
                         size_t *done, size_t *lines);

/* The same without the instructions of newer processors, for tests. */
csv_scan_result csv_scan_anywhere(const char *text, size_t n, char delimiter, const size_t *wanted,
                                  size_t count, csv_field *fields, csv_record_function *each, void *context,
                                  size_t *done, size_t *lines);

#endif
