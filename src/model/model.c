/* Asking a model that has been read. */
#include "model/model.h"

#include <unicode/uregex.h>

void model_free(struct model *model)
{
    if (!model) {
        return;
    }
    for (size_t i = 0; i < model->register_count; i++) {
        for (size_t j = 0; j < model->registers[i].field_count; j++) {
            if (model->registers[i].fields[j].pattern_compiled) {
                uregex_close(model->registers[i].fields[j].pattern_compiled);
            }
        }
    }
    struct arena arena = model->arena; /* the model lies in its own arena */
    arena_free(&arena);
}

const struct reg *model_register(const struct model *model, struct str name)
{
    return map_get(&model->register_by_name, name);
}

const struct reg *model_role(const struct model *model, enum model_role role)
{
    return model->roles[role];
}

const struct vocabulary *model_vocabulary(const struct model *model, struct str name)
{
    return map_get(&model->vocabulary_by_name, name);
}

const struct field *reg_field(const struct reg *reg, struct str name)
{
    return map_get(&reg->field_by_name, name);
}
