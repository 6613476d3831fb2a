#include "config.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "harden.h"
#include "test.h"

/* 0, or which of the steps went wrong. */
typedef int child_fn(void);

/* What is given up is given up for good, so each test has its own process. */
static int
in_child(child_fn *fn)
{
	int status;
	pid_t pid;

	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0)
		_exit(fn());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void
passes(child_fn *fn)
{
	assert_int_equal(in_child(fn), 0);
}

#ifdef HAVE_LIBSECCOMP

static bool
is_denied(long result)
{
	return result == -1 && errno == EPERM;
}

static int
run_a_program(void)
{
	char *const words[] = { (char[]){ "true" }, NULL };
	char *const nothing[] = { NULL };

	harden_calls();
	if (!is_denied(execv("/bin/true", words)))
		return 1;
	if (!is_denied(syscall(
		SYS_execveat, AT_FDCWD, "/bin/true", words, nothing, 0)))
		return 2;
	return 0;
}

static int
make_a_process(void)
{
	pid_t pid;

	harden_calls();
	pid = fork();
	if (pid == 0)
		_exit(0);
	if (!is_denied(pid))
		return 1;
#ifdef SYS_fork
	pid = (pid_t)syscall(SYS_fork);
	if (pid == 0)
		_exit(0);
	if (!is_denied(pid))
		return 2;
#endif
#ifdef SYS_clone3
	if (syscall(SYS_clone3, NULL, 0) != -1 || errno != ENOSYS)
		return 3;
#endif
	return 0;
}

static int
look_into_a_process(void)
{
	char mine, theirs;
	struct iovec to = { &mine, 1 }, from = { &theirs, 1 };

	harden_calls();
	if (!is_denied(ptrace(PTRACE_TRACEME, 0, NULL, NULL)))
		return 1;
	if (!is_denied(process_vm_readv(getpid(), &to, 1, &from, 1, 0)))
		return 2;
	if (!is_denied(process_vm_writev(getpid(), &to, 1, &from, 1, 0)))
		return 3;
	return 0;
}

/* Calls that succeed, or fail in another way, for whom they are not denied. */
static int
change_the_machine(void)
{
	static const long calls[] = {
		SYS_add_key,
		SYS_bpf,
		SYS_chroot,
		SYS_delete_module,
		SYS_finit_module,
		SYS_init_module,
		SYS_io_uring_setup,
		SYS_keyctl,
		SYS_mount,
		SYS_open_by_handle_at,
		SYS_perf_event_open,
		SYS_personality,
		SYS_pivot_root,
		SYS_setgid,
		SYS_setns,
		SYS_setresuid,
		SYS_setuid,
		SYS_umount2,
		SYS_unshare,
		SYS_userfaultfd,
	};
	size_t i;

	harden_calls();
	for (i = 0; i < COUNT(calls); i++)
		if (!is_denied(syscall(calls[i], -1L, -1L, -1L, -1L, -1L, -1L)))
			return (int)i + 1;
	return 0;
}

static void *
fork_in_thread(void *arg)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	*(bool *)arg = is_denied(pid);
	return NULL;
}

static int
start_a_thread(void)
{
	bool denied = false;
	pthread_t thread;

	harden_calls();
	if (pthread_create(&thread, NULL, fork_in_thread, &denied) != 0)
		return 1;
	if (pthread_join(thread, NULL) != 0)
		return 2;
	return denied ? 0 : 3;
}

static int
use_sockets(void)
{
	struct addrinfo *found = NULL;
	int ends[2];
	char byte;

	harden_calls();
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1 ||
	    write(ends[0], "x", 1) != 1 || read(ends[1], &byte, 1) != 1)
		return 1;
	if (getaddrinfo("localhost", "443", NULL, &found) != 0)
		return 2;
	freeaddrinfo(found);
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) == -1 ? 3 : 0;
}

static int
use_files(void)
{
	const char *path = test_path("state");
	void *room;
	int fd;

	harden_calls();
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1 || write(fd, "x", 1) != 1 || fsync(fd) == -1)
		return 1;
	if (rename(path, test_path("renamed")) == -1)
		return 2;
	room = mmap(NULL, 1, PROT_READ, MAP_PRIVATE, fd, 0);
	return room == MAP_FAILED ? 3 : 0;
}

static void
harden_denies_other_programs(void **state)
{
	(void)state;
	passes(run_a_program);
}

static void
harden_denies_other_processes(void **state)
{
	(void)state;
	passes(make_a_process);
}

static void
harden_denies_a_look_into_a_process(void **state)
{
	(void)state;
	passes(look_into_a_process);
}

static void
harden_denies_what_changes_the_machine(void **state)
{
	(void)state;
	passes(change_the_machine);
}

static void
harden_lets_threads_start_with_the_same_limits(void **state)
{
	(void)state;
	passes(start_a_thread);
}

static void
harden_lets_sockets_work(void **state)
{
	(void)state;
	passes(use_sockets);
}

static void
harden_lets_files_work(void **state)
{
	(void)state;
	passes(use_files);
}

#endif

#ifdef WITH_PROCESS_HARDENING

static int
gain_privileges(void)
{
	harden_calls();
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 1;
}

static int
leave_a_core(void)
{
	struct rlimit limit;

	harden_memory();
	if (getrlimit(RLIMIT_CORE, &limit) == -1 || limit.rlim_cur != 0 ||
	    limit.rlim_max != 0)
		return 1;
	return prctl(PR_GET_DUMPABLE) == 0 ? 0 : 2;
}

static void
harden_gives_up_new_privileges(void **state)
{
	(void)state;
	passes(gain_privileges);
}

static void
harden_leaves_no_core(void **state)
{
	(void)state;
	passes(leave_a_core);
}

#else

static int
look_in_as_a_debugger(void)
{
	harden_memory();
	harden_calls();
	if (prctl(PR_GET_DUMPABLE) != 1)
		return 1;
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1 ? 2 : 0;
}

static void
harden_lets_debuggers_look_into_a_build_for_them(void **state)
{
	(void)state;
	passes(look_in_as_a_debugger);
}

#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef HAVE_LIBSECCOMP
		cmocka_unit_test(harden_denies_other_programs),
		cmocka_unit_test(harden_denies_other_processes),
		cmocka_unit_test(harden_denies_a_look_into_a_process),
		cmocka_unit_test(harden_denies_what_changes_the_machine),
		cmocka_unit_test(
		    harden_lets_threads_start_with_the_same_limits),
		cmocka_unit_test(harden_lets_sockets_work),
		cmocka_unit_test(harden_lets_files_work),
#endif
#ifdef WITH_PROCESS_HARDENING
		cmocka_unit_test(harden_gives_up_new_privileges),
		cmocka_unit_test(harden_leaves_no_core),
#else
		cmocka_unit_test(
		    harden_lets_debuggers_look_into_a_build_for_them),
#endif
	};

	return TEST_RUN_WITH_FILES(tests);
}
