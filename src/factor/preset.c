#include <config.h>
#include "valuemap/factor_preset.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/registry.h"

const vmap_switch_row vmap_switches[VMAP_SWITCHES] = {
    {"start", "communalities that principal axes begin with"},
    {"negative", "what principal axes do with negative eigenvalues"},
    {"stop", "when principal axes stop"},
    {"iterations", "most iterations of principal axes"},
    {"varimax", "way to varimax, and where it stops"},
    {"kaiser", "rotations that scale rows to unit length"},
    {"promax", "power and target of promax"},
    {"order", "order of the factors after rotation"},
};

/* The exact varimax has no eps. */
const vmap_preset_row vmap_presets[VMAP_PRESETS] = {
    {"valuemap", "valuemap",
     {VMAP_START_SMC, false, false, 1e-10, 10000, VMAP_VARIMAX_EXACT, 0, VMAP_KAISER_CUSTOMARY, 4, VMAP_PROMAX_PLAIN,
      VMAP_ORDER_VARIANCE},
     "the optimum of each criterion", "published solutions, R, PSPP"},
    {"spss", "SPSS FACTOR",
     {VMAP_START_SMC, true, false, 1e-3, 25, VMAP_VARIMAX_PLANAR, 1e-4, VMAP_KAISER_ALWAYS, 4, VMAP_PROMAX_ROWS,
      VMAP_ORDER_BASE},
     "IBM SPSS Statistics, command syntax FACTOR (ITERATE 25, ECONVERGE .001, RCONVERGE .0001, KAISER, kappa 4); "
     "Algorithms, FACTOR; Grieder & Steiner 2022",
     "PSPP 1.6.2: extraction as it stands; varimax and promax when it iterates until nothing changes (its own rule for "
     "the rotation to stop differs)"},
    {"psych", "R psych, fa()",
     {VMAP_START_SMC, false, true, 1e-3, 50, VMAP_VARIMAX_SVD, 1e-5, VMAP_KAISER_VARIMAX, 4, VMAP_PROMAX_UNIT,
      VMAP_ORDER_VARIANCE},
     "psych 2.2.9, fa(max.iter, min.err), faRotations(), kaiser(), Promax(); stats::varimax(eps)", "psych 2.2.9"},
    {"stata", "Stata factor and rotate",
     {VMAP_START_SMC, false, false, 1, 1, VMAP_VARIMAX_EXACT, 0, VMAP_KAISER_NEVER, 3, VMAP_PROMAX_PLAIN,
      VMAP_ORDER_VARIANCE},
     "Stata help factor (pf: principal factors are not iterated), help rotate (no Kaiser normalisation unless asked "
     "for, promax(3))",
     "nothing: Stata was not at hand; the order of its factors is an assumption"},
    {"factanal", "R stats, factanal() and promax()",
     {VMAP_START_SMC, false, false, 1e-10, 10000, VMAP_VARIMAX_SVD, 1e-5, VMAP_KAISER_VARIMAX, 4, VMAP_PROMAX_PLAIN,
      VMAP_ORDER_SQUARES},
     "R 4.2.2, stats::varimax(), promax(), sortLoadings(); it has no principal axes, which stay as ours", "R 4.2.2"},
    {"efatools", "R EFAtools, type EFAtools",
     {VMAP_START_SMC, true, true, 1e-3, 300, VMAP_VARIMAX_PLANAR, 1e-5, VMAP_KAISER_ALWAYS, 4, VMAP_PROMAX_ROWS,
      VMAP_ORDER_SQUARES},
     "EFAtools 1.0.0.9000, its table of presets, R/rotate_model.R",
     "these definitions written in R: the package was not at hand"},
};

vmap_status vmap_preset_find(const char *name, vmap_preset *preset, vmap_error *err)
{
    size_t i = REGISTRY_FIND(vmap_presets, VMAP_PRESETS, "program", name, err);

    if (i == VMAP_PRESETS)
        return VMAP_ENOENT;
    *preset = (vmap_preset)i;
    return VMAP_SUCCESS;
}

bool vmap_switch_applies(vmap_switch which, vmap_extraction extraction, vmap_rotation rotation)
{
    bool turned = rotation != VMAP_ROTATE_NONE, promax = rotation == VMAP_ROTATE_PROMAX;

    switch (which) {
    case VMAP_SWITCH_START:
    case VMAP_SWITCH_ABSOLUTE:
    case VMAP_SWITCH_STOP:
    case VMAP_SWITCH_ITERATIONS:
        return extraction == VMAP_EXTRACT_PAF;
    case VMAP_SWITCH_VARIMAX:
        return promax || rotation == VMAP_ROTATE_VARIMAX;
    case VMAP_SWITCH_PROMAX:
        return promax;
    case VMAP_SWITCH_ORDER:
        return turned && vmap_rotations[rotation].fixed == 0;
    default:
        return turned;
    }
}

