#include <config.h>
#include "data/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>

#include "core/buffer.h"
#include "core/file.h"
#include "core/sandbox.h"
#include "core/text.h"

enum {
    BLOCK = 1 << 18,
    MEMBERS_MAX = 10000, /* of an archive */
    NAME_MAX_BYTES = 4096,
    LISTED = 20 /* members that a message names */
};

/* What the child can come back with. */
enum { DONE, BAD_ARCHIVE, TOO_LARGE, NO_MEMBER, CANNOT_WRITE };

static const struct {
    const char *name, *magic;
    size_t n;
} kinds[] = {
    {"gzip", "\x1F\x8B", 2},     {"xz", "\xFD" "7zXZ\0", 6},  {"zstd", "\x28\xB5\x2F\xFD", 4},
    {"zip", "PK\3\4", 4},        {"zip", "PK\5\6", 4},
};

const char *unpack_kind(const char *head, size_t n)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (n >= kinds[i].n && memcmp(head, kinds[i].magic, kinds[i].n) == 0)
            return kinds[i].name;
    }
    if (n >= 10 && memcmp(head, "BZh", 3) == 0 && head[3] >= '1' && head[3] <= '9' &&
        (memcmp(head + 4, "1AY&SY", 6) == 0 || memcmp(head + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0))
        return "bzip2";
    return n >= 262 && memcmp(head + 257, "ustar", 5) == 0 ? "tar" : NULL;
}

bool unpack_has_members(const char *kind)
{
    return strcmp(kind, "zip") == 0 || strcmp(kind, "tar") == 0;
}

bool unpack_is_data(const char *name)
{
    static const char *const endings[] = {".csv", ".tsv", ".txt", ".tab", ".sav", ".zsav", ".por", ".dta",
                                          ".sas7bdat", ".xpt", ".jsonl", ".ndjson"};
    static const char *const packed[] = {"", ".gz", ".xz", ".zst", ".bz2", ".zip"};
    const char *base = file_base(name);
    size_t n = strlen(base);

    if (base[0] == '.' || strncmp(name, "__MACOSX/", 9) == 0 || strncasecmp(base, "readme", 6) == 0)
        return false;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        for (size_t k = 0; k < sizeof packed / sizeof *packed; k++) {
            size_t e = strlen(endings[i]), p = strlen(packed[k]);

            if (n > e + p && strncasecmp(base + n - e - p, endings[i], e) == 0 &&
                strcasecmp(base + n - p, packed[k]) == 0)
                return true;
        }
    }
    return false;
}

/* ---- in the child ---- */

typedef struct {
    int fd, to;
    bool archive;       /* it has members */
    const char *member; /* to unpack */
    off_t at, most;
    char *block;
} unpacking;

static la_ssize_t read_packed(struct archive *a, void *context, const void **bytes)
{
    unpacking *u = context;
    ssize_t n = pread(u->fd, u->block, BLOCK, u->at);

    *bytes = u->block;
    if (n < 0)
        archive_set_error(a, errno, "the file cannot be read");
    else
        u->at += n;
    return n;
}

static la_int64_t seek_packed(struct archive *a, void *context, la_int64_t offset, int whence)
{
    unpacking *u = context;
    struct stat info;

    (void)a;
    if (whence == SEEK_CUR)
        offset += u->at;
    else if (whence == SEEK_END && fstat(u->fd, &info) == 0)
        offset += info.st_size;
    if (offset < 0)
        return ARCHIVE_FATAL;
    return u->at = offset;
}

static la_int64_t skip_packed(struct archive *a, void *context, la_int64_t request)
{
    unpacking *u = context;

    (void)a;
    u->at += request;
    return request;
}

static void say(int out, const char *text)
{
    uint32_t n = text ? (uint32_t)strnlen(text, 300) : 0;

    sandbox_write(out, &n, sizeof n);
    sandbox_write(out, text ? text : "", n);
}

static struct archive *open_archive(unpacking *u)
{
    struct archive *a = archive_read_new();

