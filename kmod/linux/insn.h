/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The three instructions that the helper exists for. Each has an entry in the
 * exception table, because whether they are there is what callers want to know.
 * And MOVDIR64B, which the kernel's headers declare differently over time.
 */
#ifndef TDXCTL_LINUX_INSN_H
#define TDXCTL_LINUX_INSN_H

#include <asm/asm.h>

#include "../logic/host.h"
#include "../uapi/tdxctl.h"

/* TDXCTL_STATUS_UD and _GP are this and the number of the exception. */
#define TDXCTL_STATUS_FAULT (TDXCTL_STATUS_UD & ~0xffULL)

/*
 * SEAMCALL on this LP. Returns the completion status or TDXCTL_STATUS_*; with
 * the latter the registers are as they went in.
 * Source: Intel SDM, SEAMCALL; Intel TDX Module ABI Reference, SEAMCALL.
 */
static inline u64 insn_seamcall(u64 rax, struct tdxctl_seamcall_regs *regs)
{
	enum { RETURNED, VMFAILINVALID, FAULTED };
	unsigned long outcome = FAULTED;
	/*
	 * Read from memory before any variable is bound to a register: with
	 * KASAN a load is a function call, and that would overwrite them.
	 */
	struct tdxctl_seamcall_regs in = *regs;

	register u64 r8 asm("r8") = in.r8;
	register u64 r9 asm("r9") = in.r9;
	register u64 r10 asm("r10") = in.r10;
	register u64 r11 asm("r11") = in.r11;

	/* A fault continues behind SETC, with the number of the exception in RAX. */
	asm volatile("1:	.byte 0x66, 0x0f, 0x01, 0xcf	# SEAMCALL\n"
		     "	mov	$0, %k[outcome]\n"
		     "	setc	%b[outcome]\n"
		     "2:\n"
		     _ASM_EXTABLE_FAULT(1b, 2b)
		     : "+a" (rax), "+c" (in.rcx), "+d" (in.rdx),
		       "+r" (r8), "+r" (r9), "+r" (r10), "+r" (r11),
		       [outcome] "+b" (outcome)
		     : : "memory", "cc");

	switch (outcome) {
	case RETURNED:
		in.r8 = r8;
		in.r9 = r9;
		in.r10 = r10;
		in.r11 = r11;
		*regs = in;
		return rax;
	case VMFAILINVALID:
		return TDXCTL_STATUS_VMFAILINVALID;
	default:
		return TDXCTL_STATUS_FAULT | rax;
	}
}

/*
 * Physical address of this LP's current VMCS, all ones for none. False outside
 * VMX operation.
 */
static inline bool insn_vmptrst(u64 *pa)
{
	u8 faulted = true;

	asm volatile("1:	vmptrst	%[pa]\n"
		     "	movb	$0, %[faulted]\n"
		     "2:\n"
		     _ASM_EXTABLE(1b, 2b)
		     : [pa] "=m" (*pa), [faulted] "+q" (faulted)
		     : : "cc");
	return !faulted;
}

/* Make the VMCS at @pa current. False when the CPU refuses it. */
static inline bool insn_vmptrld(u64 pa)
{
	u8 failed = true;

	asm volatile("1:	vmptrld	%[pa]\n"
		     "	setbe	%[failed]	# VMfailInvalid or VMfailValid\n"
		     "2:\n"
		     _ASM_EXTABLE(1b, 2b)
		     : [failed] "+q" (failed)
		     : [pa] "m" (pa)
		     : "memory", "cc");
	return !failed;
}

/* Write a whole line at once: 64 bytes, @to being aligned to as many. */
static inline void insn_movdir64b(void *to, const void *from)
{
	struct line {
		u8 bytes[64];
	};

	asm volatile(".byte 0x66, 0x0f, 0x38, 0xf8, 0x02	# MOVDIR64B (%%rdx), %%rax"
		     : "=m" (*(struct line *)to)
		     : "m" (*(const struct line *)from), "a" (to), "d" (from));
}

#endif
