#include <config.h>
#include "core/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if HAVE_LINUX_LANDLOCK_H
#include <linux/landlock.h>
#endif
#if HAVE_LINUX_SECCOMP_H
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#endif

#if defined(__SANITIZE_ADDRESS__)
#define ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ADDRESS_SANITIZER 1
#endif
#endif

enum { BLOCK = 1 << 20, REPORT_BROKEN = 125 };

/* ---- the child's fences ---- */

/* The child can open no file: a ruleset that handles every kind of access and allows none. */
static bool fence_files(void)
{
#if HAVE_LINUX_LANDLOCK_H && defined(SYS_landlock_create_ruleset)
    struct landlock_ruleset_attr all = {.handled_access_fs = 0};
    int rules;

    /* the thirteen rights of the first version; later kernels know more and keep these */
    all.handled_access_fs = (UINT64_C(1) << 13) - 1;
    rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all.handled_access_fs, 0);
    return rules >= 0 && syscall(SYS_landlock_restrict_self, rules, 0) == 0 && close(rules) == 0;
#else
    return false;
#endif
}

#if defined(__x86_64__)
#define SYSTEM_CALLS AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define SYSTEM_CALLS AUDIT_ARCH_AARCH64
#endif

/* The child can read, write, have memory and leave; every other system call fails. */
static bool fence_calls(void)
{
#if HAVE_LINUX_SECCOMP_H && defined(SYSTEM_CALLS)
    static const unsigned allowed[] = {
        SYS_read, SYS_readv, SYS_pread64, SYS_write, SYS_writev, SYS_pwrite64, SYS_lseek, SYS_close,
        SYS_fstat, SYS_ftruncate, SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_brk,
        SYS_futex, SYS_exit, SYS_exit_group, SYS_rt_sigreturn, SYS_rt_sigprocmask, SYS_rt_sigaction,
        SYS_sigaltstack, SYS_getpid, SYS_gettid, SYS_clock_gettime, SYS_gettimeofday, SYS_getrandom,
        SYS_sched_yield, SYS_restart_syscall};
    enum { CALLS = sizeof allowed / sizeof *allowed };
    struct sock_filter code[CALLS + 6];
    struct sock_fprog program = {.filter = code};
    unsigned n = 0;

    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYSTEM_CALLS, 1, 0);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (unsigned i = 0; i < CALLS; i++)
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, allowed[i],
                                                 (unsigned char)(CALLS - i), 0);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    program.len = (unsigned short)n;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
#else
    return false;
#endif
}

static void limit(int what, rlim_t most)
{
    struct rlimit now;

    if (getrlimit((unsigned)what, &now) == 0 && (now.rlim_max == RLIM_INFINITY || most < now.rlim_max))
        now.rlim_max = most;
    now.rlim_cur = most < now.rlim_max ? most : now.rlim_max;
    setrlimit((unsigned)what, &now);
}

/* Bytes of address space in use; 0 when unknown. */
static size_t address_space(void)
{
    char text[64] = "";
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);

    if (fd >= 0)
        close(fd);
    return n > 0 ? strtoul(text, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE) : 0;
}

static void set_limits(const sandbox_limits *limits)
{
    size_t used = address_space();

    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, limits->seconds);
    limit(RLIMIT_FSIZE, (rlim_t)limits->file);
#ifndef ADDRESS_SANITIZER /* which has terabytes of address space */
    if (used)
        limit(RLIMIT_AS, used + limits->memory);
#else
    (void)used;
#endif
}

static void close_range_of(unsigned from, unsigned to)
{
#if defined(SYS_close_range)
    if (from <= to && syscall(SYS_close_range, from, to, 0) == 0)
        return;
#endif
    for (unsigned fd = from; fd <= to && fd < 4096; fd++)
        close((int)fd);
}

/* Close every descriptor but these three; standard input, output and error lead nowhere. */
static void keep_only(const int keep[2], int out)
{
    int kept[3] = {keep[0], keep[1], out}, nowhere = open("/dev/null", O_RDWR);
    unsigned from = 3;

    for (int fd = 0; fd < 3; fd++) {
        if (nowhere < 0 || dup2(nowhere, fd) < 0)
            close(fd);
    }
    for (int round = 0; round < 3; round++) {
        int next = -1;

        for (int i = 0; i < 3; i++) {
            if (kept[i] >= (int)from && (next < 0 || kept[i] < next))
                next = kept[i];
        }
        if (next < 0)
            break;
        if ((unsigned)next > from)
            close_range_of(from, (unsigned)next - 1);
        from = (unsigned)next + 1;
    }
    close_range_of(from, ~0U);
}

/* Descriptors 0 to 2 may be closed in the parent, so that a kept one has such a number. */
static int lift(int fd)
{
    return fd >= 0 && fd < 3 ? fcntl(fd, F_DUPFD, 3) : fd;
}

