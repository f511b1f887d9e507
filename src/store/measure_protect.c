#include "store/measure_protect.h"

#include <math.h>

/* ---- the rule ---- */

struct closed_sum {
    int64_t contributors;
    double sizes, largest;
};

static void add_closed(struct closed_sum *sum, const struct raw_part *part)
{
    double largest = decimal_to_double(part->largest);
    sum->contributors += part->contributors;
    sum->sizes += decimal_to_double(part->sizes);
    if (largest > sum->largest)
        sum->largest = largest;
}

/* Too few, or one that is nearly all of it. */
static bool gives_away(const struct closed_sum *sum)
{
    if (sum->contributors == 0)
        return false;
    return sum->contributors < PROTECT_CONTRIBUTORS || sum->largest * 100 > sum->sizes * PROTECT_SHARE_PERCENT;
}

/* ---- suppression ---- */

/* Suppresses the cell with the smallest closed part that is still shown; false when there is none left. */
static bool suppress_another(struct raw_cell *cells, size_t count, struct closed_sum *sum)
{
    struct raw_cell *smallest = NULL;
    for (size_t i = 0; i < count; i++) {
        struct raw_cell *cell = &cells[i];
        if (cell->suppressed || cell->closed.contributors == 0)
            continue;
        if (!smallest || decimal_cmp(cell->closed.sizes, smallest->closed.sizes) < 0)
            smallest = cell;
    }
    if (!smallest)
        return false;
    smallest->suppressed = true;
    add_closed(sum, &smallest->closed);
    return true;
}

/* The cells of one whole: those that give something away, then as many more as it takes that together they do not. */
static void suppress(struct raw_cell *cells, size_t count)
{
    struct closed_sum together = {0};
    for (size_t i = 0; i < count; i++) {
        struct closed_sum alone = {0};
        add_closed(&alone, &cells[i].closed);
        cells[i].suppressed = gives_away(&alone);
        if (cells[i].suppressed)
            add_closed(&together, &cells[i].closed);
    }
    while (gives_away(&together) && suppress_another(cells, count, &together))
        ;
}

/* ---- rounding ---- */

/* The smallest of 1, 2, 5 × 10^n that is at least that. */
static struct decimal rounding_base(struct decimal largest)
{
    static const int steps[] = {1, 2, 5, 10};
    double size = decimal_to_double(largest);
    int power = size > 0 ? (int)floor(log10(size)) : 0;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct decimal base;
        if (decimal_shift(decimal_from_int64(steps[i]), power, &base) && decimal_cmp(base, largest) >= 0)
            return base;
    }
    return largest;
}

static struct decimal round_to(struct decimal number, struct decimal base)
{
    double steps = nearbyint(decimal_to_double(number) / decimal_to_double(base));
    struct decimal rounded;
    if (fabs(steps) < 1e15 && decimal_multiply_int(base, (int64_t)steps, &rounded))
        return rounded;
    return number;
}

static struct decimal sum_of(struct decimal a, struct decimal b)
{
    struct decimal sum;
    return decimal_add(a, b, &sum) ? sum : a;
}

static void show(const struct raw_cell *raw, bool counts, struct measure_cell *cell)
{
    const struct raw_part *open = &raw->open, *closed = &raw->closed;
    cell->has_value = open->has_value || closed->has_value;
    cell->estimated = open->estimated || closed->estimated;
    cell->contributors = open->contributors + closed->contributors;
    cell->records = open->records + closed->records;
    cell->missing = open->missing + closed->missing;
    struct decimal low = closed->low, high = closed->high;
    if (closed->contributors) {
        cell->rounded_to = counts ? decimal_from_int64(PROTECT_CONTRIBUTORS) : rounding_base(closed->largest);
        low = round_to(low, cell->rounded_to);
        high = round_to(high, cell->rounded_to);
    }
    cell->low = sum_of(open->low, low);
    cell->high = sum_of(open->high, high);
    if (counts && closed->contributors && !decimal_to_int64(cell->low, &cell->contributors))
        cell->contributors = 0;
    if (counts && closed->contributors)
        cell->records = cell->contributors;
}

struct measure_cell *measure_protect(struct raw_cell *raw, size_t count, bool counts, bool divided, struct arena *arena)
{
    struct measure_cell *cells = ARENA_NEW_ARRAY(arena, count + 1, struct measure_cell);
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first + 1; divided && end < count && raw[end].year == raw[first].year; end++)
            ;
        suppress(&raw[first], end - first);
    }
    for (size_t i = 0; i < count; i++) {
        cells[i].year = raw[i].year;
        cells[i].split = raw[i].split;
        cells[i].closed = raw[i].closed.contributors;
        cells[i].suppressed = raw[i].suppressed;
        if (!raw[i].suppressed)
            show(&raw[i], counts, &cells[i]);
    }
    return cells;
}
