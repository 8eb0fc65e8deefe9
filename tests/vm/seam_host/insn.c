// SPDX-License-Identifier: GPL-2.0-only
/*
 * SEAMCALL, VMPTRST and VMPTRLD raise #UD where there is no VMX. The kernel
 * tells die notifiers before it looks for a fixup, so what the model answers
 * can be put into the registers there, and the instruction stepped over.
 */
#include <linux/bitfield.h>
#include <linux/extable.h>
#include <linux/kdebug.h>
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/smp.h>
#include <linux/uaccess.h>
#include <asm/extable_fixup_types.h>
#include <asm/trapnr.h>

#include "seam_host.h"

#define FLAG_CF		0x1UL
#define RESULT_FLAGS	0x8d5UL		/* OF, SF, ZF, AF, PF, CF */

#define MAX_INSN_BYTES	15

/*
 * The helper, while it is loaded: a #GP at its SEAMCALL is made from its own
 * exception table. Written by the module notifier, outside any ioctl of it.
 */
static struct module *helper;

static unsigned long *gpr(struct pt_regs *regs, u8 number)
{
	unsigned long *const gprs[] = {
		&regs->ax, &regs->cx, &regs->dx, &regs->bx, &regs->sp, &regs->bp, &regs->si,
		&regs->di, &regs->r8, &regs->r9, &regs->r10, &regs->r11, &regs->r12,
		&regs->r13, &regs->r14, &regs->r15,
	};

	return gprs[number];
}

static s32 load_s32(const u8 *from)
{
	s32 value;

	memcpy(&value, from, sizeof(value));
	return value;
}

/*
 * The memory operand whose ModRM byte is at @modrm; returns where the
 * instruction ends, NULL when the operand is a register. @ip: address of the byte
 * at @insn. Source: Intel SDM, volume 2, "Instruction Format".
 */
static const u8 *memory_operand(struct pt_regs *regs, const u8 *insn, const u8 *modrm, u8 rex,
				unsigned long *address)
{
	u8 mod = modrm[0] >> 6, rm = modrm[0] & 7;
	const u8 *next = modrm + 1;

	if (mod == 3)
		return NULL;
	if (rm == 5 && mod == 0) {	/* relative to the next instruction */
		*address = regs->ip + (next + 4 - insn) + load_s32(next);
		return next + 4;
	}
	if (rm == 4) {			/* SIB byte */
		u8 base = *next & 7, index = (*next >> 3 & 7) | (rex & 2) << 2;
		u8 scale = *next >> 6;

		next++;
		*address = index == 4 ? 0 : *gpr(regs, index) << scale;
		if (base == 5 && mod == 0) {
			*address += load_s32(next);
			return next + 4;
		}
		*address += *gpr(regs, base | (rex & 1) << 3);
	} else {
		*address = *gpr(regs, rm | (rex & 1) << 3);
	}
	if (mod == 1) {
		*address += (s8)*next;
		return next + 1;
	}
	if (mod == 2) {
		*address += load_s32(next);
		return next + 4;
	}
	return next;
}

/* #GP at an instruction that raises #UD here: do what the kernel would do. */
static bool raise_gp(struct pt_regs *regs)
{
	struct exception_table_entry *entry;
	unsigned int i;

	for (i = 0; helper && i < helper->num_exentries; i++) {
		entry = &helper->extable[i];
		if ((unsigned long)&entry->insn + entry->insn != regs->ip)
			continue;
		if (FIELD_GET(EX_DATA_TYPE_MASK, entry->data) == EX_TYPE_FAULT)
			regs->ax = X86_TRAP_GP;
		regs->ip = (unsigned long)&entry->fixup + entry->fixup;
		return true;
	}
	return false;
}

static bool finish(struct pt_regs *regs, enum seam_outcome outcome, int length)
{
	switch (outcome) {
	case SEAM_UD:
		return false;	/* the kernel goes on with its fixup */
	case SEAM_GP:
		return raise_gp(regs);
	default:
		regs->flags &= ~RESULT_FLAGS;
		if (outcome == SEAM_VMFAIL_INVALID)
			regs->flags |= FLAG_CF;
		regs->ip += length;
		return true;
	}
}

