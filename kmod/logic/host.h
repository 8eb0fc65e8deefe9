/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * All that the helper's logic asks of the machine below it. kmod/linux answers
 * with the kernel and the real instruction, src/drv/sim with a modelled machine.
 */
#ifndef TDXCTL_LOGIC_HOST_H
#define TDXCTL_LOGIC_HOST_H

#include "../uapi/tdxctl.h"
#include "types.h"

/* Registers of a SEAMCALL: the arguments in, the results out. */
struct tdxctl_seamcall_regs {
	u64 rcx, rdx, r8, r9, r10, r11;
};

/* A page for a SEAMCALL: where the logic sees it, and what the call is told. */
struct tdxctl_page {
	void *va;
	u64 pa;
};

/* Memory in one piece that the logic never looks into. @bytes is 0 for none. */
struct tdxctl_block {
	u64 pa;
	u64 bytes;
};

/**
 * struct tdxctl_image - a module image as SEAMLDR.INSTALL takes it
 * @nr_pages: pages of the module; 0 when no image is staged
 * @params: SEAMLDR_PARAMS
 * @sigstruct: of the module
 * @pages: the module
 */
struct tdxctl_image {
	u32 nr_pages;
	struct tdxctl_page params;
	struct tdxctl_page sigstruct;
	struct tdxctl_page pages[TDXCTL_MODULE_PAGES_MAX];
};

struct tdxctl_host;

/* On which LPs a step is made. */
enum tdxctl_lps {
	TDXCTL_ONE_LP,
	TDXCTL_EACH_LP_IN_TURN,
	TDXCTL_ALL_LPS_AT_ONCE,
	TDXCTL_EACH_PACKAGE_IN_TURN,	/* on one of its LPs; on_lps only */
};

/**
 * struct tdxctl_stopped_step - what is done while all LPs are stopped
 * @lps: where
 * @run: false when no further step is to be made
 * @ns: how long it took, set by the host
 */
struct tdxctl_stopped_step {
	enum tdxctl_lps lps;
	bool (*run)(struct tdxctl_host *host, u32 lp, void *context);
	u64 ns;
};

/**
 * struct tdxctl_host_ops - operations of the host
 * @rdmsr: read an MSR of this LP; false when it faults, and then the value is
 *	left alone
 * @lock_lps: no LP comes online or goes offline until @unlock_lps
 * @unlock_lps: they may
 * @nr_lps: LPs online and present, packages with an LP online; with LPs locked
 * @alloc_page: one zeroed 4 KiB page, false without memory
 * @free_page: give it back
 * @next_ram: the first range of RAM that ends above @from, in whole pages; false
 *	when there is none
 * @alloc_block: @bytes of RAM in one piece between @from and @to, all of them
 *	multiples of 4 KiB; false when there is none to be had
 * @free_block: give it back, overwritten by full lines
 * @hold: the helper has to stay, until @let_go
 * @let_go: it may go
 * @pin_lp: stay on this LP until @unpin_lp; SEAMCALLs to the TDX module are made
 *	in between
 * @unpin_lp: let the scheduler in again
 * @seamcall: the instruction, on this LP; returns the completion status, or
 *	one of TDXCTL_STATUS_* when the instruction itself failed
 * @seamldr_lock: no other LP calls the P-SEAMLDR, and no interrupt comes to
 *	this one, until @seamldr_unlock
 * @seamldr_unlock: let them
 * @vmptrst: physical address of this LP's current VMCS, all ones for none;
 *	false when the LP is not in VMX operation
 * @vmptrld: make it current again; false when the CPU refused it
 * @relax: short pause before a call is repeated
 * @signal_pending: the caller wants to stop
 * @now_ns: nanoseconds that have passed since some moment
 * @write_back_caches: write back and invalidate the caches of all LPs
 * @stop_lps: make steps while no LP does anything else and interrupts are off; a
 *	step begins when the one before is done on all LPs. False, with nothing
 *	done, when an LP is offline.
 * @on_lps: make one step, on LPs that otherwise go on with their work, and that
 *	are locked where it is more than one. @run may sleep, and gets the place of
 *	its LP among those online. In turn, the first failure is the end. Returns
 *	how long it took, in nanoseconds.
 */