    u->block = malloc(BLOCK);
    if (!a || !u->block)
        return NULL;
    if (u->archive) {
        archive_read_support_format_zip(a);
        archive_read_support_format_tar(a);
    } else {
        archive_read_support_filter_xz(a);
        archive_read_support_filter_zstd(a);
        archive_read_support_filter_bzip2(a);
        archive_read_support_format_empty(a);
        archive_read_support_format_raw(a);
    }
    archive_read_set_read_callback(a, read_packed);
    archive_read_set_seek_callback(a, seek_packed);
    archive_read_set_skip_callback(a, skip_packed);
    archive_read_set_callback_data(a, u);
    return a;
}

/* In UTF-8 where the archive says so, whatever the locale; else as it stands. */
static const char *member_name(struct archive_entry *entry)
{
    const char *name = archive_entry_pathname_utf8(entry);

    return name ? name : archive_entry_pathname(entry);
}

/* Tell the names of the members that are files. */
static int list_members(void *context, int out)
{
    unpacking *u = context;
    struct archive *a = open_archive(u);
    struct archive_entry *entry;
    int status = a ? archive_read_open1(a) : ARCHIVE_FATAL, count = 0;

    while (status == ARCHIVE_OK && (status = archive_read_next_header(a, &entry)) >= ARCHIVE_WARN &&
           status != ARCHIVE_EOF && count++ < MEMBERS_MAX) {
        const char *name = member_name(entry);

        status = ARCHIVE_OK;
        if (archive_entry_filetype(entry) == AE_IFREG)
            say(out, name ? name : "?");
    }
    if (status == ARCHIVE_EOF || status == ARCHIVE_OK)
        return DONE;
    say(out, a ? archive_error_string(a) : "no memory");
    return BAD_ARCHIVE;
}

static int write_member(unpacking *u, struct archive *a, int out)
{
    const void *bytes;
    size_t n;
    la_int64_t at;
    off_t written = 0;
    int status;

    while ((status = archive_read_data_block(a, &bytes, &n, &at)) == ARCHIVE_OK) {
        if (at > u->most || (off_t)n > u->most - at)
            return TOO_LARGE;
        for (size_t done = 0; done < n;) {
            ssize_t some = pwrite(u->to, (const char *)bytes + done, n - done, at + (off_t)done);

            if (some <= 0)
                return CANNOT_WRITE;
            done += (size_t)some;
        }
        written = at + (off_t)n > written ? at + (off_t)n : written;
    }
    if (status == ARCHIVE_EOF)
        return DONE;
    say(out, archive_error_string(a));
    return BAD_ARCHIVE;
}

static int extract_member(void *context, int out)
{
    unpacking *u = context;
    struct archive *a = open_archive(u);
    struct archive_entry *entry;
    int status = a ? archive_read_open1(a) : ARCHIVE_FATAL;

    while (status == ARCHIVE_OK && (status = archive_read_next_header(a, &entry)) >= ARCHIVE_WARN &&
           status != ARCHIVE_EOF) {
        const char *name = member_name(entry);

        status = ARCHIVE_OK;
        if (!u->archive || (name && strcmp(name, u->member) == 0))
            return write_member(u, a, out);
    }
    if (status == ARCHIVE_EOF)
        return u->archive ? NO_MEMBER : DONE;
    say(out, a ? archive_error_string(a) : "no memory");
    return BAD_ARCHIVE;
}

