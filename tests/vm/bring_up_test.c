// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDXCTL_IOC_INIT and TDXCTL_IOC_CONFIGURE in a guest, with TDMRs for its RAM.
 * Prints what the helper answered, or with `rules` result lines.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device.h"

#define GIB		  (UINT64_C(1) << 30)
#define LOW_MEMORY_END	  UINT64_C(0x100000)
#define SLICE_MS	  100
#define TO_THE_END	  UINT32_MAX

struct configure {
	struct tdxctl_configure head;
	struct tdxctl_tdmr tdmrs[TDXCTL_TDMRS_MAX];
};

/* The GiB from @first to @last, behind the TDMRs that there are. */
static void add_tdmr(struct configure *arg, uint32_t first, uint32_t last)
{
	struct tdxctl_tdmr *tdmr = &arg->tdmrs[arg->head.nr_tdmrs];

	if (arg->head.nr_tdmrs && tdmr[-1].first_gib + tdmr[-1].nr_gib >= first) {
		tdmr[-1].nr_gib = last + 1 - tdmr[-1].first_gib;
		return;
	}
	*tdmr = (struct tdxctl_tdmr) {
		.first_gib = first,
		.nr_gib = last + 1 - first,
		.pamt_tdmr = arg->head.nr_tdmrs++,
	};
}

/* For all RAM, without features. */
static struct configure for_this_machine(void)
{
	struct configure arg = { .head.slice_ms = SLICE_MS };
	FILE *map = fopen("/proc/iomem", "r");
	uint64_t start, end;
	char line[256];
	int named;

	if (!map)
		die("/proc/iomem");
	while (fgets(line, sizeof(line), map)) {
		named = 0;
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " : System RAM%n", &start, &end, &named) ==
			    2 && named && end >= LOW_MEMORY_END)
			add_tdmr(&arg, start / GIB, end / GIB);
	}
	fclose(map);
	arg.head.size = sizeof(arg.head) + arg.head.nr_tdmrs * sizeof(arg.tdmrs[0]);
	return arg;
}

static int print_errno(int error)
{
	printf("errno=%s\n", strerrorname_np(error));
	return 0;
}

static int print_init(const struct tdxctl_init *arg)
{
	printf("init: step=%u lp=%u status=%#" PRIx64 "\n", arg->failed_step, arg->failed_lp,
	       (uint64_t)arg->status);
	return 0;
}

static int print(const struct configure *arg)
{
	uint32_t gib = 0, initialised = 0, i;

	for (i = 0; i < arg->head.nr_tdmrs; i++) {
		gib += arg->tdmrs[i].nr_gib;
		initialised += arg->tdmrs[i].initialised_gib;
	}
	printf("step=%u finished=%u failed=%u at=%u status=%#" PRIx64 " disable=%#" PRIx64
	       " module=%u tdmrs=%u initialised=%u/%u pool_pages=%u\n",
	       arg->head.step, arg->head.finished, arg->head.failed, arg->head.failed_at,
	       (uint64_t)arg->head.status, (uint64_t)arg->head.disable_status, arg->head.module,
	       arg->head.nr_tdmrs, initialised, gib, arg->head.pool_pages);
	return 0;
}

/* Slices of CONFIGURE until the end, or until the first one of @step. */
static int configure_until(struct configure *arg, uint32_t step)
{
	int error;

	do {
		error = call(TDXCTL_IOC_CONFIGURE, arg);
		if (error)
			return print_errno(error);
	} while (!arg->head.finished && arg->head.step != step);
	return print(arg);
}

/* The same, after INIT. */
static int bring_up(struct configure *arg, uint32_t step)
{
	struct tdxctl_init init = { .size = sizeof(init) };
	int error = call(TDXCTL_IOC_INIT, &init);

	if (error)
		return print_errno(error);
	return init.failed_step ? print_init(&init) : configure_until(arg, step);
}

/* What NAME=VALUE... ask for. */
static struct configure with(char **arguments)
{
	struct configure arg = for_this_machine();

	for (; *arguments; arguments++) {
		uint64_t value = strtoull(strchr(*arguments, '=') + 1, NULL, 0);

		if (!strncmp(*arguments, "features=", 9))
			arg.head.features = value;
		else if (!strncmp(*arguments, "wall-clock=", 11))
			arg.head.wall_clock_s = value;
		else if (!strncmp(*arguments, "options=", 8))
			arg.head.options = value;
		else if (!strncmp(*arguments, "slice-ms=", 9))
			arg.head.slice_ms = value;
	}
	arg.head.config_version = arg.head.features || arg.head.wall_clock_s;
	return arg;
}

static int up(char **arguments)
{
	struct configure arg = with(arguments);

	return bring_up(&arg, TO_THE_END);
}

static int configure(char **arguments)
{
	struct configure arg = with(arguments);

	return configure_until(&arg, TO_THE_END);
}

