#include <config.h>
#include "valuemap/ledger.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"

vmap_ledger *vmap_ledger_new(vmap_error *err)
{
    return memory_new(1, sizeof(vmap_ledger), err);
}

static void free_entry(vmap_ledger_entry *e)
{
    free(e->set);
    free(e->file);
    free(e->step);
    free(e->item);
    free(e->reason);
}

void vmap_ledger_free(vmap_ledger *ledger)
{
    if (!ledger)
        return;
    for (size_t i = 0; i < ledger->count; i++)
        free_entry(&ledger->entries[i]);
    for (size_t i = 0; i < ledger->notes_count; i++)
        free(ledger->notes[i].text);
    free(ledger->entries);
    free(ledger->notes);
    free(ledger);
}

vmap_status vmap_ledger_add(vmap_ledger *ledger, const char *set, const char *file,
                            const char *step, const char *item, const char *reason,
                            const char *unit, size_t count, vmap_error *err)
{
    vmap_ledger_entry e = {.unit = unit, .count = count};
    vmap_status status = memory_grow(&ledger->entries, &ledger->room, ledger->count + 1,
                                     sizeof(vmap_ledger_entry), err);

    if (status)
        return status;
    e.set = text_copy(set, strlen(set));
    e.file = text_copy(file, strlen(file));
    e.step = text_copy(step, strlen(step));
    e.item = text_copy(item, strlen(item));
    e.reason = text_copy(reason, strlen(reason));
    if (!e.set || !e.file || !e.step || !e.item || !e.reason) {
        free_entry(&e);
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for the ledger");
    }
    ledger->entries[ledger->count++] = e;
    return VMAP_SUCCESS;
}

__attribute__((format(printf, 3, 0)))
static vmap_status add_note(vmap_ledger *ledger, bool warning, const char *format, va_list args,
                            vmap_error *err)
{
    char raw[2048], clean[2048];
    vmap_status status;

    vsnprintf(raw, sizeof raw, format, args);
    text_clean(clean, sizeof clean, raw);
    for (size_t i = 0; i < ledger->notes_count; i++) {
        if (strcmp(ledger->notes[i].text, clean) == 0)
            return VMAP_SUCCESS;
    }
    status = memory_grow(&ledger->notes, &ledger->notes_room, ledger->notes_count + 1,
                         sizeof *ledger->notes, err);
    if (status)
        return status;
    ledger->notes[ledger->notes_count] = (vmap_ledger_note){text_copy(clean, strlen(clean)), warning};
    if (!ledger->notes[ledger->notes_count].text)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a note");
    ledger->notes_count++;
    return VMAP_SUCCESS;
}

vmap_status vmap_ledger_say(vmap_ledger *ledger, vmap_error *err, const char *format, ...)
{
    va_list args;
    vmap_status status;

    va_start(args, format);
    status = add_note(ledger, false, format, args, err);
    va_end(args);
    return status;
}

vmap_status vmap_ledger_warn(vmap_ledger *ledger, vmap_error *err, const char *format, ...)
{
    va_list args;
    vmap_status status;

    va_start(args, format);
    status = add_note(ledger, true, format, args, err);
    va_end(args);
    return status;
}
