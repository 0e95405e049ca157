#include <config.h>

#include <string.h>

#include "support/check.h"
#include "valuemap/ledger.h"

static void entries_keep_their_order_and_their_texts(void)
{
    vmap_ledger *l = vmap_ledger_new(NULL);
    char set[] = "human";

    CHECK_OK(vmap_ledger_add(l, set, "a.csv", "read", "", "rows read", "rows", 12, NULL), NULL);
    CHECK_OK(vmap_ledger_add(l, set, "", "item", "F063", "blank", "cells", 3, NULL), NULL);
    memset(set, 'x', 5);
    CHECK_COUNT(l->count, 2);
    CHECK_TEXT(l->entries[0].set, "human");
    CHECK_TEXT(l->entries[0].file, "a.csv");
    CHECK_TEXT(l->entries[0].unit, "rows");
    CHECK_COUNT(l->entries[0].count, 12);
    CHECK_TEXT(l->entries[1].step, "item");
    CHECK_TEXT(l->entries[1].item, "F063");
    CHECK_TEXT(l->entries[1].reason, "blank");
    vmap_ledger_free(l);
}

static void a_note_is_kept_once_and_made_harmless(void)
{
    vmap_ledger *l = vmap_ledger_new(NULL);

    CHECK_OK(vmap_ledger_say(l, NULL, "%s has %d rows", "a\033.csv", 2), NULL);
    CHECK_OK(vmap_ledger_say(l, NULL, "another"), NULL);
    CHECK_OK(vmap_ledger_say(l, NULL, "%s has %d rows", "a\033.csv", 2), NULL);
    CHECK_OK(vmap_ledger_warn(l, NULL, "beware of %s", "x"), NULL);
    CHECK_COUNT(l->notes_count, 3);
    CHECK(!l->notes[0].warning && l->notes[2].warning);
    CHECK_TEXT(l->notes[0].text, "a\xEF\xBF\xBD.csv has 2 rows");
    CHECK_TEXT(l->notes[1].text, "another");
    vmap_ledger_free(l);
}

static void a_long_note_is_cut(void)
{
    vmap_ledger *l = vmap_ledger_new(NULL);
    char longer[5000];

    memset(longer, 'n', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    CHECK_OK(vmap_ledger_say(l, NULL, "%s", longer), NULL);
    CHECK(strlen(l->notes[0].text) < 3000);
    vmap_ledger_free(l);
    vmap_ledger_free(NULL);
}

static const test_case cases[] = {
    TEST(entries_keep_their_order_and_their_texts),
    TEST(a_note_is_kept_once_and_made_harmless),
    TEST(a_long_note_is_cut),
};
SUITE(data_ledger_suite, cases);
