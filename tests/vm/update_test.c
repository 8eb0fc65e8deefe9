// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stages an image that the modelled P-SEAMLDR takes, or does not, and applies it.
 * Prints what the helper answered, and the third number of the version that runs.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <sched.h>
#include <unistd.h>

#include "device.h"
#include "seam_host/stand_in.h"

#define PAGE	       4096
#define NR_PAGES       3
#define UPDATE_VERSION UINT64_C(0x0800000100000005)

struct image {
	struct tdxctl_stage head;
	unsigned char pages[NR_PAGES][PAGE];
};

/* Release 1.5.@update for the CPU of the profile sapphire-rapids. */
static void make_module(unsigned char *module, uint16_t update)
{
	static const unsigned char elf[] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };
	struct seam_image_note note = {
		.magic = SEAM_IMAGE_NOTE_MAGIC,
		.major = 1,
		.minor = 5,
		.update = update,
		.features0 = 0x61f0fbf,
	};

	memcpy(module, elf, sizeof(elf));
	module[20] = 1;
	memcpy(module + SEAM_IMAGE_NOTE_AT, &note, sizeof(note));
}

static void make_sigstruct(struct seam_sigstruct *s, const void *module, size_t bytes)
{
	uint64_t hash = STAND_IN_START;

	s->header_type = 6;
	s->header_dwords = 0xe1;
	s->header_version = 0x10000;
	s->vendor = 0x8086;
	s->date = 0x20260131;
	s->dwords = 0x200;
	s->key_dwords = s->modulus_dwords = 0x60;
	s->exponent_dwords = 1;
	s->exponent = 65537;
	s->svn_major = 1;
	s->svn_minor = 5;
	s->stack_pages = s->tls_pages = 1;
	s->keyhole_pages = 127;
	s->global_data_pages = 21;
	s->handoff_pages = 13;
	s->gdt_idt_offset = 0x1000;
	s->fault_wrapper_offset = 0x2000;
	s->cpuid_table_size = 1;
	s->cpuid_table[0] = 0x806f0;
	memset(s->modulus, STAND_IN_KEY, sizeof(s->modulus));
	stand_in_end(stand_in_add(hash, module, bytes), s->seamhash);
	hash = stand_in_add(hash, s, SIGSTRUCT_HEADER_BYTES);
	hash = stand_in_add(hash, (unsigned char *)s + SIGSTRUCT_BODY_AT,
			    sizeof(*s) - SIGSTRUCT_BODY_AT);
	stand_in_end(hash, s->signature);
}

static int stage(uint16_t update, const char *spoiled)
{
	struct image *image = calloc(1, sizeof(*image));
	struct seam_sigstruct *sigstruct;
	int error;

	if (!image)
		die("memory");
	sigstruct = (struct seam_sigstruct *)image->head.sigstruct;
	image->head.size = sizeof(*image);
	image->head.nr_pages = NR_PAGES;
	make_module(image->pages[0], update);
	make_sigstruct(sigstruct, image->pages, sizeof(image->pages));
	sigstruct->signature[0] ^= !strcmp(spoiled, "signature");
	image->pages[NR_PAGES - 1][PAGE - 1] ^= !strcmp(spoiled, "module");
	error = call(TDXCTL_IOC_STAGE, image);
	free(image);
	return error;
}

static uint64_t version(void)
{
	struct {
		struct tdxctl_metadata head;
		struct tdxctl_field field;
	} arg = { .head = { .size = sizeof(arg), .nr_fields = 1 }, .field.id = UPDATE_VERSION };

	return call(TDXCTL_IOC_READ, &arg) || arg.field.status ? 0 : arg.field.value;
}

/* The largest images, many times: what is not given back would show. */
static int exhaust(void)
{
	size_t bytes = TDXCTL_STAGE_SIZE_V0 + TDXCTL_MODULE_PAGES_MAX * PAGE;
	struct tdxctl_stage *arg = calloc(1, bytes);
	int i;

	if (!arg)
		die("memory");
	arg->size = bytes;
	arg->nr_pages = TDXCTL_MODULE_PAGES_MAX;
	for (i = 0; i < 20; i++) {
		if (call(TDXCTL_IOC_STAGE, arg))
			die("STAGE");
		if (i % 3 == 0) {
			close(device);
			device = open_device(O_RDWR);
		}
	}
	free(arg);
	return 0;
}

int main(int argc, char **argv)
{
	struct tdxctl_apply arg = { .size = sizeof(arg) };
	cpu_set_t first_lp;
	int error = 0;

	if (argc < 2 || argc > 4) {
		fprintf(stderr, "usage: update_test UPDATE [STEP [signature|module]] | exhaust\n"
				"UPDATE 0: stage nothing. STEP: begin there. Then: what is spoiled.\n");
		return 2;
	}
	/* The version cannot be read on an LP that has not been initialised. */
	CPU_ZERO(&first_lp);
	CPU_SET(0, &first_lp);
	if (sched_setaffinity(0, sizeof(first_lp), &first_lp))
		die("stay on LP 0");
	device = open_device(O_RDWR);
	if (!strcmp(argv[1], "exhaust"))
		return exhaust();
	if (atoi(argv[1]))
		error = stage(atoi(argv[1]), argc > 3 ? argv[3] : "");
	arg.first_step = argc > 2 ? atoi(argv[2]) : 0;
	if (!error)
		error = call(TDXCTL_IOC_APPLY, &arg);
	if (error) {
		printf("errno=%s version=%" PRIu64 "\n", strerrorname_np(error), version());
		return 0;
	}
	printf("step=%u lp=%u status=%#" PRIx64 " module=%u replaced=%u vmcs_lost=%u version=%" PRIu64
	       "\n",
	       arg.failed_step, arg.failed_lp, (uint64_t)arg.status, arg.module, arg.replaced,
	       arg.vmcs_lost, version());
	return 0;
}