/* gzip goes to zlib itself, which compares the checksum: libarchive does not. */
static int inflate_file(void *context, int out)
{
    unpacking *u = context;
    unsigned char *in = malloc(BLOCK), *plain = malloc(BLOCK);
    z_stream z = {0};
    off_t written = 0;
    ssize_t n = 0;
    int status = in && plain ? inflateInit2(&z, 15 + 16) : Z_MEM_ERROR;

    while (status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR) {
        size_t made;

        if (z.avail_in == 0) {
            n = pread(u->fd, in, BLOCK, u->at);
            u->at += n > 0 ? n : 0;
            z.next_in = in;
            z.avail_in = n > 0 ? (uInt)n : 0;
        }
        if (z.avail_in == 0)
            break;
        if (status == Z_STREAM_END) { /* files may be joined; what else follows the last is passed over */
            if (z.next_in[0] != 0x1F)
                return DONE;
            inflateReset(&z);
        }
        z.next_out = plain;
        z.avail_out = BLOCK;
        status = inflate(&z, Z_NO_FLUSH);
        made = BLOCK - z.avail_out;
        if ((off_t)made > u->most - written)
            return TOO_LARGE;
        if (made && pwrite(u->to, plain, made, written) != (ssize_t)made)
            return CANNOT_WRITE;
        written += (off_t)made;
    }
    if (status == Z_STREAM_END && n == 0)
        return DONE;
    say(out, z.msg);
    return BAD_ARCHIVE;
}

/* ---- in the parent ---- */

static off_t bound(off_t packed)
{
    return packed > UNPACK_MOST / UNPACK_RATIO ? UNPACK_MOST : packed * UNPACK_RATIO + UNPACK_FREE;
}

static sandbox_limits limits_for(off_t packed, off_t most)
{
    return (sandbox_limits){.memory = (size_t)2 << 30, .seconds = 60 + (unsigned)(packed >> 20), .file = most};
}

static vmap_status refuse(const char *kind, int how, const char *why, off_t most, vmap_error *err)
{
    if (how == TOO_LARGE)
        return vmap_error_set(err, VMAP_EPARSE,
                              "the %s file unpacks to more than %lld MB, %d times its size; unpack it yourself "
                              "if that is right",
                              kind, (long long)most >> 20, UNPACK_RATIO);
    if (how == CANNOT_WRITE)
        return vmap_error_set(err, VMAP_EIO, "cannot write the unpacked bytes to a temporary file");
    if (how == NO_MEMBER)
        return vmap_error_set(err, VMAP_EPARSE, "the %s file holds nothing", kind);
    return vmap_error_set(err, VMAP_EPARSE, "the %s file is damaged or encrypted: %s", kind,
                          why && *why ? why : "it ends too early");
}

/* Names of the members, one after another. */
typedef struct {
    char **names;
    size_t count;
} members;

static void free_members(members *m)
{
    for (size_t i = 0; i < m->count; i++)
        free(m->names[i]);
    free(m->names);
}

static vmap_status get_members(unpacking *u, off_t packed, const char *kind, members *m, unsigned *fences,
                               vmap_error *err)
{
    sandbox_limits limits = limits_for(packed, 0);
    const int keep[2] = {u->fd, -1};
    sandbox s;
    char *name, *why = NULL;
    int how = 0;
    vmap_status status = sandbox_start(&s, &limits, keep, list_members, u, err);

    if (status)
        return status;
    while (m->count <= MEMBERS_MAX && (name = sandbox_text(&s, NAME_MAX_BYTES, NULL)) != NULL) {
        char **more = reallocarray(m->names, m->count + 1, sizeof *more);

        if (!more) {
            free(name);
            break;
        }
        m->names = more;
        more[m->count++] = name;
    }
    *fences = s.fences;
    status = sandbox_end(&s, "unpacking the file", &how, err);
    if (!status && how != DONE) { /* the last text is the reason */
        why = m->count ? m->names[m->count - 1] : NULL;
        status = refuse(kind, how, why, 0, err);
    }
    return status;
}

static vmap_status refuse_choice(const members *m, bool data, const char *what, const char *path,
                                 vmap_error *err)
{
    buffer list = {0};
    size_t listed = 0;

    for (size_t i = 0; i < m->count; i++) {
        if ((!data || unpack_is_data(m->names[i])) && listed++ < LISTED)
            buffer_format(&list, "%s%s", listed > 1 ? ", " : "", m->names[i]);
    }
    if (listed > LISTED)
        buffer_format(&list, " and %zu more", listed - LISTED);
    vmap_error_set(err, VMAP_EDATA, "%s: %s; name one as '%s:MEMBER'", what, list.text ? list.text : "none",
                   path);
    buffer_free(&list);
    return VMAP_EDATA;
}

