/* Documents out of search.db. */
#include "search/index_writer.h"

#include "base/memory.h"

#include <string.h>

static int remove_suggestions(struct index_writer *writer, int64_t number, struct str names, struct err *err)
{
    struct str rest = names, name;
    bool done = names.len == 0;

    while (!done && str_next_part(&rest, '\n', &done, &name)) {
        if (writer_suggestions(writer, name, number, DELETE_SUGGEST, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int remove_texts(struct index_writer *writer, int64_t number, struct err *err)
{
    sqlite3_stmt *old = writer_statement(writer, READ_TEXT);
    struct harvest *harvest = writer->db->harvest;
    sqlite3_stmt *stmt;
    int result;

    sqlite3_bind_int64(old, 1, number);
    if (sqlite3_step(old) != SQLITE_ROW) {
        sqlite3_reset(old);
        return 0;
    }
    stmt = writer_statement(writer, DELETE_FTS);
    sqlite3_bind_int64(stmt, 1, number);
    for (int c = 0; c < COLUMN_COUNT; c++) {
        index_bind_text(stmt, c + 2, index_column(old, c));
    }
    writer->db->harvest = NULL; /* what goes is not counted again */
    result = writer_run(writer, stmt, err);
    writer->db->harvest = harvest;
    if (result == 0) {
        result = remove_suggestions(writer, number, index_column(old, 4), err);
    }
    sqlite3_reset(old);
    return result;
}

static int run_with_number(struct index_writer *writer, enum statement which, int64_t number, struct err *err)
{
    sqlite3_stmt *stmt = writer_statement(writer, which);

    sqlite3_bind_int64(stmt, 1, number);
    return writer_run(writer, stmt, err);
}

static int remove_refers(struct index_writer *writer, int64_t number, struct err *err)
{
    sqlite3_stmt *doc = writer_statement(writer, DELETE_DOC);
    int64_t hashes[DOCUMENT_REFERS_MAX];
    size_t count = 0;

    sqlite3_bind_int64(doc, 1, number);
    if (sqlite3_step(doc) == SQLITE_ROW) {
        count = (size_t)sqlite3_column_bytes(doc, 0) / sizeof hashes[0];
        count = count < DOCUMENT_REFERS_MAX ? count : DOCUMENT_REFERS_MAX;
        if (count > 0) {
            memcpy(hashes, sqlite3_column_blob(doc, 0), count * sizeof hashes[0]);
        }
    }
    sqlite3_reset(doc);
    for (size_t i = 0; i < count; i++) {
        sqlite3_stmt *stmt = writer_statement(writer, DELETE_REFER);
        sqlite3_bind_int64(stmt, 1, hashes[i]);
        sqlite3_bind_int64(stmt, 2, number);
        if (writer_run(writer, stmt, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static void gone_add(struct index_writer *writer, uint32_t number)
{
    if (writer->gone_count == writer->gone_capacity) {
        writer->gone_capacity = writer->gone_capacity == 0 ? 64 : writer->gone_capacity * 2;
        writer->gone = memory_resize(writer->gone, writer->gone_capacity * sizeof *writer->gone);
    }
    writer->gone[writer->gone_count++] = number;
}

#define VERSIONS_MAX 8

int index_writer_remove(struct index_writer *writer, struct str reg_name, struct str id, struct err *err)
{
    const struct reg *reg = model_register(writer->rules->model, reg_name);
    sqlite3_stmt *stmt = writer_statement(writer, FIND_DOCS);
    int64_t numbers[VERSIONS_MAX];
    size_t count = 0;

    if (stmt == NULL) {
        return index_fail(writer->db, err);
    }
    index_bind_text(stmt, 1, id);
    sqlite3_bind_int64(stmt, 2, (int64_t)reg->position);
    while (count < VERSIONS_MAX && sqlite3_step(stmt) == SQLITE_ROW) {
        numbers[count++] = sqlite3_column_int64(stmt, 0);
    }
    sqlite3_reset(stmt);
    for (size_t i = 0; i < count; i++) {
        if (remove_texts(writer, numbers[i], err) != 0 || run_with_number(writer, DELETE_TEXT, numbers[i], err) != 0 ||
            remove_refers(writer, numbers[i], err) != 0 || run_with_number(writer, DELETE_PAIR, numbers[i], err) != 0) {
            return -1;
        }
        writer->documents--;
        gone_add(writer, (uint32_t)numbers[i]);
    }
    return 0;
}

int index_writer_referrers(struct index_writer *writer, struct str reg, struct str id,
                           int (*each)(void *context, struct str reg, struct str id), void *context, struct err *err)
{
    sqlite3_stmt *stmt = writer_statement(writer, FIND_REFERRERS);
    int result = 0;

    if (stmt == NULL) {
        return index_fail(writer->db, err);
    }
    sqlite3_bind_int64(stmt, 1, refer_hash(reg, id));
    while (result == 0 && sqlite3_step(stmt) == SQLITE_ROW) {
        int position = sqlite3_column_int(stmt, 0);
        result = each(context, writer->rules->model->registers[position].name, index_column(stmt, 1));
    }
    sqlite3_reset(stmt);
    return result;
}
