#include <config.h>
#include "valuemap/figure.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"
#include "figure/script.h"

extern char **environ;

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Variables that would change what gnuplot draws. */
static bool is_unwanted(const char *variable)
{
    static const char *const names[] = {"GNU", "GNUPLOT", "GDFONTPATH=", "FIT_",
                                        "LC_", "LANG",    "TZ="};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (begins(variable, names[i]))
            return true;
    }
    return false;
}

/* The environment for gnuplot: ours without what would change the figure. PDF files carry the date
 * that SOURCE_DATE_EPOCH says instead of today's. In fresh memory; the strings are not owned. */
static char **clean_environment(vmap_error *err)
{
    static char locale[] = "LC_ALL=C.UTF-8", zone[] = "TZ=UTC", date[] = "SOURCE_DATE_EPOCH=0";
    size_t count = 0, n = 0;
    bool dated = false;
    char **clean;

    while (environ && environ[count])
        count++;
    clean = memory_new(count + 4, sizeof *clean, err);
    if (!clean)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (is_unwanted(environ[i]))
            continue;
        dated = dated || begins(environ[i], "SOURCE_DATE_EPOCH=");
        clean[n++] = environ[i];
    }
    clean[n++] = locale;
    clean[n++] = zone;
    if (!dated)
        clean[n++] = date;
    return clean;
}

/* Start gnuplot with these arguments, wait for it; its standard output and error go to files.
 * Returns 0 and the wait status, or an errno. */
static int run_gnuplot(char *const argv[], char *const environment[], int out, int error,
                       int *wait_status)
{
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int failure = posix_spawn_file_actions_init(&actions);

    if (failure)
        return failure;
    failure = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (!failure)
        failure = posix_spawn_file_actions_adddup2(&actions, out, 1);
    if (!failure)
        failure = posix_spawn_file_actions_adddup2(&actions, error, 2);
    if (!failure)
        failure = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environment);
    posix_spawn_file_actions_destroy(&actions);
    if (failure)
        return failure;
    while (waitpid(pid, wait_status, 0) < 0) {
        if (errno != EINTR)
            return errno;
    }
    /* Where exec fails only in the child, that child ends with 127. */
    return WIFEXITED(*wait_status) && WEXITSTATUS(*wait_status) == 127 ? ENOENT : 0;
}

/* What a temporary file holds, in fresh memory; NULL when it cannot be read. */
static char *take_text(FILE *file, size_t *n)
{
    char *text = NULL;
    long size;

    if (fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0 || fseek(file, 0, SEEK_SET))
        return NULL;
    text = malloc((size_t)size + 1);
    if (!text)
        return NULL;
    *n = fread(text, 1, (size_t)size, file);
    text[*n] = '\0';
    return text;
}

/* The sentence of an error: what gnuplot said, without its caret lines. */
static vmap_status blame_gnuplot(FILE *said, int wait_status, const char *path, vmap_error *err)
{
    size_t n = 0;
    char *text = take_text(said, &n), *from = text;
    vmap_status status;

    while (from && (*from == '\n' || *from == ' ' || *from == '^'))
        from++;
    status = vmap_error_set(
        err, VMAP_EIO, "gnuplot failed (%s %d): %s", WIFSIGNALED(wait_status) ? "signal" : "status",
        WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : WEXITSTATUS(wait_status),
        from && *from ? from : "it said nothing");
    vmap_error_place(err, path, 0, 0, NULL);
    free(text);
    return status;
}

static vmap_status refuse_start(int failure, vmap_error *err)
{
    if (failure == ENOENT)
        return vmap_error_set(err, VMAP_ENOENT,
                              "gnuplot is not installed or not on the PATH; install it (Debian: "
                              "gnuplot-nox) and run gnuplot on the script");
    return vmap_error_set(err, failure == ENOMEM ? VMAP_ENOMEM : VMAP_EIO,
                          "cannot start gnuplot: %s", strerror(failure));
}

