/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) WITH Linux-syscall-note */
/*
 * tdxctl.h - ioctls of /dev/tdxctl, the helper that executes SEAMCALLs for tdxctl
 *
 * Rules for every command:
 *
 * - The argument points to a struct that starts with @size, the bytes that the
 *   caller has, and @flags, which must be 0. A caller that is newer than the
 *   helper may pass a larger struct as long as the bytes that the helper does
 *   not know are 0; an older caller gets as many bytes as it has room for.
 * - Where elements follow the struct, their number comes next after @flags.
 * - The completion status of a SEAMCALL is returned in a field, not as errno.
 *   The three ways in which the instruction itself can fail come back as the
 *   software-defined statuses TDXCTL_STATUS_*.
 * - No physical address and no register crosses this boundary, either way. A
 *   TDMR is named by its place in the memory map, in GiB.
 * - A command that changes the state of the machine (DISABLE, STAGE, APPLY, INIT,
 *   CONFIGURE) needs a file that is open for writing, CAP_SYS_ADMIN, and a kernel that is
 *   not locked down. The first one reserves such changes for the file until it
 *   is closed, for instance because the process was killed; until then they are
 *   EBUSY for any other, and for a second thread while one is being made.
 *
 * errno, one per cause:
 *   ENOTTY      unknown command
 *   EFAULT      the argument cannot be read or written
 *   EINVAL      @size is smaller than the first published struct, or a count is out of range
 *   E2BIG       bytes that this helper does not know are not 0, or @size is over the limit
 *   EOPNOTSUPP  a known field has a value that this helper does not know
 *   ENOMEM      no memory
 *   ENOSPC      PAMTs do not find memory in one piece, or their TDMR has no
 *               reserved area left (CONFIGURE)
 *   ERANGE      the TDMRs do not fit the memory map: they overlap, are not in
 *               rising order, or leave RAM out (CONFIGURE)
 *   EALREADY    the module is ready (CONFIGURE), or there is one (APPLY of a load)
 *   EINPROGRESS a module is being brought up (INIT, APPLY)
 *   EADDRINUSE  the module may still use the memory that it was given before, or
 *               TDs that wait for an update may (CONFIGURE)
 *   ENODEV      the CPU has no private KeyIDs (CONFIGURE)
 *   EBADF       the command changes state, and the file is not open for writing
 *   EPERM       the command changes state, and CAP_SYS_ADMIN is missing or the
 *               kernel is locked down
 *   EBUSY       the command changes state, and such changes are reserved
 *   ECANCELED   refused by seamret_vmcs=refuse (SEAMLDR_INFO, APPLY)
 *   ENODATA     no image is staged (APPLY)
 *   EAGAIN      an LP is offline (APPLY, INIT, CONFIGURE)
 *   EINTR       a signal came first
 *   EPROTO      the TDX module contradicts itself: field ids without end, a page
 *               of RDALL that cannot be parsed, sizes that make no sense, or
 *               TDH.SYS.TDMR.INIT that succeeds for ever
 *   EIO         the LP's current VMCS could not be loaded again
 */
#ifndef _UAPI_TDXCTL_H
#define _UAPI_TDXCTL_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define TDXCTL_DEVICE "/dev/tdxctl"
#define TDXCTL_IOC_MAGIC 0xB6

/* What the CPU answered instead of a completion status; values as in Linux. */
#define TDXCTL_STATUS_UD		0x8000FF0000000006ULL
#define TDXCTL_STATUS_GP		0x8000FF000000000DULL
#define TDXCTL_STATUS_VMFAILINVALID	0x8000FF00FFFF0000ULL

/* Capabilities of the helper, struct tdxctl_platform @capabilities. */
#define TDXCTL_CAP_METADATA	0x1ULL	/* READ and READ_ALL */
#define TDXCTL_CAP_SEAMLDR_INFO	0x2ULL
#define TDXCTL_CAP_DISABLE	0x4ULL
#define TDXCTL_CAP_UPDATE	0x8ULL	/* STAGE and APPLY */
#define TDXCTL_CAP_BRING_UP	0x10ULL	/* INIT and CONFIGURE */
#define TDXCTL_CAP_LOAD		0x20ULL	/* APPLY from TDXCTL_STEP_LOAD */

