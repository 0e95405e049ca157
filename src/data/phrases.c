#include <config.h>

#include <string.h>

#include "data/reader_internal.h"

/* Phrases that stand where there is no answer, as text_fold() leaves them: what surveys and labelled exports write,
 * and what a model says that has nothing else to say. Whole answers only: a phrase inside a sentence is none. What
 * says two things at once ("NS/NC", "don't know / no answer") is left out. */
static const struct {
    const char *phrase;
    vmap_reason why;
} phrases[] = {
    {"don't know", VMAP_DONT_KNOW},
    {"dont know", VMAP_DONT_KNOW},
    {"do not know", VMAP_DONT_KNOW},
    {"dk", VMAP_DONT_KNOW},
    {"i don't know", VMAP_DONT_KNOW},
    {"i do not know", VMAP_DONT_KNOW},
    {"no answer", VMAP_NO_ANSWER},
    {"not answered", VMAP_NO_ANSWER},
    {"not applicable", VMAP_NOT_APPLICABLE},
    {"inap", VMAP_NOT_APPLICABLE},
    {"not asked", VMAP_NOT_ASKED},
    {"not asked in survey", VMAP_NOT_ASKED},
    {"not asked in this survey", VMAP_NOT_ASKED},
    {"not asked in this country", VMAP_NOT_ASKED},
    {"missing", VMAP_OTHER_MISSING},
    {"missing; unknown", VMAP_OTHER_MISSING},
    {"missing; not available", VMAP_OTHER_MISSING},
    {"other missing", VMAP_OTHER_MISSING},
    {"other missing; multiple answers mail", VMAP_OTHER_MISSING},
    {"refused", VMAP_REFUSED},
    {"refusal", VMAP_REFUSED},
    {"refused to answer", VMAP_REFUSED},
    {"refuse to answer", VMAP_REFUSED},
    {"decline to answer", VMAP_REFUSED},
    {"prefer not to answer", VMAP_REFUSED},
    {"prefer not to say", VMAP_REFUSED},
    {"i refuse to answer", VMAP_REFUSED},
    {"i decline to answer", VMAP_REFUSED},
    {"i prefer not to answer", VMAP_REFUSED},
    {"i prefer not to say", VMAP_REFUSED},
    {"i'd prefer not to say", VMAP_REFUSED},
    {"i'd rather not say", VMAP_REFUSED},
    /* German */
    {"weiss nicht", VMAP_DONT_KNOW},
    {"ich weiss nicht", VMAP_DONT_KNOW},
    {"ich weiss es nicht", VMAP_DONT_KNOW},
    {"keine angabe", VMAP_NO_ANSWER},
    {"keine antwort", VMAP_NO_ANSWER},
    {"verweigert", VMAP_REFUSED},
    {"trifft nicht zu", VMAP_NOT_APPLICABLE},
    /* French */
    {"je ne sais pas", VMAP_DONT_KNOW},
    {"ne sait pas", VMAP_DONT_KNOW},
    {"sans réponse", VMAP_NO_ANSWER},
    {"pas de réponse", VMAP_NO_ANSWER},
    {"sans objet", VMAP_NOT_APPLICABLE},
    {"refus", VMAP_REFUSED},
    /* Spanish */
    {"no sé", VMAP_DONT_KNOW},
    {"no lo sé", VMAP_DONT_KNOW},
    {"no sabe", VMAP_DONT_KNOW},
    {"no contesta", VMAP_NO_ANSWER},
    {"no responde", VMAP_NO_ANSWER},
    {"sin respuesta", VMAP_NO_ANSWER},
    /* Portuguese */
    {"não sei", VMAP_DONT_KNOW},
    {"não sabe", VMAP_DONT_KNOW},
    {"não respondeu", VMAP_NO_ANSWER},
    {"sem resposta", VMAP_NO_ANSWER},
    /* Italian */
    {"non so", VMAP_DONT_KNOW},
    {"non lo so", VMAP_DONT_KNOW},
    {"non sa", VMAP_DONT_KNOW},
    {"non risponde", VMAP_NO_ANSWER},
    {"nessuna risposta", VMAP_NO_ANSWER},
    /* Polish, Russian, Turkish */
    {"nie wiem", VMAP_DONT_KNOW},
    {"trudno powiedzieć", VMAP_DONT_KNOW},
    {"brak odpowiedzi", VMAP_NO_ANSWER},
    {"odmowa odpowiedzi", VMAP_REFUSED},
    {"не знаю", VMAP_DONT_KNOW},
    {"я не знаю", VMAP_DONT_KNOW},
    {"затрудняюсь ответить", VMAP_DONT_KNOW},
    {"нет ответа", VMAP_NO_ANSWER},
    {"отказ от ответа", VMAP_REFUSED},
    {"bilmiyorum", VMAP_DONT_KNOW},
    {"cevap yok", VMAP_NO_ANSWER},
    /* Arabic, Chinese, Japanese */
    {"لا أعرف", VMAP_DONT_KNOW},
    {"لا أعلم", VMAP_DONT_KNOW},
    {"不知道", VMAP_DONT_KNOW},
    {"我不知道", VMAP_DONT_KNOW},
    {"无回答", VMAP_NO_ANSWER},
    {"不适用", VMAP_NOT_APPLICABLE},
    {"拒绝回答", VMAP_REFUSED},
    {"わからない", VMAP_DONT_KNOW},
    {"分からない", VMAP_DONT_KNOW},
    {"わかりません", VMAP_DONT_KNOW},
    {"分かりません", VMAP_DONT_KNOW},
    {"無回答", VMAP_NO_ANSWER},
    {"回答しない", VMAP_REFUSED},
    {"回答拒否", VMAP_REFUSED},
};

bool reader_phrase(const char *folded, vmap_reason *why)
{
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
        if (strcmp(phrases[i].phrase, folded) == 0) {
            *why = phrases[i].why;
            return true;
        }
    }
    return false;
}

bool reader_label_reason(const char *folded, vmap_reason *why)
{
    vmap_reason named;

    if (vmap_reason_find(folded, &named, NULL) || named == VMAP_PRESENT)
        return reader_phrase(folded, why);
    *why = named;
    return true;
}

const char *reader_phrase_text(size_t i)
{
    return i < sizeof phrases / sizeof *phrases ? phrases[i].phrase : NULL;
}
