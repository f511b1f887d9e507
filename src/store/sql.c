#include "store/internal.h"

#include <assert.h>

void sql_init(struct sql *sql)
{
    buf_init(&sql->text, SQL_TEXT_MAX);
    sql->arg_count = 0;
}

void sql_free(struct sql *sql)
{
    buf_free(&sql->text);
}

static int add_arg(struct sql *sql, struct sql_arg arg)
{
    assert(sql->arg_count < SQL_ARGS_MAX);
    sql->args[sql->arg_count++] = arg;
    return sql->arg_count;
}

int sql_text_arg(struct sql *sql, struct str text)
{
    return add_arg(sql, (struct sql_arg){.kind = ARG_TEXT, .text = text});
}

int sql_int_arg(struct sql *sql, int64_t number)
{
    return add_arg(sql, (struct sql_arg){.kind = ARG_INT, .number = number});
}

int sql_decimal_arg(struct sql *sql, struct decimal number)
{
    return add_arg(sql, (struct sql_arg){.kind = ARG_DECIMAL, .decimal = number});
}

int sql_blob_arg(struct sql *sql, struct str bytes)
{
    return add_arg(sql, (struct sql_arg){.kind = ARG_BLOB, .text = bytes});
}

void sql_bind(const struct sql *sql, struct stmt *stmt)
{
    for (int i = 0; i < sql->arg_count; i++) {
        const struct sql_arg *arg = &sql->args[i];
        switch (arg->kind) {
        case ARG_TEXT:
            stmt_bind_text_or_empty(stmt, i + 1, arg->text);
            break;
        case ARG_INT:
            stmt_bind_int(stmt, i + 1, arg->number);
            break;
        case ARG_DECIMAL:
            stmt_bind_decimal(stmt, i + 1, arg->decimal);
            break;
        case ARG_BLOB:
            stmt_bind_blob(stmt, i + 1, (const unsigned char *)arg->text.ptr, arg->text.len);
            break;
        }
    }
}

int sql_statement(struct sql *sql, struct db *db, struct stmt **ret_stmt, struct err *err)
{
    assert(!sql->text.overflow);
    if (db_statement(db, buf_str(&sql->text), ret_stmt, err))
        return -1;
    sql_bind(sql, *ret_stmt);
    return 0;
}
