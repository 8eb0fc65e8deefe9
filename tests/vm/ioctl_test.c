// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls /dev/tdxctl in a guest as no well-behaved program would, and as one
 * would. Prints result lines as tests/vm/guest/lib.sh describes them, or with
 * the commands at the end of the table what the helper answered.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device.h"

#define NULL_FIELD_ID		  (~UINT64_C(0))
#define FIRST_FIELD_ID_IN_CONTEXT UINT64_C(0x00000C0B00000000)
#define FIELD_ID_INCORRECT	  UINT64_C(0xC0000C0000000000)
#define FEATURES0		  UINT64_C(0x0A00000300000008)
#define CLASS_AND_CODE		  UINT64_C(0x3F00000000FFFFFF)

static void *allocate(size_t bytes)
{
	void *memory = calloc(1, bytes);

	if (!memory)
		die("memory");
	return memory;
}

static void expect_errno(int expected, unsigned int number, void *arg, const char *name)
{
	errno = 0;
	call(number, arg);
	expect(errno == expected, "%s", name);
}

static size_t metadata_bytes(uint32_t nr_fields)
{
	return TDXCTL_METADATA_SIZE_V0 + nr_fields * sizeof(struct tdxctl_field);
}

static struct tdxctl_metadata *make_metadata(uint32_t nr_fields)
{
	struct tdxctl_metadata *list = allocate(metadata_bytes(nr_fields));

	list->size = metadata_bytes(nr_fields);
	list->nr_fields = nr_fields;
	return list;
}

static const struct {
	const char *name;
	unsigned int number;
	uint32_t size_v0, size, limit;
} commands[] = {
	{ "PLATFORM", TDXCTL_IOC_PLATFORM, TDXCTL_PLATFORM_SIZE_V0,
	  sizeof(struct tdxctl_platform), 4096 },
	{ "MODULE_STATE", TDXCTL_IOC_MODULE_STATE, TDXCTL_MODULE_STATE_SIZE_V0,
	  sizeof(struct tdxctl_module_state), 4096 },
	{ "READ", TDXCTL_IOC_READ, TDXCTL_METADATA_SIZE_V0,
	  sizeof(struct tdxctl_metadata), 32 + 4096 * 24 },
	{ "READ_ALL", TDXCTL_IOC_READ_ALL, TDXCTL_METADATA_SIZE_V0,
	  sizeof(struct tdxctl_metadata), 32 + 4096 * 24 },
	{ "SEAMLDR_INFO", TDXCTL_IOC_SEAMLDR_INFO, TDXCTL_SEAMLDR_INFO_SIZE_V0,
	  sizeof(struct tdxctl_seamldr_info), 4096 },
	{ "DISABLE", TDXCTL_IOC_DISABLE, TDXCTL_DISABLE_SIZE_V0,
	  sizeof(struct tdxctl_disable), 4096 },
	{ "STAGE", TDXCTL_IOC_STAGE, TDXCTL_STAGE_SIZE_V0,
	  sizeof(struct tdxctl_stage), TDXCTL_STAGE_SIZE_V0 + 496 * 4096 },
	{ "APPLY", TDXCTL_IOC_APPLY, TDXCTL_APPLY_SIZE_V0,
	  sizeof(struct tdxctl_apply), 4096 },
	{ "INIT", TDXCTL_IOC_INIT, TDXCTL_INIT_SIZE_V0,
	  sizeof(struct tdxctl_init), 4096 },
	{ "CONFIGURE", TDXCTL_IOC_CONFIGURE, TDXCTL_CONFIGURE_SIZE_V0,
	  sizeof(struct tdxctl_configure), TDXCTL_CONFIGURE_SIZE_V0 + 64 * 16 },
};

#define NR_COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* A page of memory that ends where nothing is mapped. */
static unsigned char *page_before_nothing(void)
{
	unsigned char *two =
		mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (two == MAP_FAILED || munmap(two + 4096, 4096))
		die("two pages");
	return two;
}