/**
 * struct tdxctl_platform - the helper, and what ring 0 sees of the platform
 * @size: bytes of this struct
 * @flags: must be 0
 * @capabilities: TDXCTL_CAP_*
 * @lps_online: LPs that the kernel runs on
 * @lps_present: LPs that the kernel knows, online or not
 * @packages_online: packages with an LP that is online
 * @msrs_valid: TDXCTL_MSR_* bits of the MSRs below that could be read
 * @keyid_partitioning: IA32_MKTME_KEYID_PARTITIONING (MSR 0x87)
 * @vmx_basic: IA32_VMX_BASIC (MSR 0x480)
 * @seamret_vmcs: TDXCTL_SEAMRET_*, what is done about CPUs where SEAMRET from
 *	the P-SEAMLDR invalidates the current VMCS
 * @reserved: 0
 * @version: of the helper, NUL-terminated
 * @brought_up: TDXCTL_BROUGHT_UP_*
 * @options: with which a module was brought up, TDXCTL_CONFIGURE_*
 * @features: with which a module was brought up
 */
struct tdxctl_platform {
	__u32 size;
	__u32 flags;
	__u64 capabilities;
	__u32 lps_online;
	__u32 lps_present;
	__u32 packages_online;
	__u32 msrs_valid;
	__u64 keyid_partitioning;
	__u64 vmx_basic;
	__u32 seamret_vmcs;
	__u32 reserved;
	__u8 version[32];
	__u32 brought_up;
	__u32 options;
	__u64 features;
};

#define TDXCTL_PLATFORM_SIZE_V0 88

#define TDXCTL_BROUGHT_UP_NONE		0
#define TDXCTL_BROUGHT_UP_MODULE	1	/* by the helper, which has not disabled it since */
/* A module that it is bringing up may look ready, and is not. */
#define TDXCTL_BROUGHT_UP_HALF		2
/* The same, after a failure: it could not take the memory back. */
#define TDXCTL_BROUGHT_UP_FAILED	3

#define TDXCTL_MSR_KEYID_PARTITIONING	0x1U
#define TDXCTL_MSR_VMX_BASIC		0x2U

#define TDXCTL_SEAMRET_KEEPS	0	/* this CPU keeps the VMCS: nothing to do */
#define TDXCTL_SEAMRET_SAVE	1	/* saved and loaded again */
#define TDXCTL_SEAMRET_REFUSE	2	/* P-SEAMLDR calls are refused */

/**
 * struct tdxctl_module_state - how the TDX module answers, without changing it
 * @size: bytes of this struct
 * @flags: must be 0
 * @read_status: of TDH.SYS.RD for the first field id
 * @gate_status: of TDH.PHYMEM.PAGE.RDMD for an address that is never valid.
 *	Only a module that is ready looks at the operand.
 */
struct tdxctl_module_state {
	__u32 size;
	__u32 flags;
	__u64 read_status;
	__u64 gate_status;
};

#define TDXCTL_MODULE_STATE_SIZE_V0 24

/**
 * struct tdxctl_field - one element of global metadata
 * @id: metadata field id
 * @value: valid when @status has bit 63 clear
 * @status: completion status of the read
 */
struct tdxctl_field {
	__u64 id;
	__u64 value;
	__u64 status;
};

/**
 * struct tdxctl_metadata - a batch of metadata elements, TDH.SYS.RD or RDALL
 * @size: bytes of this struct with its @nr_fields elements
 * @flags: must be 0
 * @nr_fields: elements that follow, at most TDXCTL_METADATA_MAX. READ: how many
 *	ids to read. READ_ALL: room; the helper sets it to the number filled in.
 * @method: READ_ALL only: TDXCTL_READ_ALL_*; else 0
 * @status: READ_ALL: status that ended the enumeration, 0 when it is complete;
 *	TDXCTL_STATUS_* when there is no module. READ: 0.
 * @nr_total: READ_ALL: number of elements that the module has, as far as it was
 *	enumerated; more than @nr_fields when there was too little room
 * @reserved: must be 0
 * @fields: the elements
 */
struct tdxctl_metadata {
	__u32 size;
	__u32 flags;
	__u32 nr_fields;
	__u32 method;
	__u64 status;
	__u32 nr_total;
	__u32 reserved;
	struct tdxctl_field fields[];
};

#define TDXCTL_METADATA_SIZE_V0 32
#define TDXCTL_METADATA_MAX 4096

#define TDXCTL_READ_ALL_RD	0	/* element by element, TDH.SYS.RD */
#define TDXCTL_READ_ALL_RDALL	1	/* page by page, TDH.SYS.RDALL */

