/* The lists of what is wrong: with a model, with a record. */
#include "model/record.h"

#include "base/message.h"

#include <string.h>

void problems_init(struct problems *problems, struct arena *arena)
{
    *problems = (struct problems){.arena = arena, .lines = ARENA_NEW_ARRAY(arena, MODEL_PROBLEMS_MAX, struct str)};
}

void problems_add(struct problems *problems, const char *format, ...)
{
    if (problems->count == MODEL_PROBLEMS_MAX) {
        problems->dropped++;
        return;
    }
    va_list args;
    va_start(args, format);
    problems->lines[problems->count++] = arena_vformat(problems->arena, message_text(format), args);
    va_end(args);
}

void record_problems_init(struct record_problems *problems, struct arena *arena)
{
    *problems = (struct record_problems){.arena = arena};
}

void record_problems_add(struct record_problems *problems, struct str field, const char *format, ...)
{
    if (problems->count == problems->capacity) {
        size_t capacity = problems->capacity > 0 ? problems->capacity * 2 : 8;
        struct record_problem *items = ARENA_NEW_ARRAY(problems->arena, capacity, struct record_problem);
        if (problems->count > 0) {
            memcpy(items, problems->items, problems->count * sizeof(items[0]));
        }
        problems->items = items;
        problems->capacity = capacity;
    }
    va_list args;
    va_start(args, format);
    problems->items[problems->count++] = (struct record_problem){
        .field = arena_copy(problems->arena, field),
        .message = arena_vformat(problems->arena, message_text(format), args),
    };
    va_end(args);
}