/* A 32-bit caller's ioctl; its argument lies below 4 GiB. */
static int compat_ioctl(unsigned int number, void *arg)
{
	long ret;

	asm volatile("int $0x80"
		     : "=a"(ret)
		     : "a"(54), "b"(device), "c"(number), "d"((uint32_t)(uintptr_t)arg)
		     : "memory", "r8", "r9", "r10", "r11");
	return (int)ret;
}

enum { LARGE_BYTES = 1 << 20 };

/* Calls with LARGE_BYTES of memory that are 0 but for the size. */
static int call_with_size(unsigned int number, unsigned char *large, uint32_t size)
{
	memset(large, 0, LARGE_BYTES);
	*(uint32_t *)large = size;
	return call(number, large);
}

static int sizes(void)
{
	unsigned char *arg = allocate(LARGE_BYTES);
	unsigned char *page = page_before_nothing();
	size_t i;
	uint32_t size, bad;

	for (i = 0; i < NR_COMMANDS; i++) {
		const char *name = commands[i].name;
		unsigned int number = commands[i].number;
		uint32_t v0 = commands[i].size_v0;

		for (bad = 0, size = 0; size < v0; size++)
			bad += call_with_size(number, arg, size) != EINVAL;
		expect(!bad, "%s refuses every size below %u with EINVAL", name, v0);
		expect(call_with_size(number, arg, commands[i].limit + 1) == E2BIG,
		       "%s refuses a size over the limit with E2BIG", name);
		expect(call_with_size(number, arg, UINT32_MAX) == E2BIG,
		       "%s refuses the largest size with E2BIG", name);

		for (bad = 0, size = commands[i].size; size < v0 + 64; size++) {
			memset(arg, 0, v0 + 64);
			*(uint32_t *)arg = v0 + 64;
			arg[size] = 1;
			bad += call(number, arg) != E2BIG;
		}
		expect(!bad, "%s refuses non-zero trailing bytes with E2BIG", name);

		memset(arg, 0, v0);
		*(uint32_t *)arg = v0;
		arg[4] = 1;
		expect(call(number, arg) == EOPNOTSUPP, "%s refuses flags with EOPNOTSUPP", name);

		errno = 0;
		expect(call(number, NULL) == EFAULT, "%s refuses a null pointer with EFAULT", name);
		memset(page, 0, 4096);
		*(uint32_t *)(page + 4096 - 8) = v0;
		expect(call(number, page + 4096 - 8) == EFAULT,
		       "%s refuses an argument that ends too early with EFAULT", name);
	}
	return 0;
}

static int numbers(void)
{
	uint64_t arg[512] = { 4096 };
	unsigned int nr, bad = 0;

	for (nr = NR_COMMANDS; nr < 256; nr++)
		bad += call(_IO(TDXCTL_IOC_MAGIC, nr), arg) != ENOTTY;
	expect(!bad, "unknown ioctl numbers are refused with ENOTTY");
	expect_errno(ENOTTY, _IO(TDXCTL_IOC_MAGIC + 1, 0), arg,
		     "an ioctl of another magic is refused with ENOTTY");
	expect_errno(ENOTTY, _IOWR(TDXCTL_IOC_MAGIC, 0, struct tdxctl_platform), arg,
		     "an ioctl with a size in its number is refused with ENOTTY");
	expect_errno(ENOTTY, TCGETS, arg, "a terminal's ioctl is refused with ENOTTY");
	return 0;
}