/**
 * struct tdxctl_seamldr_info - answer of SEAMLDR.INFO
 * @size: bytes of this struct
 * @flags: must be 0
 * @status: completion status, in the numbering of the P-SEAMLDR
 * @info: SEAMLDR_INFO as the P-SEAMLDR wrote it, when @status is 0
 */
struct tdxctl_seamldr_info {
	__u32 size;
	__u32 flags;
	__u64 status;
	__u8 info[256];
};

#define TDXCTL_SEAMLDR_INFO_SIZE_V0 272

/**
 * struct tdxctl_disable - a slice of TDH.SYS.DISABLE
 * @size: bytes of this struct
 * @flags: must be 0
 * @slice_ms: the leaf is called again and again while it answers
 *	TDX_INTERRUPTED_RESUMABLE or TDX_SYS_BUSY, for this many milliseconds, at
 *	most TDXCTL_DISABLE_SLICE_MAX_MS, or until a signal is pending. It is
 *	called at least once.
 * @finished: 1 when it answered otherwise, 0 when it is to be called again: by
 *	whom makes no difference
 * @status: completion status of the last call. Without an error, the module is
 *	disabled, and caches have been written back on all LPs.
 * @calls: calls in this slice; repetitions for lack of entropy do not count
 * @interrupted: those that were answered by TDX_INTERRUPTED_RESUMABLE
 * @busy: those that were answered by TDX_SYS_BUSY
 */
struct tdxctl_disable {
	__u32 size;
	__u32 flags;
	__u32 slice_ms;
	__u32 finished;
	__u64 status;
	__u64 calls;
	__u64 interrupted;
	__u64 busy;
};

#define TDXCTL_DISABLE_SIZE_V0 48
#define TDXCTL_DISABLE_SLICE_MAX_MS 1000

/**
 * struct tdxctl_stage - an image of a TDX module, for TDXCTL_IOC_APPLY
 * @size: bytes of this struct with its @nr_pages pages
 * @flags: must be 0
 * @nr_pages: pages of the module that follow, at most TDXCTL_MODULE_PAGES_MAX;
 *	0: drop what was staged
 * @reserved: must be 0
 * @sigstruct: of the module
 * @pages: the module
 *
 * The helper keeps a copy until the file is closed or other pages are staged. It
 * looks at none of it: that is for the caller before, and for the P-SEAMLDR.
 */
struct tdxctl_stage {
	__u32 size;
	__u32 flags;
	__u32 nr_pages;
	__u32 reserved;
	__u8 sigstruct[4096];
	__u8 pages[][4096];
};

#define TDXCTL_STAGE_SIZE_V0 4112
#define TDXCTL_MODULE_PAGES_MAX 496

/* Steps of an update, struct tdxctl_apply. */
#define TDXCTL_STEP_NONE	0
#define TDXCTL_STEP_SHUTDOWN	1	/* TDH.SYS.SHUTDOWN, with what it takes to ask for it */
#define TDXCTL_STEP_INSTALL	2	/* SEAMLDR.INSTALL on each LP in turn */
#define TDXCTL_STEP_INIT	3	/* TDH.SYS.INIT */
#define TDXCTL_STEP_LP_INIT	4	/* TDH.SYS.LP.INIT on all LPs */
#define TDXCTL_STEP_UPDATE	5	/* TDH.SYS.UPDATE */
#define TDXCTL_STEP_INFO	6	/* SEAMLDR.INFO, before all others */
#define TDXCTL_STEP_EXTENSIONS	7	/* TDH.EXT.INIT, TDH.QUOTE.INIT, at last; LPs run */
#define TDXCTL_STEP_LOAD	8	/* as the first step only, see @first_step */

/* What the machine has got, as it answers after the last step. */
#define TDXCTL_MODULE_UNKNOWN	0	/* the P-SEAMLDR or the module does not say */
#define TDXCTL_MODULE_NONE	1	/* none: only a load can follow */
#define TDXCTL_MODULE_UNFINISHED 2	/* LPs are missing from a session of SEAMLDR.INSTALL */
#define TDXCTL_MODULE_SHUT_DOWN	3	/* shut down: SEAMLDR.INSTALL can follow */
#define TDXCTL_MODULE_NOT_READY	4	/* loaded: TDH.SYS.INIT to TDH.SYS.UPDATE can follow */
#define TDXCTL_MODULE_READY	5