struct tdxctl_host_ops {
	bool (*rdmsr)(struct tdxctl_host *host, u32 msr, u64 *value);
	void (*lock_lps)(struct tdxctl_host *host);
	void (*unlock_lps)(struct tdxctl_host *host);
	void (*nr_lps)(struct tdxctl_host *host, u32 *online, u32 *present, u32 *packages);
	bool (*alloc_page)(struct tdxctl_host *host, struct tdxctl_page *page);
	void (*free_page)(struct tdxctl_host *host, struct tdxctl_page *page);
	void (*pin_lp)(struct tdxctl_host *host);
	void (*unpin_lp)(struct tdxctl_host *host);
	u64 (*seamcall)(struct tdxctl_host *host, u64 rax, struct tdxctl_seamcall_regs *regs);
	void (*seamldr_lock)(struct tdxctl_host *host, unsigned long *flags);
	void (*seamldr_unlock)(struct tdxctl_host *host, unsigned long flags);
	bool (*vmptrst)(struct tdxctl_host *host, u64 *pa);
	bool (*vmptrld)(struct tdxctl_host *host, u64 pa);
	void (*relax)(struct tdxctl_host *host);
	bool (*signal_pending)(struct tdxctl_host *host);
	u64 (*now_ns)(struct tdxctl_host *host);
	void (*write_back_caches)(struct tdxctl_host *host);
	bool (*stop_lps)(struct tdxctl_host *host, struct tdxctl_stopped_step *steps, u32 nr,
			 void *context);
	bool (*next_ram)(struct tdxctl_host *host, u64 from, u64 *start, u64 *end);
	bool (*alloc_block)(struct tdxctl_host *host, struct tdxctl_block *block, u64 from, u64 to,
			    u64 bytes);
	void (*free_block)(struct tdxctl_host *host, struct tdxctl_block *block);
	void (*hold)(struct tdxctl_host *host);
	void (*let_go)(struct tdxctl_host *host);
	u64 (*on_lps)(struct tdxctl_host *host, enum tdxctl_lps lps,
		      bool (*run)(struct tdxctl_host *host, u32 nth, void *context),
		      void *context);
};

/* A TDMR on its way: [@base, @end), of which all below @next is initialised. */
struct tdxctl_tdmr_state {
	u64 base;
	u64 end;
	u64 next;
	u32 lp;			/* that initialises it, by its place among the LPs online */
	u32 idle_calls;		/* since it last came a GiB further */
	struct tdxctl_block pamt;
};

/**
 * struct tdxctl_bring_up - what the TDX module was given, or is being given
 * @step: TDXCTL_BRING_UP_* that is to be made next; TDXCTL_BRING_UP_NONE when no
 *	bring-up is under way
 * @held: the module has the memory, and the helper has to stay
 * @kept: it is not up: it could not be made to let go of the memory again
 * @given: the module has been told of the memory
 * @options: TDXCTL_CONFIGURE_*
 * @features: to be switched on
 * @nr_tdmrs: how many TDMRs there are
 * @tdmrs: they, with their PAMTs
 * @extensions: the module has Extensions to be made
 * @pool: memory of the module's Extensions
 * @pool_given: bytes of it that were handed over
 * @list: addresses of pages that it is being given
 * @list_info: HPA_LIST_INFO, what of @list is to be taken yet; 0: none
 */
struct tdxctl_bring_up {
	u32 step;
	bool held;
	bool kept;
	bool given;
	bool extensions;
	u32 options;
	u32 nr_tdmrs;
	u64 features;
	struct tdxctl_tdmr_state tdmrs[TDXCTL_TDMRS_MAX];
	struct tdxctl_block pool;
	u64 pool_given;
	struct tdxctl_page list;
	u64 list_info;
};

/**
 * struct tdxctl_host - a host and how it is to be treated; embed it
 * @ops: its operations
 * @refuse_vmcs_loss: refuse P-SEAMLDR calls where SEAMRET loses the current
 *	VMCS, instead of saving it
 * @reserved_for: the open file that may change the state of the machine, NULL
 *	for any
 * @changing: 1 while a command is doing so
 * @image: what that file has staged
 * @bring_up: what that file is bringing up, or what any file has brought up
 */
struct tdxctl_host {
	const struct tdxctl_host_ops *ops;
	bool refuse_vmcs_loss;
	const void *reserved_for;
	u32 changing;
	struct tdxctl_image image;
	struct tdxctl_bring_up bring_up;
};

#endif