static int elements(void)
{
	struct tdxctl_metadata *list = make_metadata(4);

	list->nr_fields = 5;
	expect_errno(EINVAL, TDXCTL_IOC_READ, list,
		     "READ refuses more elements than the size holds with EINVAL");
	expect_errno(EINVAL, TDXCTL_IOC_READ_ALL, list,
		     "READ_ALL refuses more elements than the size holds with EINVAL");
	list->nr_fields = UINT32_MAX;
	expect_errno(EINVAL, TDXCTL_IOC_READ, list, "READ refuses 2^32-1 elements with EINVAL");
	list->nr_fields = 0x0AAAAAAB; /* times 24 is 8, in 32 bits */
	expect_errno(EINVAL, TDXCTL_IOC_READ, list,
		     "READ refuses a number of elements that would overflow with EINVAL");
	list->nr_fields = 4;
	list->method = 2;
	expect_errno(EOPNOTSUPP, TDXCTL_IOC_READ_ALL, list,
		     "READ_ALL refuses an unknown method with EOPNOTSUPP");
	expect_errno(EOPNOTSUPP, TDXCTL_IOC_READ, list, "READ refuses a method with EOPNOTSUPP");
	list->method = 0;
	list->reserved = 1;
	expect_errno(E2BIG, TDXCTL_IOC_READ, list, "READ refuses a reserved field with E2BIG");
	expect_errno(E2BIG, TDXCTL_IOC_READ_ALL, list,
		     "READ_ALL refuses a reserved field with E2BIG");
	free(list);
	return 0;
}

static int grown(void)
{
	struct {
		struct tdxctl_platform known;
		unsigned char later[128];
	} arg = { .known.size = sizeof(arg) };

	expect_errno(0, TDXCTL_IOC_PLATFORM, &arg,
		     "a newer caller's struct is taken when the rest is 0");
	expect(arg.known.size == sizeof(arg), "the size comes back as it went in");
	return 0;
}

static int compat(void)
{
	struct tdxctl_platform *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	struct tdxctl_platform arg = { .size = sizeof(arg) };

	if (low == MAP_FAILED)
		die("memory below 4 GiB");
	low->size = sizeof(*low);
	expect(compat_ioctl(TDXCTL_IOC_PLATFORM, low) == 0, "a 32-bit caller is served");
	expect_errno(0, TDXCTL_IOC_PLATFORM, &arg, "PLATFORM is answered");
	expect(!memcmp(low, &arg, sizeof(arg)), "a 32-bit caller gets the same answer");
	expect(compat_ioctl(_IO(TDXCTL_IOC_MAGIC, 99), low) == -ENOTTY,
	       "a 32-bit caller's unknown ioctl is refused");
	return 0;
}

/* The device is root's, and an open file is needed. */
static int access_rights(void)
{
	struct tdxctl_platform arg = { .size = sizeof(arg) };
	int other = open(TDXCTL_DEVICE, O_RDONLY);

	expect(other >= 0, "root may open the device for reading");
	expect(ioctl(other, TDXCTL_IOC_PLATFORM, &arg) == 0, "a reader is answered");
	close(other);
	expect(ioctl(other, TDXCTL_IOC_PLATFORM, &arg) == -1 && errno == EBADF,
	       "a closed file is refused with EBADF");
	expect(read(device, &arg, 1) == -1 && errno == EINVAL, "read() is refused with EINVAL");
	if (setgid(65534) || setuid(65534))
		die("become nobody");
	expect(open(TDXCTL_DEVICE, O_RDONLY) == -1 && errno == EACCES,
	       "nobody may not open the device (EACCES)");
	return 0;
}

static int rules(void)
{
	return sizes() | numbers() | elements() | grown() | compat() | access_rights();
}

