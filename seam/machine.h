/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The state of a modelled machine, and what the parts of the model share.
 * Nothing here is for callers of the model.
 */
#ifndef SEAM_MACHINE_H
#define SEAM_MACHINE_H

#include "cpuid_rules.h"
#include "platform.h"
#include "seam.h"
#include "sigstruct.h"
#include "status.h"

#define PAGE_4K		0x1000ull
#define SIZE_1G		0x40000000ull
#define PA_LIMIT	BIT_ULL(52)	/* the architectural limit, not the platform's */

#define MAX_TDMRS	64
#define MAX_RESERVED	16
#define MAX_HKIDS	2048
#define PAMT_ENTRY_BYTES 16

enum pamt_level { PAMT_4K, PAMT_2M, PAMT_1G, NR_PAMT_LEVELS };

/* Values of the module's global state variable. */
enum sys_state {
	SYS_INIT_PENDING,
	SYS_INIT_DONE,
	SYS_CONFIG_DONE,
	SYS_READY,
	SYS_SHUT_DOWN,
	SYS_DISABLING,		/* DISABLE was interrupted */
};

/* TDMR_INFO as the host passes it. */
struct tdmr_info {
	u64 base, size;
	struct seam_range pamt_1g, pamt_2m, pamt_4k;
	struct seam_range reserved[MAX_RESERVED]; /* base: offset in the TDMR */
};

static_assert(sizeof(struct tdmr_info) == 320, "TDMR_INFO layout");

struct tdmr {
	struct tdmr_info info;
	u64 next;		/* memory below is initialised */
	u32 lock;
	u32 padding;
};

/* Written by SHUTDOWN into memory that the next module inherits. */
struct handoff_header {
	u8 valid;
	u8 reserved;
	u16 version;
	u32 size;
	u16 pages;		/* that the module before promised, minus one */
	u16 padding[3];
};

#define HANDOFF_HEADER_BYTES 8	/* as the modules lay it out */

/* What SHUTDOWN hands to the next module, behind the header. */
struct handoff_data {
	u32 nr_tdmrs;
	u32 package_bitmap;
	u32 pool_pages;
	u16 hkid;
	u8 dynamic_pamt;
	u8 padding;
	struct tdmr tdmr[MAX_TDMRS];
};

#define NR_SAMPLED_MSRS	30

/* Module data: zero after a load. */
struct module {
	u32 state;		/* enum sys_state; first, see seam_reset_module() */
	u32 padding0;
	u32 lps_initialised;
	u32 packages_configured;
	u32 package_bitmap;
	u16 hkid;
	u8 dynamic_pamt;
	u8 ext_initialised;
	u8 quote_initialised;
	u8 padding[3];
	u32 pool_pages;		/* given by EXT.MEM.ADD */
	u64 features;		/* enabled by CONFIG or UPDATE, version 1 */
	u64 pages_to_reset;	/* by an unfinished DISABLE */
	u64 ext_progress;

	/* Sampled by SYS.INIT. */
	u64 seamops;
	u32 package_shift;	/* x2APIC id bits below the package number */
	u32 xfam;		/* state components that the CPU has */
	struct seam_sysinfo sysinfo;
	u64 msrs[NR_SAMPLED_MSRS];
	u32 cpuid[NR_CPUID_RULES][SEAM_NR_CPUID_REGISTERS];

	u32 nr_tdmrs;
	u32 padding2;
	struct tdmr tdmr[MAX_TDMRS];
};

/* One LP. Only calls on that LP write it, but for @busy and @initialised. */
struct lp {
	u64 current_vmcs;
	u64 seamcalls;
	u64 seamldr_calls;
	u64 vmptrst;
	u64 vmptrld;
	u8 busy;		/* inside the TDX module */
	u8 initialised;		/* TDH.SYS.LP.INIT done */
	u8 vmx_on;
	u8 package;		/* as CPUID told TDH.SYS.LP.INIT */
	u8 padding[4];
};