/**
 * struct tdxctl_apply - update the TDX module to the staged image
 * @size: bytes of this struct
 * @flags: must be 0
 * @first_step: 0 or TDXCTL_STEP_SHUTDOWN for all of them; TDXCTL_STEP_INSTALL
 *	or TDXCTL_STEP_INIT to go on after a failure. What LPs did before counts.
 *	TDXCTL_STEP_LOAD where there is no module: SEAMLDR.INSTALL of one that has
 *	no TDs, as TDXCTL_STEP_INSTALL and with no step behind it; INIT can follow.
 * @failed_step: TDXCTL_STEP_*; TDXCTL_STEP_NONE when no call failed
 * @failed_lp: on which it failed
 * @module: TDXCTL_MODULE_*
 * @replaced: 1 when the module is not the one before, or that one is lost
 * @vmcs_lost: LPs whose current VMCS could not be loaded again
 * @status: completion status of the call that failed, in the numbering of the one
 *	that was called
 * @shutdown_rcx: what TDH.SYS.SHUTDOWN was given: the handoff version in 15:0,
 *	bit 16 to be refused where a TD would be harmed
 * @stopped_ns: how long all LPs were stopped
 * @step_ns: how long each step took, by TDXCTL_STEP_*
 */
struct tdxctl_apply {
	__u32 size;
	__u32 flags;
	__u32 first_step;
	__u32 failed_step;
	__u32 failed_lp;
	__u32 module;
	__u32 replaced;
	__u32 vmcs_lost;
	__u64 status;
	__u64 shutdown_rcx;
	__u64 stopped_ns;
	__u64 step_ns[8];
};

#define TDXCTL_APPLY_SIZE_V0 120

/* Steps of a bring-up, struct tdxctl_init and struct tdxctl_configure. */
#define TDXCTL_BRING_UP_NONE		0
#define TDXCTL_BRING_UP_INIT		1	/* TDH.SYS.INIT */
#define TDXCTL_BRING_UP_LP_INIT		2	/* TDH.SYS.LP.INIT on all LPs */
#define TDXCTL_BRING_UP_CONFIG		3	/* TDH.SYS.CONFIG, then caches are written back */
#define TDXCTL_BRING_UP_KEY_CONFIG	4	/* TDH.SYS.KEY.CONFIG on each package in turn */
#define TDXCTL_BRING_UP_TDMR_INIT	5	/* TDH.SYS.TDMR.INIT, LPs take different TDMRs */
#define TDXCTL_BRING_UP_EXT_MEM_ADD	6	/* TDH.EXT.MEM.ADD */
#define TDXCTL_BRING_UP_EXT_INIT	7	/* TDH.EXT.INIT */
#define TDXCTL_BRING_UP_QUOTE_INIT	8	/* TDH.QUOTE.INIT */

/**
 * struct tdxctl_init - TDH.SYS.INIT, and TDH.SYS.LP.INIT on all LPs
 * @size: bytes of this struct
 * @flags: must be 0
 * @failed_step: TDXCTL_BRING_UP_*; TDXCTL_BRING_UP_NONE when both succeeded. What
 *	was done before counts as success.
 * @failed_lp: on which it failed, by its place among the LPs online
 * @status: completion status of the call that failed
 * @init_ns: how long TDH.SYS.INIT took
 * @lp_init_ns: how long TDH.SYS.LP.INIT took, on all LPs
 *
 * Afterwards the module tells its metadata, and takes a CONFIGURE.
 */
struct tdxctl_init {
	__u32 size;
	__u32 flags;
	__u32 failed_step;
	__u32 failed_lp;
	__u64 status;
	__u64 init_ns;
	__u64 lp_init_ns;
};

#define TDXCTL_INIT_SIZE_V0 40

/**
 * struct tdxctl_tdmr - memory that the TDX module is to use
 * @first_gib: number of its first GiB
 * @nr_gib: its size in GiB
 * @pamt_tdmr: index of the TDMR in whose memory its PAMTs are to lie; where they
 *	find no room there, they lie in another
 * @initialised_gib: how far TDH.SYS.TDMR.INIT has come, set by the helper
 */
struct tdxctl_tdmr {
	__u32 first_gib;
	__u32 nr_gib;
	__u32 pamt_tdmr;
	__u32 initialised_gib;
};

