// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDXCTL_IOC_DISABLE in a guest: who may, one at a time, signals. Prints result
 * lines, or with `run`, `slice` and `hold` what the helper answered.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "device.h"

static struct tdxctl_disable slice_of(uint32_t ms)
{
	return (struct tdxctl_disable) { .size = sizeof(struct tdxctl_disable), .slice_ms = ms };
}

/* 0 or the errno of a slice on @file. */
static int slice_on(int file, uint32_t ms)
{
	struct tdxctl_disable arg = slice_of(ms);

	return ioctl(file, TDXCTL_IOC_DISABLE, &arg) ? errno : 0;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

static void print(const struct tdxctl_disable *arg)
{
	printf("finished=%u status=%#" PRIx64 " calls=%" PRIu64 " interrupted=%" PRIu64
	       " busy=%" PRIu64 "\n",
	       arg->finished, (uint64_t)arg->status, (uint64_t)arg->calls,
	       (uint64_t)arg->interrupted, (uint64_t)arg->busy);
	fflush(stdout);
}

/* Slices to the end; prints the sums, and on stderr that the first slice was not the last. */
static int run(void)
{
	struct tdxctl_disable sum = slice_of(0);

	while (!sum.finished) {
		struct tdxctl_disable arg = slice_of(100);
		int error = call(TDXCTL_IOC_DISABLE, &arg);

		if (error) {
			printf("errno=%s\n", strerrorname_np(error));
			return 0;
		}
		if (!sum.calls && !arg.finished)
			fprintf(stderr, "unfinished\n");
		sum.finished = arg.finished;
		sum.status = arg.status;
		sum.calls += arg.calls;
		sum.interrupted += arg.interrupted;
		sum.busy += arg.busy;
	}
	print(&sum);
	return 0;
}

static int slice(void)
{
	struct tdxctl_disable arg = slice_of(20);
	int error = call(TDXCTL_IOC_DISABLE, &arg);

	if (error)
		printf("errno=%s\n", strerrorname_np(error));
	else
		print(&arg);
	return 0;
}

/* What a call costs in a long slice, for tests/bench. */
static int ns_per_call(void)
{
	struct tdxctl_disable arg = slice_of(500);
	uint64_t start = now_ns();

	if (call(TDXCTL_IOC_DISABLE, &arg))
		die("DISABLE");
	printf("%" PRIu64 "\n", (now_ns() - start) / (uint64_t)arg.calls);
	return 0;
}

/* One call, and then the changes stay reserved until this process dies. */
static int hold(void)
{
	struct tdxctl_disable arg = slice_of(0);

	if (call(TDXCTL_IOC_DISABLE, &arg))
		die("DISABLE");
	print(&arg);
	for (;;)
		pause();
}

/* Nothing in here reaches the module. */
static int rules(void)
{
	int reader = open_device(O_RDONLY), writer = open_device(O_WRONLY), status = 1;
	struct tdxctl_module_state state = { .size = sizeof(state) };
	struct tdxctl_platform platform = { .size = sizeof(platform) };

	expect(call(TDXCTL_IOC_PLATFORM, &platform) == 0 &&
		       platform.capabilities & TDXCTL_CAP_DISABLE,
	       "DISABLE is among the capabilities");
	expect(slice_on(device, TDXCTL_DISABLE_SLICE_MAX_MS + 1) == EINVAL,
	       "a slice that is too long is refused with EINVAL");
	expect(slice_on(reader, 0) == EBADF, "a file that is open for reading is refused with EBADF");
	expect(ioctl(reader, TDXCTL_IOC_MODULE_STATE, &state) == 0, "and can still read");
	if (!fork()) {
		if (setgid(65534) || setuid(65534))
			_exit(2);
		_exit(slice_on(writer, 0) != EPERM ||
		      ioctl(reader, TDXCTL_IOC_MODULE_STATE, &state));
	}
	wait(&status);
	expect(status == 0, "an open file without CAP_SYS_ADMIN is refused with EPERM, and can read");
	return 0;
}

/* Whether a call on @file meets the one that another process makes in its long slices. */
static bool meets_another(int file)
{
	int tries;

	for (tries = 0; tries < 1000; tries++) {
		if (slice_on(file, 0) == EBUSY)
			return true;
		usleep(1000);
	}
	return false;
}

/* On a module that is interrupted for ever. */
static int exclusive(void)
{
	int second = open_device(O_RDWR), status = 1, i;
	struct tdxctl_module_state state = { .size = sizeof(state) };
	uint64_t start;
	pid_t child;

	expect(slice_on(device, 0) == 0, "the first file disables");
	start = now_ns();
	expect(slice_on(second, 1000) == EBUSY, "between its slices a second file is refused with EBUSY");
	expect(now_ns() - start < 1000000000, "and that at once");
	expect(ioctl(second, TDXCTL_IOC_MODULE_STATE, &state) == 0, "the second file can read");
	expect(slice_on(device, 0) == 0, "the first file goes on");

	child = fork();
	if (!child) {
		for (i = 0; i < 3; i++)
			slice_on(device, 1000);
		_exit(0);
	}
	expect(meets_another(device), "of two processes with the same file one is refused with EBUSY");
	expect(slice_on(second, 0) == EBUSY, "and so is the second file");
	waitpid(child, &status, 0);
	expect(status == 0 && slice_on(device, 0) == 0, "when the one is done the other can go on");

	close(device);
	expect(slice_on(second, 0) == 0, "when the first file is closed the second goes on");
	device = second;
	return 0;
}

static void on_alarm(int number)
{
	(void)number;
}

/* On a module that is interrupted for ever. */
static int interrupted(void)
{
	struct tdxctl_disable arg = slice_of(1000);
	struct sigaction action = { .sa_handler = on_alarm };
	struct itimerval timer = { .it_value.tv_usec = 100000 };
	uint64_t start = now_ns();

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	expect(call(TDXCTL_IOC_DISABLE, &arg) == 0, "a signal is no error");
	expect(!arg.finished && arg.calls > 1 && arg.calls == arg.interrupted,
	       "it ends the slice, and the counts are there");
	expect(now_ns() - start < 1000000000, "long before its time");
	return 0;
}

static const struct {
	const char *name;
	int (*run)(void);
} tests[] = {
	{ "run", run },
	{ "slice", slice },
	{ "ns-per-call", ns_per_call },
	{ "hold", hold },
	{ "rules", rules },
	{ "exclusive", exclusive },
	{ "interrupted", interrupted },
};

int main(int argc, char **argv)
{
	size_t i;

	device = open_device(O_RDWR);
	for (i = 0; argc == 2 && i < sizeof(tests) / sizeof(tests[0]); i++) {
		if (!strcmp(tests[i].name, argv[1]))
			return tests[i].run();
	}
	fprintf(stderr, "usage: disable_test run|slice|ns-per-call|hold|rules|exclusive|interrupted\n");
	return 2;
}