static void default_signals(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGXCPU, SIGXFSZ, SIGSEGV,
                                  SIGBUS, SIGABRT, SIGILL, SIGFPE};

    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], SIG_DFL);
}

static _Noreturn void be_child(const sandbox_limits *limits, const int keep[2], sandbox_work *work,
                               void *context, int out)
{
    int kept[2] = {lift(keep[0]), lift(keep[1])};
    unsigned char fences = 0;

    out = lift(out);
    default_signals();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    keep_only(kept, out);
    set_limits(limits);
    if (kept[0] != keep[0] || kept[1] != keep[1])
        _exit(REPORT_BROKEN);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) {
        fences = fence_files() ? SANDBOX_LANDLOCK : 0;
        fences |= fence_calls() ? SANDBOX_SECCOMP : 0;
    }
    if (!sandbox_write(out, &fences, 1))
        _exit(REPORT_BROKEN);
    _exit(work(context, out) & 0x7F);
}

bool sandbox_write(int out, const void *bytes, size_t n)
{
    const char *from = bytes;

    while (n) {
        ssize_t done = write(out, from, n);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        from += done;
        n -= (size_t)done;
    }
    return true;
}

/* ---- the parent ---- */

vmap_status sandbox_start(sandbox *s, const sandbox_limits *limits, const int keep[2],
                          sandbox_work *work, void *context, vmap_error *err)
{
    int ends[2];
    unsigned char fences = 0;

    memset(s, 0, sizeof *s);
    s->pipe = -1;
    s->block = malloc(BLOCK);
    if (!s->block)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a pipe");
    if (pipe2(ends, O_CLOEXEC)) {
        free(s->block);
        return vmap_error_set(err, VMAP_EIO, "cannot open a pipe: %s", strerror(errno));
    }
    fcntl(ends[1], F_SETPIPE_SZ, BLOCK);
    s->pid = fork();
    if (s->pid == 0)
        be_child(limits, keep, work, context, ends[1]);
    close(ends[1]);
    if (s->pid < 0) {
        close(ends[0]);
        free(s->block);
        return vmap_error_set(err, VMAP_EIO, "cannot start a process: %s", strerror(errno));
    }
    s->pipe = ends[0];
    if (sandbox_read(s, &fences, 1))
        s->fences = fences;
    return VMAP_SUCCESS;
}

static bool fill(sandbox *s)
{
    ssize_t got = -1;

    while (!s->ended && (got = read(s->pipe, s->block, BLOCK)) < 0 && errno == EINTR)
        continue;
    s->at = 0;
    s->n = got > 0 ? (size_t)got : 0;
    s->ended = got <= 0;
    return got > 0;
}

bool sandbox_read(sandbox *s, void *to, size_t n)
{
    char *bytes = to;

    while (n) {
        size_t here = s->n - s->at < n ? s->n - s->at : n;

        memcpy(bytes, s->block + s->at, here);
        s->at += here;
        bytes += here;
        n -= here;
        if (n && !fill(s))
            return false;
    }
    return true;
}

char *sandbox_text(sandbox *s, size_t most, size_t *n)
{
    uint32_t length;
    char *text;

    if (!sandbox_read(s, &length, sizeof length) || length > most)
        return NULL;
    text = malloc((size_t)length + 1);
    if (!text || !sandbox_read(s, text, length)) {
        free(text);
        return NULL;
    }
    text[length] = '\0';
    if (n)
        *n = length;
    return text;
}

static vmap_status explain(int how, const char *what, vmap_error *err)
{
    int signal = WIFSIGNALED(how) ? WTERMSIG(how) : 0;

    if (signal == SIGXCPU || signal == SIGKILL)
        return vmap_error_set(err, VMAP_EPARSE,
                              "%s took too long and was stopped; the file is damaged or was made to do harm",
                              what);
    if (signal == SIGXFSZ)
        return vmap_error_set(err, VMAP_EPARSE, "%s gave more bytes than are allowed", what);
    return vmap_error_set(err, VMAP_EPARSE,
                          "%s broke off (%s); the file is damaged or was made to do harm, or memory is short",
                          what, signal ? strsignal(signal) : "no report");
}

vmap_status sandbox_end(sandbox *s, const char *what, int *returned, vmap_error *err)
{
    int how = 0;

    close(s->pipe); /* a child that still writes ends here */
    free(s->block);
    s->block = NULL;
    while (waitpid(s->pid, &how, 0) < 0 && errno == EINTR)
        continue;
    *returned = WIFEXITED(how) ? WEXITSTATUS(how) : -1;
    return WIFEXITED(how) && WEXITSTATUS(how) != REPORT_BROKEN ? VMAP_SUCCESS : explain(how, what, err);
}

const char *sandbox_missing(unsigned fences)
{
    static const char *const words[] = {"without Landlock and seccomp", "without seccomp", "without Landlock",
                                        ""};

    return words[fences & SANDBOX_ALL];
}