/* Every ioctl answers @status: there is no TDX module in one of three ways. */
static int without(uint64_t status, const char *name)
{
	struct tdxctl_platform platform = { .size = sizeof(platform) };
	struct tdxctl_module_state state = { .size = sizeof(state) };
	struct tdxctl_seamldr_info info = { .size = sizeof(info) };
	struct tdxctl_metadata *list = make_metadata(70);
	uint32_t i, bad = 0;

	expect_errno(0, TDXCTL_IOC_PLATFORM, &platform, "PLATFORM is answered");
	expect_errno(0, TDXCTL_IOC_MODULE_STATE, &state, "MODULE_STATE is answered");
	expect(state.read_status == status, "MODULE_STATE: TDH.SYS.RD says %s", name);
	expect(state.gate_status == status, "MODULE_STATE: TDH.PHYMEM.PAGE.RDMD says %s", name);
	expect_errno(0, TDXCTL_IOC_READ, list, "READ is answered");
	for (i = 0; i < list->nr_fields; i++)
		bad += list->fields[i].status != status || list->fields[i].value;
	expect(list->nr_fields == 70 && !bad, "READ: each element says %s", name);
	expect_errno(0, TDXCTL_IOC_READ_ALL, list, "READ_ALL by RD is answered");
	expect(list->status == status && !list->nr_fields, "READ_ALL by RD says %s", name);
	list->nr_fields = 70;
	list->method = TDXCTL_READ_ALL_RDALL;
	expect_errno(0, TDXCTL_IOC_READ_ALL, list, "READ_ALL by RDALL is answered");
	expect(list->status == status && !list->nr_fields, "READ_ALL by RDALL says %s", name);
	expect_errno(0, TDXCTL_IOC_SEAMLDR_INFO, &info, "SEAMLDR_INFO is answered");
	expect(info.status == status, "SEAMLDR_INFO says %s", name);
	free(list);
	return 0;
}

static struct tdxctl_metadata *read_all(uint32_t method, uint32_t room)
{
	struct tdxctl_metadata *list = make_metadata(room);

	list->method = method;
	if (call(TDXCTL_IOC_READ_ALL, list))
		die("READ_ALL");
	return list;
}

static int metadata(void)
{
	struct tdxctl_metadata *rd = read_all(TDXCTL_READ_ALL_RD, TDXCTL_METADATA_MAX);
	struct tdxctl_metadata *rdall = read_all(TDXCTL_READ_ALL_RDALL, TDXCTL_METADATA_MAX);
	struct tdxctl_metadata *some = read_all(TDXCTL_READ_ALL_RD, 5);
	struct tdxctl_metadata *again = make_metadata(rd->nr_fields);
	struct tdxctl_metadata *few = make_metadata(3);
	uint32_t i, bad = 0;

	expect(rd->status == 0 && rd->nr_fields == rd->nr_total && rd->nr_fields > 100,
	       "all %u fields are read in one ioctl by RD", rd->nr_fields);
	expect(rdall->status == 0 && rdall->nr_fields == rdall->nr_total,
	       "all fields are read in one ioctl by RDALL");
	expect(rd->nr_fields == rdall->nr_fields,
	       "RD and RDALL give the same number of fields (%u, %u)", rd->nr_fields,
	       rdall->nr_fields);
	for (i = 0; i < rd->nr_fields && i < rdall->nr_fields; i++)
		bad += (rd->fields[i].id ^ rdall->fields[i].id) & CLASS_AND_CODE ||
		       rd->fields[i].value != rdall->fields[i].value;
	expect(!bad, "RD and RDALL give the same fields");
	expect(some->nr_fields == 5 && some->nr_total == rd->nr_total,
	       "READ_ALL counts what there is no room for");
	expect(!memcmp(some->fields, rd->fields, 5 * sizeof(rd->fields[0])),
	       "READ_ALL fills the room that there is");

	for (i = 0; i < rd->nr_fields; i++)
		again->fields[i].id = rd->fields[i].id;
	expect_errno(0, TDXCTL_IOC_READ, again, "READ takes every id that READ_ALL gave");
	expect(!memcmp(again->fields, rd->fields, rd->nr_fields * sizeof(rd->fields[0])),
	       "READ gives what READ_ALL gave");

	few->fields[0].id = FEATURES0;
	few->fields[1].id = 0x0A00000300FFFFFF;
	few->fields[2].id = NULL_FIELD_ID;
	expect_errno(0, TDXCTL_IOC_READ, few, "READ takes good and bad ids together");
	expect(few->fields[0].status == 0 && few->fields[0].value, "READ gives TDX_FEATURES0");
	expect(few->fields[1].status == FIELD_ID_INCORRECT, "READ says which field is unknown");
	expect(few->fields[2].status == FIRST_FIELD_ID_IN_CONTEXT,
	       "READ passes on the remark of the null id");
	free(rd);
	free(rdall);
	free(some);
	free(again);
	free(few);
	return 0;
}