#define SEAMEXTEND_VALID 0x1ffull

/* What SEAMLDR.INFO tells about the loaded module, and the instruction obeys. */
struct seamextend {
	u64 valid;
	u8 svn_minor, svn_major;
	u8 seam_ready;
	u8 p_seam_ready;
	u32 padding;
	u8 mrseam[SEAM_HASH_BYTES];
};

/* Which leaf's session the LPs are in. */
enum loader_flow { FLOW_READY, FLOW_INSTALL, FLOW_SHUTDOWN, FLOW_CLEANUP };

struct loader {
	u32 lock;
	u32 updates_used;	/* entries of the update database */
	u32 flow;		/* enum loader_flow */
	u32 nr_seen;		/* LPs that joined the session */
	u64 lps_seen[SEAM_MAX_LPS / 64];
	u8 installed;		/* INSTALL has succeeded once */
	u8 dirty;		/* keys and caches hold what TDs left */
	u8 padding[6];
	u32 steps_done[SEAM_MAX_PACKAGES]; /* of CLEANUP, in each package */
	struct seamextend seamextend;
	struct seamextend saved; /* as it was when the session began */
	struct seam_sigstruct sigstruct;
};

/* Changes made from outside, see platform.h. */
#define MAX_OVERRIDES	32
#define SEAMOPS_ALL	0x7full

struct msr_override {
	u32 lp, msr;
	u64 value;
};

struct cpuid_override {
	u32 lp, leaf, subleaf, reg, value;
};

struct seamops_override {
	u32 lp, padding;
	u64 capabilities;
};

struct platform {
	u32 nr_msrs, nr_cpuids, nr_seamops;
	u32 rdrand_failures;
	u32 pconfig_failure;
	struct cpuid_override cpuids[MAX_OVERRIDES];
	u32 padding;
	struct msr_override msrs[MAX_OVERRIDES];
	struct seamops_override seamops[MAX_OVERRIDES];
};

/* KeyID bits of a physical address; what SYS.INIT reads from MSRs. */
struct keyids {
	u32 shift;
	u32 first_private, last_private;
	u32 padding;
};

struct seam_machine {
	u64 magic;
	u64 bytes;
	struct seam_profile profile;
	struct seam_module_release release;	/* of the module that is loaded */
	struct seam_sysinfo sysinfo;
	struct keyids keyids;		/* as the module sampled them */
	struct keyids boot_keyids;	/* as the P-SEAMLDR knows them */
	struct platform platform;
	u32 module_lock;	/* share/exclusive, see lock.h */
	u32 padding;
	struct module module;
	struct handoff_header handoff;
	struct handoff_data handoff_data;
	struct seam_td_population tds;
	struct loader loader;
	struct seam_faults faults;
	struct lp lp[];
};

/* A SEAMCALL being executed. */
struct call {
	struct seam_machine *m;
	const struct seam_callbacks *cb;
	u32 lp;
	struct seam_regs *regs;
	const struct keyids *keyids; /* of who is called */
	u64 ns;			/* modelled time it takes beyond the leaf's own */
	bool fatal;		/* the module found what cannot be: it shuts down */
};

/* For what one LP writes under the lock while TDH.SYS.RD reads it without. */
#define load_relaxed(x)		__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define store_relaxed(x, value)	__atomic_store_n(&(x), value, __ATOMIC_RELAXED)

static inline struct lp *this_lp(const struct call *c)
{
	return &c->m->lp[c->lp];
}

static inline u32 sys_state(const struct seam_machine *m)
{
	return __atomic_load_n(&m->module.state, __ATOMIC_SEQ_CST);
}

static inline void set_sys_state(struct seam_machine *m, u32 state)
{
	__atomic_store_n(&m->module.state, state, __ATOMIC_SEQ_CST);
}

/*
 * Whether an LP other than the caller's is inside the module. Who leaves the
 * state in which others may enter does so before asking: they mark themselves
 * busy before they look at the state, so that one sees the other.
 */
