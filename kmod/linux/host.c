// SPDX-License-Identifier: GPL-2.0-only
/* The operations of the host, answered by Linux and by the CPU itself. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/sched/signal.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <asm/msr.h>
#include <asm/smp.h>

#include "block.h"
#include "host.h"
#include "insn.h"
#include "lps.h"
#include "stop.h"
#include "trace.h"

/*
 * Held around a call of the P-SEAMLDR, which refuses a second caller instead of
 * making it wait. Raw, because interrupts are off and PREEMPT_RT must not sleep.
 */
static DEFINE_RAW_SPINLOCK(seamldr_lock);

static bool host_rdmsr(struct tdxctl_host *host, u32 msr, u64 *value)
{
	u32 low, high;

	if (rdmsr_safe(msr, &low, &high))
		return false;
	*value = (u64)high << 32 | low;
	return true;
}

static bool host_alloc_page(struct tdxctl_host *host, struct tdxctl_page *page)
{
	page->va = (void *)get_zeroed_page(GFP_KERNEL);
	if (!page->va)
		return false;
	page->pa = virt_to_phys(page->va);
	return true;
}

static void host_free_page(struct tdxctl_host *host, struct tdxctl_page *page)
{
	free_page((unsigned long)page->va);
}

static void host_pin_lp(struct tdxctl_host *host)
{
	preempt_disable();
}

static void host_unpin_lp(struct tdxctl_host *host)
{
	preempt_enable();
}

static u64 host_seamcall(struct tdxctl_host *host, u64 rax, struct tdxctl_seamcall_regs *regs)
{
	u64 start, status;

	if ((rax & (TDX_RAX_LEAF | TDX_RAX_SEAMLDR)) == TDX_SYS_CONFIG)
		trace_tdxctl_sys_config(rax, regs->r9, regs->r11);
	/* Where there is no TSC, reading the clock can take longer than the call. */
	if (!trace_tdxctl_seamcall_enabled())
		return insn_seamcall(rax, regs);
	start = ktime_get_ns();
	status = insn_seamcall(rax, regs);
	trace_tdxctl_seamcall(rax, status, ktime_get_ns() - start);
	return status;
}

static void host_seamldr_lock(struct tdxctl_host *host, unsigned long *flags)
	__acquires(&seamldr_lock)
{
	raw_spin_lock_irqsave(&seamldr_lock, *flags);
}

static void host_seamldr_unlock(struct tdxctl_host *host, unsigned long flags)
	__releases(&seamldr_lock)
{
	raw_spin_unlock_irqrestore(&seamldr_lock, flags);
}

static bool host_vmptrst(struct tdxctl_host *host, u64 *pa)
{
	return insn_vmptrst(pa);
}

static bool host_vmptrld(struct tdxctl_host *host, u64 pa)
{
	if (insn_vmptrld(pa))
		return true;
	pr_err_ratelimited("the current VMCS of LP %d was lost and could not be loaded again\n",
			   smp_processor_id());
	return false;
}

/* Microseconds are what the random number generator needs to recover. */
static void host_relax(struct tdxctl_host *host)
{
	udelay(1);
}

/* Asked between batches, which is also when others may have this LP. */
static bool host_signal_pending(struct tdxctl_host *host)
{
	cond_resched();
	return signal_pending(current);
}

static u64 host_now_ns(struct tdxctl_host *host)
{
	/* Asked for after every call of a slice: exact to a tick, and free. */
	return jiffies64_to_nsecs(get_jiffies_64());
}

static void host_write_back_caches(struct tdxctl_host *host)
{
	wbinvd_on_all_cpus();
}

static void host_hold(struct tdxctl_host *host)
{
	__module_get(THIS_MODULE);
}

static void host_let_go(struct tdxctl_host *host)
{
	module_put(THIS_MODULE);
}

static const struct tdxctl_host_ops host_ops = {
	.rdmsr = host_rdmsr,
	.lock_lps = tdxctl_lock_lps,
	.unlock_lps = tdxctl_unlock_lps,
	.nr_lps = tdxctl_nr_lps,
	.alloc_page = host_alloc_page,
	.free_page = host_free_page,
	.pin_lp = host_pin_lp,
	.unpin_lp = host_unpin_lp,
	.seamcall = host_seamcall,
	.seamldr_lock = host_seamldr_lock,
	.seamldr_unlock = host_seamldr_unlock,
	.vmptrst = host_vmptrst,
	.vmptrld = host_vmptrld,
	.relax = host_relax,
	.signal_pending = host_signal_pending,
	.now_ns = host_now_ns,
	.write_back_caches = host_write_back_caches,
	.stop_lps = tdxctl_stop_lps,
	.next_ram = tdxctl_next_ram,
	.alloc_block = tdxctl_alloc_block,
	.free_block = tdxctl_free_block,
	.hold = host_hold,
	.let_go = host_let_go,
	.on_lps = tdxctl_on_lps,
};

struct tdxctl_host tdxctl_linux_host = {
	.ops = &host_ops,
};