static int seamldr(void)
{
	struct tdxctl_seamldr_info info = { .size = sizeof(info) };
	uint32_t vendor;

	expect_errno(0, TDXCTL_IOC_SEAMLDR_INFO, &info, "SEAMLDR_INFO is answered");
	expect(info.status == 0, "SEAMLDR.INFO succeeds");
	memcpy(&vendor, info.info + 8, sizeof(vendor));
	expect(vendor == 0x8086, "SEAMLDR_INFO names Intel as the vendor");
	expect(info.info[162] == 1, "SEAMLDR_INFO says that the P-SEAMLDR is ready");
	return 0;
}

/* Processes on all LPs: what each reads must not depend on the others. */
static int parallel(void)
{
	enum { PROCESSES = 8, ROUNDS = 30 };
	struct tdxctl_metadata *first = read_all(TDXCTL_READ_ALL_RDALL, TDXCTL_METADATA_MAX);
	int i, round, status, failed = 0;

	for (i = 0; i < PROCESSES; i++) {
		if (fork())
			continue;
		for (round = 0; round < ROUNDS; round++) {
			struct tdxctl_seamldr_info info = { .size = sizeof(info) };
			struct tdxctl_metadata *list =
				read_all(round % 10 ? TDXCTL_READ_ALL_RDALL : TDXCTL_READ_ALL_RD,
					 TDXCTL_METADATA_MAX);

			if (call(TDXCTL_IOC_SEAMLDR_INFO, &info) || info.status)
				_exit(1);
			if (list->nr_fields != first->nr_fields)
				_exit(2);
			if (list->method && memcmp(list->fields, first->fields,
						   first->nr_fields * sizeof(first->fields[0])))
				_exit(3);
			free(list);
		}
		_exit(0);
	}
	while (wait(&status) > 0) {
		if (status)
			failed++;
	}
	errno = 0;
	expect(!failed, "%d callers at once, %d rounds: none is refused, all read the same",
	       PROCESSES, ROUNDS);
	free(first);
	return 0;
}

static void on_alarm(int number)
{
	(void)number;
}

static int interrupted(void)
{
	struct tdxctl_metadata *list = make_metadata(TDXCTL_METADATA_MAX);
	struct sigaction action = { .sa_handler = on_alarm };
	struct itimerval timer = { .it_value.tv_usec = 1000, .it_interval.tv_usec = 1000 };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	expect_errno(EINTR, TDXCTL_IOC_READ, list, "a signal ends a long READ with EINTR");
	free(list);
	return 0;
}

/* Every way out of an ioctl, so often that a leak on any of them shows. */
static int exhaust(void)
{
	struct tdxctl_metadata *list = make_metadata(TDXCTL_METADATA_MAX);
	unsigned char *page = page_before_nothing();
	struct tdxctl_seamldr_info info = { .size = sizeof(info) };
	int i;

	for (i = 0; i < 2000; i++) {
		list->nr_fields = 0;
		list->method = TDXCTL_READ_ALL_RDALL;
		if (call(TDXCTL_IOC_READ_ALL, list))
			die("READ_ALL");
		list->method = 2;
		call(TDXCTL_IOC_READ_ALL, list); /* EOPNOTSUPP */
		list->method = 0;
		list->fields[0].id = 1;
		call(TDXCTL_IOC_READ_ALL, list); /* E2BIG: behind the elements */
		list->fields[0].id = 0;
		*(uint32_t *)(page + 4088) = 90000;
		call(TDXCTL_IOC_READ_ALL, page + 4088); /* EFAULT */
		if (call(TDXCTL_IOC_SEAMLDR_INFO, &info))
			die("SEAMLDR_INFO");
	}
	free(list);
	return 0;
}