bool seam_other_lp_inside(const struct call *c);

static inline void set_seam_ready(struct seam_machine *m, u8 ready)
{
	__atomic_store_n(&m->loader.seamextend.seam_ready, ready, __ATOMIC_RELEASE);
}

/* bytes.c: the model may not rely on a libc. */
void seam_zero(void *p, size_t len);
void seam_copy(void *to, const void *from, size_t len);
bool seam_same(const void *a, const void *b, size_t len);

/* fault.c: the armed fault that this call meets, or NULL; counts the call. */
const struct seam_fault *seam_find_fault(struct seam_machine *m, u32 lp, u64 rax);

/* platform.c, cpuid.c, msr.c, profile.c: the hardware. */
bool seam_rdrand(struct seam_machine *m);
u64 seam_seamops(const struct seam_machine *m, u32 lp);
u64 seam_msr(const struct call *c, u32 msr);
u32 seam_profile_package_shift(const struct seam_profile *profile);

/* sys_init.c: what SYS.INIT samples, and what LP.INIT finds different. */
u64 seam_check_platform(struct call *c);
u64 seam_compare_platform(struct call *c);

/* memory.c: physical addresses and memory. */
u32 seam_hkid(const struct seam_machine *m, u64 pa);
bool seam_is_private_hkid(const struct seam_machine *m, u64 hkid);
bool seam_shared_pa_ok(const struct call *c, u64 pa, u64 size);
void seam_mem_read(const struct call *c, u64 pa, void *buf, u32 len);
void seam_mem_write(const struct call *c, u64 pa, const void *buf, u32 len);
void seam_mem_zero(const struct call *c, u64 pa, u32 len);

/* Leaves of the TDX module: arguments and results in c->regs, but for RAX. */
u64 seam_sys_init(struct call *c, u32 version);
u64 seam_sys_lp_init(struct call *c);
u64 seam_sys_rd(struct call *c);
u64 seam_sys_rdall(struct call *c);
u64 seam_sys_info(struct call *c);
u64 seam_sys_config(struct call *c, u32 version);
u64 seam_sys_key_config(struct call *c);
u64 seam_sys_tdmr_init(struct call *c);
u64 seam_sys_shutdown(struct call *c);
u64 seam_sys_update(struct call *c, u32 version);
u64 seam_sys_disable(struct call *c);
u64 seam_ext_mem_add(struct call *c);
u64 seam_ext_init(struct call *c);
u64 seam_quote_init(struct call *c);
u64 seam_phymem_page_rdmd(struct call *c);
u64 seam_td_leaf(struct call *c, u32 leaf);	/* all others */

/* sys_config.c: R9 to R11 of version 1 of CONFIG and UPDATE. */
u64 seam_check_features(const struct call *c, u32 version);

/* sys_init.c: bytes of handoff data of @version, without the header. */
u32 seam_handoff_bytes(const struct seam_module_release *release, u32 version);

/* sys_ext.c: what the Extension fields of the metadata say. */
bool seam_ext_required(const struct seam_machine *m);
u32 seam_ext_pages(const struct seam_machine *m);

/* metadata.c: element @i of the field with class and code of @id; 0 without it. */
u64 seam_metadata(const struct seam_machine *m, u64 id, u32 i);

/* dispatch.c: any leaf; sets RAX. */
void seam_module_call(struct call *c);

/* seamldr.c: any P-SEAMLDR leaf; sets RAX. */
void seam_loader_call(struct call *c);

/* boot.c: module data and what the LPs have of it become zero. */
void seam_reset_module(struct seam_machine *m);

/* boot.c: a module is loaded in place of what was there. */
void seam_load_module(struct seam_machine *m, const struct seam_module_release *release);

/* boot.c: the state in which the OS finds the machine. */
void seam_boot_machine(struct seam_machine *m);

#endif
