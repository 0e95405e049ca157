#include <config.h>
#include "simulate/simulate_internal.h"

#include <math.h>
#include <stdio.h>

#include <gsl/gsl_cdf.h>

/* Loadings: rounded and somewhat simplified from what the published projection of the 2023 map
 * implies. Shares: invented, near what wave 7 found in seven countries. */
const model_item model_items[ITEMS] = {
    {"F063", 1, 10, {-0.25, -0.68}, {8, 3, 4, 4, 9, 7, 7, 9, 8, 41}},
    {"Y003", -2, 2, {0.25, 0.55}, {8, 18, 30, 29, 15}},
    {"F120", 1, 10, {0.40, 0.50}, {32, 7, 8, 6, 17, 8, 6, 6, 3, 7}},
    {"G006", 1, 4, {-0.05, 0.55}, {58, 32, 8, 2}},
    {"E018", 1, 3, {0.10, 0.55}, {57, 26, 17}},
    {"Y002", 1, 3, {0.42, 0.00}, {27, 58, 15}},
    {"A008", 1, 4, {-0.42, 0.36}, {30, 53, 14, 3}},
    {"F118", 1, 10, {0.58, 0.40}, {33, 6, 6, 5, 14, 6, 6, 6, 4, 14}},
    {"E025", 1, 3, {-0.52, -0.18}, {36, 33, 31}},
    {"A165", 1, 2, {-0.45, -0.08}, {26, 74}},
};

const model_column model_columns[COLUMNS] = {
    {8, 1, true, true},     {14, 1, true, true},    {15, 1, true, true},    {17, 1, true, true},
    {45, 4, true, false},   {46, 6, true, false},   {57, 9, true, false},   {154, 5, false, false},
    {155, 5, false, false}, {164, 0, false, false}, {182, 7, false, false}, {184, 2, false, false},
    {209, 8, true, false},  {254, 3, true, false},
};

/* Places: positions on the map of 2023, to one decimal, in the latest year; the last known one for
 * EGY and IRQ; none is known for TJK and UZB, which are put near their neighbours. The first twelve
 * spread over the plane. */
const model_country model_countries[] = {
    {"NLD", 528, 2022, {2.4, 1.2}},   {"JPN", 392, 2019, {1.3, 1.6}},
    {"USA", 840, 2017, {1.4, 0.1}},   {"MEX", 484, 2018, {0.2, -1.1}},
    {"CHN", 156, 2018, {-0.1, 0.6}},  {"NGA", 566, 2018, {-1.1, -1.4}},
    {"RUS", 643, 2017, {-0.6, 0.4}},  {"COL", 170, 2018, {0.3, -1.6}},
    {"AUS", 36, 2018, {2.3, 0.5}},    {"JOR", 400, 2018, {-1.2, -1.6}},
    {"KOR", 410, 2018, {-0.5, 1.5}},  {"IND", 356, 2023, {-0.2, -0.4}},
    {"AND", 20, 2018, {2.2, 0.5}},    {"ARG", 32, 2017, {0.2, -0.4}},
    {"ARM", 51, 2021, {-0.7, -1.3}},  {"BGD", 50, 2018, {-0.7, -1.5}},
    {"BOL", 68, 2017, {-0.4, -1.2}},  {"BRA", 76, 2018, {-0.1, -0.3}},
    {"CAN", 124, 2020, {2.1, 0.8}},   {"CHL", 152, 2018, {-0.1, 0.2}},
    {"CYP", 196, 2019, {-0.5, -0.4}}, {"CZE", 203, 2022, {0.7, 1.3}},
    {"DEU", 276, 2018, {2.2, 0.9}},   {"ECU", 218, 2018, {0.0, -1.7}},
    {"EGY", 818, 2018, {-0.7, -1.5}}, {"ETH", 231, 2020, {-1.0, -1.3}},
    {"GBR", 826, 2022, {2.2, 1.0}},   {"GRC", 300, 2017, {-0.3, 0.3}},
    {"GTM", 320, 2020, {0.0, -1.0}},  {"HKG", 344, 2018, {-0.1, 1.5}},
    {"IDN", 360, 2018, {-0.8, -1.2}}, {"IRN", 364, 2020, {-0.9, -0.5}},
    {"IRQ", 368, 2018, {-1.4, -0.8}}, {"KAZ", 398, 2018, {-0.7, -0.1}},
    {"KEN", 404, 2021, {-0.3, -0.9}}, {"KGZ", 417, 2020, {-0.6, -1.4}},
    {"LBN", 422, 2018, {-1.1, -0.5}}, {"LBY", 434, 2022, {-1.1, -1.8}},
    {"MAC", 446, 2019, {0.2, 1.3}},   {"MAR", 504, 2021, {-0.8, -0.3}},
    {"MDV", 462, 2021, {-0.7, -1.4}}, {"MMR", 104, 2020, {-1.0, -1.0}},
    {"MNG", 496, 2020, {0.1, 0.8}},   {"MYS", 458, 2018, {-0.4, 0.1}},
    {"NIC", 558, 2020, {-0.4, -1.7}}, {"NIR", 909, 2022, {1.7, 0.1}},
    {"NZL", 554, 2020, {2.9, 0.5}},   {"PAK", 586, 2018, {-0.6, -1.4}},
    {"PER", 604, 2018, {-0.6, -1.1}}, {"PHL", 608, 2019, {0.1, -1.4}},
    {"PRI", 630, 2018, {0.7, -1.6}},  {"ROU", 642, 2018, {-0.8, -0.4}},
    {"SGP", 702, 2020, {-0.1, 0.1}},  {"SRB", 688, 2018, {-0.6, 0.3}},
    {"SVK", 703, 2022, {0.1, 0.7}},   {"THA", 764, 2018, {0.1, 0.3}},
    {"TJK", 762, 2020, {-0.8, -1.0}}, {"TUN", 788, 2019, {-1.4, -0.6}},
    {"TUR", 792, 2018, {-0.7, -0.5}}, {"TWN", 158, 2019, {-0.1, 1.1}},
    {"UKR", 804, 2020, {-0.5, 0.4}},  {"URY", 858, 2022, {1.4, -0.3}},
    {"UZB", 860, 2022, {-0.9, -0.9}}, {"VEN", 862, 2021, {-0.3, -1.1}},
    {"VNM", 704, 2020, {0.6, -0.4}},  {"ZWE", 716, 2020, {-1.9, -0.6}},
};
const size_t model_countries_count = sizeof model_countries / sizeof *model_countries;

/* The point of the plane where latent means are 0, and the map units that one standard deviation of
 * f stands for: chosen so that true positions come out near the places. */
static const double CENTRE[2] = {0.4, -0.1};
static const double UNIT = 1.1;

const double model_urban_effect = 0.5;

void model_thresholds(size_t item, double cut[CUTS_MAX])
{
    const model_item *it = &model_items[item];
    int below = 0;

    for (int c = 0; c < it->high - it->low; c++) {
        below += it->share[c];
        cut[c] = gsl_cdf_ugaussian_Pinv(below / 100.0);
    }
}

void model_latent(const double place[2], double shift, double spread, latent *to)
{
    to->spread = spread;
    for (size_t i = 0; i < ITEMS; i++) {
        to->mean[i] = 0;
        for (size_t j = 0; j < 2; j++)
            to->mean[i] += model_items[i].loading[j] * ((place[j] - CENTRE[j]) / UNIT + shift);
    }
}

void model_column_name(size_t column, bool inverted, char name[16])
{
    const model_column *c = &model_columns[column];

    snprintf(name, 16, "Q%d%s", c->number, inverted && c->inverted ? "P" : "");
}