static int print_platform(void)
{
	struct tdxctl_platform arg = { .size = sizeof(arg) };

	if (call(TDXCTL_IOC_PLATFORM, &arg))
		die("PLATFORM");
	printf("capabilities=%#" PRIx64
	       " lps_online=%u lps_present=%u packages_online=%u msrs_valid=%#x ",
	       (uint64_t)arg.capabilities, arg.lps_online, arg.lps_present, arg.packages_online,
	       arg.msrs_valid);
	printf("keyid_partitioning=%#" PRIx64 " vmx_basic=%#" PRIx64
	       " seamret_vmcs=%u version=%s\n",
	       (uint64_t)arg.keyid_partitioning, (uint64_t)arg.vmx_basic, arg.seamret_vmcs,
	       (const char *)arg.version);
	return 0;
}

static int print_module_state(void)
{
	struct tdxctl_module_state arg = { .size = sizeof(arg) };

	if (call(TDXCTL_IOC_MODULE_STATE, &arg))
		die("MODULE_STATE");
	printf("read=%#" PRIx64 " gate=%#" PRIx64 "\n", (uint64_t)arg.read_status,
	       (uint64_t)arg.gate_status);
	return 0;
}

static int print_seamldr(void)
{
	struct tdxctl_seamldr_info arg = { .size = sizeof(arg) };
	int error = call(TDXCTL_IOC_SEAMLDR_INFO, &arg);

	if (error)
		printf("errno=%s\n", strerrorname_np(error));
	else
		printf("status=%#" PRIx64 "\n", (uint64_t)arg.status);
	return 0;
}

static int print_read_all(uint32_t method)
{
	struct tdxctl_metadata *list = make_metadata(1);
	int error;

	list->method = method;
	error = call(TDXCTL_IOC_READ_ALL, list);
	if (error)
		printf("errno=%s\n", strerrorname_np(error));
	else
		printf("status=%#" PRIx64 "\n", (uint64_t)list->status);
	free(list);
	return 0;
}

static int print_read(void)
{
	struct tdxctl_metadata *list = make_metadata(1);

	list->fields[0].id = FEATURES0;
	if (call(TDXCTL_IOC_READ, list))
		die("READ");
	printf("status=%#" PRIx64 "\n", (uint64_t)list->fields[0].status);
	free(list);
	return 0;
}

static int without_ud(void)
{
	return without(TDXCTL_STATUS_UD, "#UD");
}

static int without_gp(void)
{
	return without(TDXCTL_STATUS_GP, "#GP");
}

static int without_module(void)
{
	return without(TDXCTL_STATUS_VMFAILINVALID, "VMfailInvalid");
}

static int print_rd(void)
{
	return print_read_all(TDXCTL_READ_ALL_RD);
}

static int print_rdall(void)
{
	return print_read_all(TDXCTL_READ_ALL_RDALL);
}

static const struct {
	const char *name;
	int (*run)(void);
} tests[] = {
	{ "rules", rules },
	{ "without-ud", without_ud },
	{ "without-gp", without_gp },
	{ "without-vmfailinvalid", without_module },
	{ "metadata", metadata },
	{ "seamldr", seamldr },
	{ "parallel", parallel },
	{ "interrupted", interrupted },
	{ "exhaust", exhaust },
	{ "print-platform", print_platform },
	{ "print-module-state", print_module_state },
	{ "print-read", print_read },
	{ "print-read-all-rd", print_rd },
	{ "print-read-all-rdall", print_rdall },
	{ "print-seamldr", print_seamldr },
};

int main(int argc, char **argv)
{
	size_t i;
	cpu_set_t lps;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: ioctl_test TEST [LP]\n");
		return 2;
	}
	if (argc == 3) {
		CPU_ZERO(&lps);
		CPU_SET(atoi(argv[2]), &lps);
		if (sched_setaffinity(0, sizeof(lps), &lps))
			die("stay on an LP");
	}
	device = open_device(O_RDWR);
	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		if (!strcmp(tests[i].name, argv[1]))
			return tests[i].run();
	}
	fprintf(stderr, "ioctl_test: no test '%s'\n", argv[1]);
	return 2;
}