/* The member to unpack: the one that is named, else the only data file, else the only file. */
static vmap_status choose(const members *m, const char *wanted, const char *path, const char **chosen,
                          vmap_error *err)
{
    size_t data = 0, found = 0;

    for (size_t i = 0; i < m->count; i++) {
        if (wanted && strcmp(m->names[i], wanted) == 0) {
            *chosen = m->names[i];
            return VMAP_SUCCESS;
        }
        if (unpack_is_data(m->names[i])) {
            data++;
            found = i;
        }
    }
    if (wanted) {
        refuse_choice(m, false, "the archive has no such member; it holds", path, err);
        if (err)
            err->status = VMAP_ENOENT;
        return VMAP_ENOENT;
    }
    if (m->count == 0)
        return vmap_error_set(err, VMAP_EPARSE, "the archive is empty");
    for (size_t i = 0; i < m->count; i++) {
        if (strcmp(m->names[i], "xl/workbook.xml") == 0 || strcmp(m->names[i], "content.xml") == 0)
            return vmap_error_set(err, VMAP_EPARSE,
                                  "the file is a spreadsheet; save the sheet as CSV in it");
    }
    if (data > 1 || (data == 0 && m->count > 1))
        return refuse_choice(m, data > 1, data > 1 ? "the archive holds several data files"
                                                   : "the archive holds several files and none is known as data",
                             path, err);
    *chosen = m->names[data ? found : 0];
    return VMAP_SUCCESS;
}

static int make_temporary(void)
{
    FILE *file = tmpfile();
    int fd = file ? fcntl(fileno(file), F_DUPFD_CLOEXEC, 3) : -1;

    if (file)
        fclose(file);
    return fd;
}

static vmap_status extract(unpacking *u, off_t packed, const char *kind, unsigned *fences, vmap_error *err)
{
    sandbox_limits limits = limits_for(packed, u->most);
    const int keep[2] = {u->fd, u->to};
    sandbox s;
    char *why = NULL;
    int how = 0;
    vmap_status status = sandbox_start(&s, &limits, keep, strcmp(kind, "gzip") ? extract_member : inflate_file, u,
                                       err);

    if (status)
        return status;
    *fences = s.fences;
    why = sandbox_text(&s, NAME_MAX_BYTES, NULL);
    status = sandbox_end(&s, "unpacking the file", &how, err);
    if (!status && how != DONE)
        status = refuse(kind, how, why, u->most, err);
    free(why);
    return status;
}

vmap_status unpack_file(int fd, const char *member, const char *path, int *unpacked, char **chosen,
                        unsigned *fences, vmap_error *err)
{
    unpacking u = {.fd = fd, .to = -1};
    members m = {0};
    char head[512];
    ssize_t n = pread(fd, head, sizeof head, 0);
    const char *kind = unpack_kind(head, n > 0 ? (size_t)n : 0);
    struct stat info;
    vmap_status status;

    if (!kind || fstat(fd, &info))
        return vmap_error_set(err, VMAP_EINVAL, "the file is not packed");
    u.most = bound(info.st_size);
    u.archive = unpack_has_members(kind);
    u.member = "";
    status = u.archive ? get_members(&u, info.st_size, kind, &m, fences, err) : VMAP_SUCCESS;
    if (!status && u.archive)
        status = choose(&m, member, path, &u.member, err);
    if (!status && (u.to = make_temporary()) < 0)
        status = vmap_error_set(err, VMAP_EIO, "cannot open a temporary file: %s", strerror(errno));
    if (!status)
        status = extract(&u, info.st_size, kind, fences, err);
    if (!status && !(*chosen = text_copy(u.member, strlen(u.member))))
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for the name of a member");
    if (status && u.to >= 0)
        close(u.to);
    if (!status)
        *unpacked = u.to;
    free_members(&m);
    return status;
}
