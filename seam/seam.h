/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A model of what answers a SEAMCALL: the TDX module and the P-SEAMLDR.
 *
 * Registers in, registers out, on one LP of a modelled machine. The model is
 * freestanding: it calls nothing but its callbacks, allocates nothing, and its
 * whole state is one flat block of memory without pointers, so that the block
 * can be saved, copied, and found again after a kexec. It may be called for
 * several LPs at the same time, as the hardware is; its locks never wait.
 *
 * Sources of the behaviour: see docs/model.md.
 */
#ifndef SEAM_SEAM_H
#define SEAM_SEAM_H

#include "fault.h"
#include "profile.h"
#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The registers that a SEAMCALL reads or writes. */
struct seam_regs {
	u64 rax, rcx, rdx, rbx, rbp, rsi, rdi;
	u64 r8, r9, r10, r11, r12, r13, r14, r15;
};

/* What the instruction itself did; @SEAM_RETURNED means: look at RAX. */
enum seam_outcome {
	SEAM_RETURNED,
	SEAM_VMFAIL_INVALID,	/* CF = 1, registers untouched */
	SEAM_UD,		/* not in VMX operation */
	SEAM_GP,		/* SEAMRR not enabled */
};

/*
 * The modelled machine's physical memory and clock, owned by the caller.
 * @read, @write: copy @len bytes at physical address @pa (KeyID bits already
 *	removed); false when there is no memory, which reads as zeros.
 * @delay: modelled time passes; may be NULL.
 * @hash_start, @hash_add, @hash_end: SHA-384 of all that is added in between.
 *	Only the P-SEAMLDR hashes, so one hash is under way at a time. NULL:
 *	SEAMLDR.INSTALL refuses every signature.
 * @rsa_verify: whether @signature is an RSA-3072 signature (PKCS #1 v1.5,
 *	SHA-384, exponent 65537; 384 bytes, least significant first, as is
 *	@modulus) of what hashes to @digest (48 bytes). NULL: it never is.
 */
struct seam_callbacks {
	void *ctx;
	bool (*read)(void *ctx, u64 pa, void *buf, u32 len);
	bool (*write)(void *ctx, u64 pa, const void *buf, u32 len);
	void (*delay)(void *ctx, u64 ns);
	void (*hash_start)(void *ctx);
	void (*hash_add)(void *ctx, const void *data, u32 len);
	void (*hash_end)(void *ctx, u8 *digest);
	bool (*rsa_verify)(void *ctx, const u8 *modulus, const u8 *signature, const u8 *digest);
};

struct seam_machine;

/* Bytes that seam_init() needs for a machine of @lps LPs. */
size_t seam_machine_bytes(u32 lps);

/*
 * Power on: the BIOS has launched the P-SEAMLDR and loaded the profile's
 * module, unless the profile says otherwise. @m: seam_machine_bytes() zeroed
 * bytes, aligned to 8; @profile: one that seam_profile_check() accepts.
 */
void seam_init(struct seam_machine *m, const struct seam_profile *profile);

/*
 * Whether the @bytes at @m are the state of a machine that this very build of
 * the model has powered on: found again after a kexec.
 */
bool seam_is_machine(const struct seam_machine *m, size_t bytes);

/*
 * What is inconsistent in the state of a machine on which no call is under
 * way, or NULL. Always NULL, unless the state was written from outside.
 */
const char *seam_machine_check(const struct seam_machine *m);

/* The profile that the machine was powered on with. */
const struct seam_profile *seam_profile_of(const struct seam_machine *m);

/* Execute SEAMCALL on LP @lp. */
enum seam_outcome seam_call(struct seam_machine *m, const struct seam_callbacks *cb,
			    u32 lp, struct seam_regs *regs);

/* Physical address of LP @lp's current VMCS when there is none. */
#define SEAM_NO_VMCS	(~0ull)

/*
 * VMPTRST and VMPTRLD on LP @lp: SEAM_RETURNED, SEAM_UD, or for VMPTRLD of an
 * address that cannot be a VMCS, SEAM_VMFAIL_INVALID.
 */
enum seam_outcome seam_vmptrst(struct seam_machine *m, u32 lp, u64 *pa);
enum seam_outcome seam_vmptrld(struct seam_machine *m, u32 lp, u64 pa);

/* The LP's MSR as RDMSR gives it; false when reading it would fault. */
bool seam_rdmsr(const struct seam_machine *m, u32 lp, u32 msr, u64 *value);

/* What has happened on LP @lp since power on. */
struct seam_lp_stats {
	u64 seamcalls;		/* to the TDX module */
	u64 seamldr_calls;	/* to the P-SEAMLDR */
	u64 vmptrst, vmptrld;
	u64 current_vmcs;	/* or SEAM_NO_VMCS */
};

void seam_lp_stats(const struct seam_machine *m, u32 lp, struct seam_lp_stats *stats);

/* The TDs that there are now. */
const struct seam_td_population *seam_tds(const struct seam_machine *m);

/* Arm @faults, with their counts as given; NULL: none. */
void seam_set_faults(struct seam_machine *m, const struct seam_faults *faults);

/* The faults with their counts of calls seen. */
const struct seam_faults *seam_faults_of(const struct seam_machine *m);

#ifdef __cplusplus
}
#endif

#endif
