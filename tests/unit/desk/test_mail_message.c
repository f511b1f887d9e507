#include "unit.h"

#include "base/buf.h"
#include "desk/mail.h"

static struct mail_message plain(void)
{
    return (struct mail_message){.from = STR("desk@example.jp"),
                                 .to = STR("jane@example.org"),
                                 .subject = STR("Hello"),
                                 .body = STR("Hi\n"),
                                 .id = STR("2026-00001.receipt.1"),
                                 .date_ms = INT64_C(1795454038000)};
}

static void a_plain_message_is_written_whole(void **state)
{
    BUF_AUTO out;
    struct mail_message message = plain();
    struct err err = {0};
    (void)state;
    message.automatic = true;
    message.reply_to = STR("help@example.jp");
    message.from_name = STR("Bay \"Area\"");
    buf_init(&out, 4096);
    assert_int_equal(mail_message_write(&message, &out, &err), 0);
    assert_str(buf_str(&out), "Date: Mon, 23 Nov 2026 17:13:58 +0000\r\n"
                              "From: =?UTF-8?B?QmF5ICJBcmVhIg==?= <desk@example.jp>\r\n"
                              "To: <jane@example.org>\r\n"
                              "Reply-To: <help@example.jp>\r\n"
                              "Subject: Hello\r\n"
                              "Message-ID: <2026-00001.receipt.1@example.jp>\r\n"
                              "Auto-Submitted: auto-generated\r\n"
                              "MIME-Version: 1.0\r\n"
                              "Content-Type: text/plain; charset=utf-8\r\n"
                              "Content-Transfer-Encoding: base64\r\n"
                              "\r\n"
                              "SGkNCg==\r\n");
}

/* Nothing in a subject ends the header, and no character is cut in two. */
static void subjects_stay_in_their_header(void **state)
{
    static const char *const subjects[] = {"a\r\nBcc: all@example.org", "a\nb",
                                           "東京圏のバイオコミュニティへのお問い合わせについて、とても長い件名",
                                           "=?UTF-8?B?eA==?=", ""};
    (void)state;
    for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++) {
        BUF_AUTO out;
        struct mail_message message = plain();
        struct err err = {0};
        buf_init(&out, 4096);
        message.subject = str_from_cstr(subjects[i]);
        assert_int_equal(mail_message_write(&message, &out, &err), 0);
        assert_true(str_find(buf_str(&out), STR("\r\nBcc")) == SIZE_MAX);
        assert_true(str_find(buf_str(&out), STR("\nb")) == SIZE_MAX);
        assert_int_equal(str_ascii_length(buf_str(&out)), out.len);
    }
}

static void long_subjects_are_folded_between_characters(void **state)
{
    BUF_AUTO out;
    struct mail_message message = plain();
    struct err err = {0};
    (void)state;
    buf_init(&out, 4096);
    message.subject = STR("ああああああああああああああああ"); /* sixteen of three bytes: fifteen fit */
    assert_int_equal(mail_message_write(&message, &out, &err), 0);
    assert_true(str_find(buf_str(&out),
                         STR("Subject: =?UTF-8?B?44GC44GC44GC44GC44GC44GC44GC44GC44GC44GC44GC44GC44GC44GC44GC?=\r\n"
                             " =?UTF-8?B?44GC?=\r\n")) != SIZE_MAX);
}

static void addresses_are_told_from_what_is_none(void **state)
{
    static const char *const good[] = {"a@b.example", "jane.o'neill+x@mail.example.org", "x_y-z@xn--eckwd4c.jp"};
    static const char *const bad[] = {"",           "a",         "@b.org",           "a@",          "a@b",
                                      "a@b.",       "a@.b.org",  "a b@c.org",        "a@b.org\r\n", "a@b.org,c@d.org",
                                      "<a@b.org>",  "a@b@c.org", "\"a\"@b.org",      "-a@b.org",    ".a@b.org",
                                      "a..b@c.org", "a@-b.org",  "ジェ@example.org", "a@例.jp",     "a@b_c.org"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(mail_address_is_plain(str_from_cstr(good[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (mail_address_is_plain(str_from_cstr(bad[i]))) {
            fail_msg("%s is taken", bad[i]);
        }
    }
    assert_false(mail_address_is_plain(str_make("a\0b@c.org", 9)));
}

static void a_message_with_a_bad_address_is_refused(void **state)
{
    (void)state;
    for (int part = 0; part < 3; part++) {
        BUF_AUTO out;
        struct mail_message message = plain();
        struct err err = {0};
        *(part == 0   ? &message.from
          : part == 1 ? &message.to
                      : &message.reply_to) = STR("a@b.org>\r\nRCPT TO:<c@d.org");
        buf_init(&out, 4096);
        assert_int_equal(mail_message_write(&message, &out, &err), -1);
        assert_int_equal(err.code, ERR_INVALID);
    }
}

static void texts_of_any_size_keep_their_lines_short(void **state)
{
    BUF_AUTO out, body;
    struct mail_message message = plain();
    struct err err = {0};
    (void)state;
    buf_init(&body, 1 << 16);
    for (int i = 0; i < 3000; i++) {
        buf_add_literal(&body, "長い行。");
    }
    message.body = buf_str(&body);
    buf_init(&out, 1 << 20);
    assert_int_equal(mail_message_write(&message, &out, &err), 0);
    struct str rest = buf_str(&out), line;
    bool done = false;
    while (str_next_part(&rest, '\n', &done, &line)) {
        assert_true(line.len <= 100);
    }
}

UNIT_TESTS(TEST(a_plain_message_is_written_whole), TEST(subjects_stay_in_their_header),
           TEST(long_subjects_are_folded_between_characters), TEST(addresses_are_told_from_what_is_none),
           TEST(a_message_with_a_bad_address_is_refused), TEST(texts_of_any_size_keep_their_lines_short))