static vmap_status check_request(const char *gp_path, const char *format, const char *out_path,
                                 vmap_error *err)
{
    struct stat info;

    if (strcmp(format, "svg") != 0 && strcmp(format, "pdf") != 0 && strcmp(format, "png") != 0)
        return vmap_error_set(err, VMAP_EINVAL, "the format \"%s\" is none of svg, pdf, png",
                              format);
    if (!script_name_fits(file_base(gp_path)))
        return vmap_error_set(err, VMAP_EINVAL,
                              "the script's name \"%s\" is not made of A-Z a-z 0-9 _ . -",
                              file_base(gp_path));
    if (!script_name_fits(file_base(out_path)))
        return vmap_error_set(err, VMAP_EINVAL,
                              "the figure's name \"%s\" is not made of A-Z a-z 0-9 _ . -",
                              file_base(out_path));
    if (stat(gp_path, &info) || !S_ISREG(info.st_mode)) {
        vmap_error_set(err, VMAP_ENOENT, "there is no such script");
        vmap_error_place(err, gp_path, 0, 0, NULL);
        return VMAP_ENOENT;
    }
    return VMAP_SUCCESS;
}

/* Run gnuplot on the script, then write what it drew. */
static vmap_status draw(char *script, const char *format, FILE *drawn, FILE *said,
                        const char *out_path, char *const environment[], vmap_error *err)
{
    char program[] = "gnuplot", no_start_up[] = "-d", evaluate[] = "-e", settings[32];
    char *argv[] = {program, no_start_up, evaluate, settings, script, NULL};
    size_t n = 0;
    char *picture;
    int wait_status = 0, failure;
    vmap_status status;

    snprintf(settings, sizeof settings, "TERM='%s'; OUT=''", format);
    failure = run_gnuplot(argv, environment, fileno(drawn), fileno(said), &wait_status);
    if (failure)
        return refuse_start(failure, err);
    if (!WIFEXITED(wait_status) || WEXITSTATUS(wait_status) != 0)
        return blame_gnuplot(said, wait_status, script, err);
    picture = take_text(drawn, &n);
    if (!picture || n == 0) {
        free(picture);
        return blame_gnuplot(said, wait_status, script, err);
    }
    status = file_write(out_path, picture, n, err);
    free(picture);
    return status;
}

vmap_status vmap_figure_render(const char *gp_path, const char *format, const char *out_path,
                               vmap_error *err)
{
    vmap_status status = check_request(gp_path, format, out_path, err);
    FILE *drawn = NULL, *said = NULL;
    char **environment = NULL, *script = NULL;

    if (status)
        return status;
    status = VMAP_ENOMEM;
    environment = clean_environment(err);
    /* A path that begins with a letter, '<' or '-' could mean something else to gnuplot. */
    script = text_format("%s%s", *gp_path == '/' ? "" : "./", gp_path);
    if (!script)
        vmap_error_set(err, VMAP_ENOMEM, "no memory for a file name");
    if (!environment || !script)
        goto cleanup;
    drawn = tmpfile();
    said = tmpfile();
    if (!drawn || !said)
        status =
            vmap_error_set(err, VMAP_EIO, "cannot create a temporary file: %s", strerror(errno));
    else
        status = draw(script, format, drawn, said, out_path, environment, err);
cleanup:
    if (drawn)
        fclose(drawn);
    if (said)
        fclose(said);
    free(environment);
    free(script);
    return status;
}

bool vmap_figure_can_render(void)
{
    char program[] = "gnuplot", version[] = "--version";
    char *argv[] = {program, version, NULL};
    char **environment = clean_environment(NULL);
    FILE *sink = tmpfile();
    int wait_status = 0;
    bool runs = environment && sink &&
                run_gnuplot(argv, environment, fileno(sink), fileno(sink), &wait_status) == 0 &&
                WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0;

    if (sink)
        fclose(sink);
    free(environment);
    return runs;
}