/**
 * struct tdxctl_configure - a slice of bringing up a module after INIT
 * @size: bytes of this struct with its @nr_tdmrs TDMRs
 * @flags: must be 0
 * @nr_tdmrs: TDMRs that follow, 1 to TDXCTL_TDMRS_MAX
 * @slice_ms: the helper returns when a step is made, or after this many
 *	milliseconds within one, at most TDXCTL_CONFIGURE_SLICE_MAX_MS
 * @config_version: of TDH.SYS.CONFIG, 0 or 1
 * @options: TDXCTL_CONFIGURE_*
 * @features: TDX_FEATURES0 bits to switch on (R9); 0 for version 0
 * @wall_clock_s: seconds since 1970, 0 for no policies that rest on the time
 *	(R11); 0 for version 0
 * @finished: 1 when the module is up, or when a step has failed; 0 when CONFIGURE
 *	is to be called again
 * @step: TDXCTL_BRING_UP_*, the step that was made, gone on with, or that failed
 * @failed: 1 when @step failed. All that was allocated has been given back; where
 *	the module may still use it, it is kept, see TDXCTL_BROUGHT_UP_FAILED.
 * @failed_at: the LP on which it failed, by its place among the LPs online; for
 *	TDH.SYS.TDMR.INIT the index of the TDMR
 * @status: completion status of the call that failed
 * @disable_status: when @step failed and the module had become ready: completion
 *	status of the TDH.SYS.DISABLE that followed
 * @module: when @step failed: TDXCTL_MODULE_*
 * @pool_pages: 4 KiB pages that were handed over to the module's Extensions
 * @pamt_bytes: allocated for PAMTs
 * @ns: how long @step took in this call
 * @config_ns: first call: how long TDH.SYS.CONFIG took
 * @tdmrs: in rising order. They have to hold all RAM above 1 MiB.
 *
 * The first call of a file begins: it allocates, and calls TDH.SYS.CONFIG and
 * TDH.SYS.KEY.CONFIG; a module that has only had the one of them could only be
 * loaded anew, so nobody can break off in between. Later ones go on; only
 * @slice_ms counts then, and @nr_tdmrs has to be the same. The helper finds the
 * holes in each TDMR in the kernel's own memory map, and reserves them. A file
 * that is closed before @finished is a step that failed. What has come up, or is
 * kept, stays until a successful DISABLE, and so long the helper cannot be unloaded.
 */
struct tdxctl_configure {
	__u32 size;
	__u32 flags;
	__u32 nr_tdmrs;
	__u32 slice_ms;
	__u32 config_version;
	__u32 options;
	__u64 features;
	__u64 wall_clock_s;
	__u32 finished;
	__u32 step;
	__u32 failed;
	__u32 failed_at;
	__u64 status;
	__u64 disable_status;
	__u32 module;
	__u32 pool_pages;
	__u64 pamt_bytes;
	__u64 ns;
	__u64 config_ns;
	struct tdxctl_tdmr tdmrs[];
};

#define TDXCTL_CONFIGURE_SIZE_V0 104
#define TDXCTL_TDMRS_MAX 64
#define TDXCTL_CONFIGURE_SLICE_MAX_MS 1000

#define TDXCTL_CONFIGURE_DYNAMIC_PAMT	0x1U	/* R8 bit 16 of TDH.SYS.CONFIG */

/* The number has one meaning for ever; growth is in @size. */
#define TDXCTL_IOC_PLATFORM	_IO(TDXCTL_IOC_MAGIC, 0)
#define TDXCTL_IOC_MODULE_STATE	_IO(TDXCTL_IOC_MAGIC, 1)
#define TDXCTL_IOC_READ		_IO(TDXCTL_IOC_MAGIC, 2)
#define TDXCTL_IOC_READ_ALL	_IO(TDXCTL_IOC_MAGIC, 3)
#define TDXCTL_IOC_SEAMLDR_INFO	_IO(TDXCTL_IOC_MAGIC, 4)
#define TDXCTL_IOC_DISABLE	_IO(TDXCTL_IOC_MAGIC, 5)
#define TDXCTL_IOC_STAGE	_IO(TDXCTL_IOC_MAGIC, 6)
#define TDXCTL_IOC_APPLY	_IO(TDXCTL_IOC_MAGIC, 7)
#define TDXCTL_IOC_INIT		_IO(TDXCTL_IOC_MAGIC, 8)
#define TDXCTL_IOC_CONFIGURE	_IO(TDXCTL_IOC_MAGIC, 9)

#endif /* _UAPI_TDXCTL_H */