/* As far as a step, and then the changes stay reserved until this process dies. */
static int hold(char **arguments)
{
	struct configure arg = with(arguments + 1);

	if (bring_up(&arg, strtoul(arguments[0], NULL, 0)))
		return 1;
	for (;;)
		pause();
}

static int platform(char **arguments)
{
	struct tdxctl_platform arg = { .size = sizeof(arg) };

	(void)arguments;
	if (call(TDXCTL_IOC_PLATFORM, &arg))
		die("PLATFORM");
	printf("brought_up=%u options=%#x features=%#" PRIx64 "\n", arg.brought_up, arg.options,
	       (uint64_t)arg.features);
	return 0;
}

static int init_on(int file)
{
	struct tdxctl_init arg = { .size = sizeof(arg) };

	return ioctl(file, TDXCTL_IOC_INIT, &arg) ? errno : 0;
}

static int configure_on(int file, struct configure arg)
{
	return ioctl(file, TDXCTL_IOC_CONFIGURE, &arg) ? errno : 0;
}

/* Nothing in here reaches the module. */
static int rules(char **arguments)
{
	const struct configure good = for_this_machine();
	int reader = open_device(O_RDONLY), status = 1;
	struct tdxctl_platform platform = { .size = sizeof(platform) };
	struct configure arg;

	(void)arguments;
	expect(call(TDXCTL_IOC_PLATFORM, &platform) == 0 &&
		       platform.capabilities & TDXCTL_CAP_BRING_UP,
	       "bringing up is among the capabilities");
	expect(init_on(reader) == EBADF && configure_on(reader, good) == EBADF,
	       "a file that is open for reading is refused with EBADF");
	if (!fork()) {
		if (setgid(65534) || setuid(65534))
			_exit(2);
		_exit(init_on(device) != EPERM || configure_on(device, good) != EPERM);
	}
	wait(&status);
	expect(status == 0, "an open file without CAP_SYS_ADMIN is refused with EPERM");

	arg = good;
	arg.head.nr_tdmrs = 0;
	arg.head.size = sizeof(arg.head);
	expect(configure_on(device, arg) == EINVAL, "no TDMR: EINVAL");
	arg = good;
	arg.head.slice_ms = TDXCTL_CONFIGURE_SLICE_MAX_MS + 1;
	expect(configure_on(device, arg) == EINVAL, "a slice that is too long: EINVAL");
	arg = good;
	arg.head.features = 0x40;
	expect(configure_on(device, arg) == EINVAL, "features by version 0: EINVAL");
	arg = good;
	arg.head.config_version = 2;
	expect(configure_on(device, arg) == EOPNOTSUPP, "version 2: EOPNOTSUPP");
	arg = good;
	arg.head.options = ~TDXCTL_CONFIGURE_DYNAMIC_PAMT;
	expect(configure_on(device, arg) == EOPNOTSUPP, "an unknown option: EOPNOTSUPP");
	arg = good;
	arg.tdmrs[0].nr_gib--;
	expect(configure_on(device, arg) == ERANGE, "RAM that is left out: ERANGE");
	arg = good;
	arg.tdmrs[1].first_gib = arg.tdmrs[0].first_gib;
	expect(configure_on(device, arg) == ERANGE, "TDMRs that overlap: ERANGE");
	arg = good;
	arg.tdmrs[0].pamt_tdmr = arg.head.nr_tdmrs;
	expect(configure_on(device, arg) == ERANGE, "PAMTs in no TDMR: ERANGE");
	arg = good;
	arg.tdmrs[0].nr_gib = ~0u;
	expect(configure_on(device, arg) == ERANGE, "a TDMR beyond all addresses: ERANGE");
	return 0;
}

static const struct {
	const char *name;
	int (*run)(char **arguments);
} tests[] = {
	{ "up", up },
	{ "configure", configure },
	{ "hold", hold },
	{ "platform", platform },
	{ "rules", rules },
};

int main(int argc, char **argv)
{
	cpu_set_t first_lp;
	size_t i;

	/* What is done on any LP is done on this one. */
	CPU_ZERO(&first_lp);
	CPU_SET(0, &first_lp);
	if (sched_setaffinity(0, sizeof(first_lp), &first_lp))
		die("stay on LP 0");
	setlinebuf(stdout);
	device = open_device(O_RDWR);
	for (i = 0; argc >= 2 && i < sizeof(tests) / sizeof(tests[0]); i++) {
		if (!strcmp(tests[i].name, argv[1]))
			return tests[i].run(argv + 2);
	}
	fprintf(stderr, "usage: bring_up_test up|configure [NAME=VALUE...] | hold STEP [NAME=VALUE...] |"
			" platform | rules\n"
			"NAME: features, wall-clock, options, slice-ms\n");
	return 2;
}