static bool seamcall(struct pt_regs *regs)
{
	struct seam_regs model = {
		.rax = regs->ax, .rcx = regs->cx, .rdx = regs->dx, .rbx = regs->bx,
		.rbp = regs->bp, .rsi = regs->si, .rdi = regs->di,
		.r8 = regs->r8, .r9 = regs->r9, .r10 = regs->r10, .r11 = regs->r11,
		.r12 = regs->r12, .r13 = regs->r13, .r14 = regs->r14, .r15 = regs->r15,
	};
	enum seam_outcome outcome;

	outcome = seam_call(seam_host_machine, &seam_host_callbacks, smp_processor_id(), &model);
	if (outcome == SEAM_RETURNED) {
		regs->ax = model.rax;
		regs->cx = model.rcx;
		regs->dx = model.rdx;
		regs->bx = model.rbx;
		regs->bp = model.rbp;
		regs->si = model.rsi;
		regs->di = model.rdi;
		regs->r8 = model.r8;
		regs->r9 = model.r9;
		regs->r10 = model.r10;
		regs->r11 = model.r11;
		regs->r12 = model.r12;
		regs->r13 = model.r13;
		regs->r14 = model.r14;
		regs->r15 = model.r15;
	}
	return finish(regs, outcome, 4);
}

static bool vmptr(struct pt_regs *regs, const u8 *insn, const u8 *modrm, u8 rex)
{
	bool store = (modrm[0] >> 3 & 7) == 7;
	enum seam_outcome outcome;
	unsigned long address;
	const u8 *end = memory_operand(regs, insn, modrm, rex, &address);
	u64 pa;

	if (!end)
		return false;
	if (store) {
		outcome = seam_vmptrst(seam_host_machine, smp_processor_id(), &pa);
		if (outcome == SEAM_RETURNED)
			*(u64 *)address = pa;
	} else {
		outcome = seam_vmptrld(seam_host_machine, smp_processor_id(), *(u64 *)address);
	}
	return finish(regs, outcome, end - insn);
}

static bool execute(struct pt_regs *regs)
{
	static const u8 seamcall_bytes[] = { 0x66, 0x0f, 0x01, 0xcf };
	u8 insn[MAX_INSN_BYTES], rex = 0;
	const u8 *at = insn;

	if (copy_from_kernel_nofault(insn, (void *)regs->ip, sizeof(insn)))
		return false;
	if (!memcmp(insn, seamcall_bytes, sizeof(seamcall_bytes)))
		return seamcall(regs);
	if ((*at & 0xf0) == 0x40)
		rex = *at++;
	/* 0F C7 /6: VMPTRLD, 0F C7 /7: VMPTRST */
	if (at[0] == 0x0f && at[1] == 0xc7 && (at[2] >> 3 & 7) >= 6)
		return vmptr(regs, insn, at + 2, rex);
	return false;
}

static int on_trap(struct notifier_block *nb, unsigned long why, void *data)
{
	struct die_args *args = data;

	if (why != DIE_TRAP || args->trapnr != X86_TRAP_UD || user_mode(args->regs))
		return NOTIFY_DONE;
	return execute(args->regs) ? NOTIFY_STOP : NOTIFY_DONE;
}

static struct notifier_block trap_notifier = {
	.notifier_call = on_trap,
};

static int on_module(struct notifier_block *nb, unsigned long what, void *data)
{
	struct module *module = data;

	if (strcmp(module->name, "tdxctl"))
		return NOTIFY_DONE;
	if (what == MODULE_STATE_COMING)
		helper = module;
	else if (what == MODULE_STATE_GOING)
		helper = NULL;
	return NOTIFY_DONE;
}

static struct notifier_block module_notifier = {
	.notifier_call = on_module,
};

int seam_host_insn_init(void)
{
	int ret = register_module_notifier(&module_notifier);

	if (ret)
		return ret;
	ret = register_die_notifier(&trap_notifier);
	if (ret)
		unregister_module_notifier(&module_notifier);
	return ret;
}

void seam_host_insn_exit(void)
{
	unregister_die_notifier(&trap_notifier);
	unregister_module_notifier(&module_notifier);
}