static void put_varimax(const vmap_factor_switches *s, char text[VMAP_SWITCH_TEXT])
{
    if (s->varimax == VMAP_VARIMAX_EXACT)
        snprintf(text, VMAP_SWITCH_TEXT, "to the optimum");
    else if (s->varimax == VMAP_VARIMAX_SVD)
        snprintf(text, VMAP_SWITCH_TEXT, "by singular values, until they grow by less than %g", s->eps);
    else
        snprintf(text, VMAP_SWITCH_TEXT, "pair by pair, until the criterion changes by %g", s->eps);
}

void vmap_switch_text(const vmap_factor_switches *s, vmap_switch which, char text[VMAP_SWITCH_TEXT])
{
    static const char *const starts[] = {"squared multiple correlations", "largest correlations", "1"};
    static const char *const rules[] = {"varimax, quartimax, equamax, parsimax, promax", "varimax and promax", "all",
                                        "none"};
    static const char *const targets[] = {"loadings", "loadings in rows of unit length, on loadings",
                                          "loadings in rows of unit length"};
    static const char *const orders[] = {"variance explained", "sums of squares",
                                         "sums of squares, promax: of varimax"};

    switch (which) {
    case VMAP_SWITCH_START:
        snprintf(text, VMAP_SWITCH_TEXT, "%s", starts[s->start]);
        break;
    case VMAP_SWITCH_ABSOLUTE:
        snprintf(text, VMAP_SWITCH_TEXT, "%s", s->absolute ? "their size counts" : "they count as 0");
        break;
    case VMAP_SWITCH_STOP:
        if (s->tolerance >= 1)
            snprintf(text, VMAP_SWITCH_TEXT, "not iterated");
        else
            snprintf(text, VMAP_SWITCH_TEXT, "%s change of %s below %g", s->sum ? "the" : "largest",
                     s->sum ? "the sum of communalities" : "a communality", s->tolerance);
        break;
    case VMAP_SWITCH_ITERATIONS:
        snprintf(text, VMAP_SWITCH_TEXT, "%zu", s->iterations);
        break;
    case VMAP_SWITCH_VARIMAX:
        put_varimax(s, text);
        break;
    case VMAP_SWITCH_KAISER:
        snprintf(text, VMAP_SWITCH_TEXT, "%s", rules[s->kaiser]);
        break;
    case VMAP_SWITCH_PROMAX:
        snprintf(text, VMAP_SWITCH_TEXT, "power %g of %s", s->power, targets[s->target]);
        break;
    default:
        snprintf(text, VMAP_SWITCH_TEXT, "%s", orders[s->order]);
    }
}

void vmap_switch_copy(vmap_factor_switches *to, const vmap_factor_switches *from, vmap_switch which)
{
    switch (which) {
    case VMAP_SWITCH_START:
        to->start = from->start;
        break;
    case VMAP_SWITCH_ABSOLUTE:
        to->absolute = from->absolute;
        break;
    case VMAP_SWITCH_STOP:
        to->sum = from->sum;
        to->tolerance = from->tolerance;
        break;
    case VMAP_SWITCH_ITERATIONS:
        to->iterations = from->iterations;
        break;
    case VMAP_SWITCH_VARIMAX:
        to->varimax = from->varimax;
        to->eps = from->eps;
        break;
    case VMAP_SWITCH_KAISER:
        to->kaiser = from->kaiser;
        break;
    case VMAP_SWITCH_PROMAX:
        to->power = from->power;
        to->target = from->target;
        break;
    default:
        to->order = from->order;
    }
}

void vmap_switch_extraction(const vmap_factor_switches *switches, vmap_extract_options *options)
{
    if (options->method != VMAP_EXTRACT_PAF)
        return;
    options->start = switches->start;
    options->absolute = switches->absolute;
    options->sum = switches->sum;
    options->tolerance = switches->tolerance;
    options->iterations = switches->iterations;
}

bool vmap_switch_scales(const vmap_factor_switches *switches, vmap_rotation rotation)
{
    switch (switches->kaiser) {
    case VMAP_KAISER_ALWAYS:
        return true;
    case VMAP_KAISER_NEVER:
        return false;
    case VMAP_KAISER_VARIMAX:
        return rotation == VMAP_ROTATE_VARIMAX || rotation == VMAP_ROTATE_PROMAX;
    default:
        return vmap_rotations[rotation].kaiser;
    }
}

vmap_status vmap_factor_like(const gsl_matrix *r, const vmap_extract_options *extract,
                             const vmap_rotate_options *rotate, const vmap_factor_switches *switches,
                             vmap_factor_solution **solution, vmap_rotate_info *info, vmap_error *err)
{
    vmap_extract_options o = *extract;
    vmap_factor_solution *s = NULL;
    vmap_status status;

    vmap_switch_extraction(switches, &o);
    status = vmap_factor_extract(r, &o, &s, err);
    if (!status)
        status = vmap_factor_rotate_like(s, rotate, switches, info, err);
    if (status)
        vmap_factor_solution_free(s);
    else
        *solution = s;
    return status;
}
