// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * Bring up a TDX module whose LPs are initialised: TDH.SYS.CONFIG and what comes
 * after it. Sources: Intel TDX Module Base Architecture Specification, "TDX Module
 * Lifecycle"; Linux, the TDX Connect and the Extensions series.
 */
#include "bring_up.h"
#include "failure.h"
#include "leaves.h"
#include "logic.h"

#define NS_PER_MS 1000000ULL

/* A module without TDs is disabled at once; this is to end a wait for one that never answers. */
#define DISABLE_MAX_NS (10000 * NS_PER_MS)

/*
 * Calls of TDH.SYS.TDMR.INIT in a row without a GiB done. A GiB takes 256, and no
 * module is believed that wants so many more.
 */
#define TDMR_INIT_MAX_IDLE 100000

/* TDMR_INFO structures in a page. */
#define INFOS_PER_PAGE (TDX_PAGE_BYTES / TDX_TDMR_INFO_ALIGNMENT)

static_assert(TDXCTL_TDMRS_MAX * sizeof(u64) <= TDX_PAGE_BYTES, "one page points to all TDMRs");

/* A slice of a step; @end on the clock of now_ns(). */
struct slice {
	struct tdxctl_configure *arg;
	u64 end;
	u64 rcx;	/* of TDH.SYS.CONFIG */
	u32 hkid;	/* the first private KeyID, which is to be the module's own */
	bool more;	/* the step is not done yet */
	struct tdxctl_failure failure;
	int ret;	/* of what can fail without the module */
};

static bool succeeded(struct slice *slice, u32 at, u64 status)
{
	return tdxctl_succeeded(&slice->failure, slice->arg->step, at, status);
}

static bool config(struct tdxctl_host *host, u32 nth, void *context)
{
	const struct tdxctl_bring_up *up = &host->bring_up;
	struct slice *slice = context;
	const struct tdxctl_configure *arg = slice->arg;
	struct tdxctl_seamcall_regs regs = { .rcx = slice->rcx, .rdx = up->nr_tdmrs };
	enum tdxctl_leaf leaf = TDXCTL_LEAF_SYS_CONFIG;

	regs.r8 = slice->hkid;
	if (up->options & TDXCTL_CONFIGURE_DYNAMIC_PAMT)
		regs.r8 |= TDX_CONFIG_DYNAMIC_PAMT;
	if (arg->config_version == 1) {
		leaf = TDXCTL_LEAF_SYS_CONFIG_V1;
		regs.r9 = arg->features;
		regs.r11 = arg->wall_clock_s;
	}
	return succeeded(slice, nth, tdxctl_patient_call(host, leaf, &regs));
}

static bool key_config(struct tdxctl_host *host, u32 nth, void *context)
{
	struct tdxctl_seamcall_regs regs = { };

	return succeeded(context, nth,
			 tdxctl_patient_call(host, TDXCTL_LEAF_SYS_KEY_CONFIG, &regs));
}

/* One call. False when it failed. */
static bool init_part(struct tdxctl_host *host, struct tdxctl_tdmr_state *tdmr,
		      struct slice *slice)
{
	struct tdxctl_seamcall_regs regs = { .rcx = tdmr->base };
	u64 status = tdxctl_patient_call(host, TDXCTL_LEAF_SYS_TDMR_INIT, &regs);
	u64 before = tdmr->next;

	if (tdx_status_is(status, TDX_TDMR_ALREADY_INITIALIZED))
		tdmr->next = tdmr->end;
	else if (regs.rdx > tdmr->next && !(status & TDX_STATUS_ERROR))
		tdmr->next = regs.rdx < tdmr->end ? regs.rdx : tdmr->end;
	if (!succeeded(slice, tdmr - host->bring_up.tdmrs, status))
		return false;
	tdmr->idle_calls = tdmr->next > before ? 0 : tdmr->idle_calls + 1;
	if (tdmr->idle_calls <= TDMR_INIT_MAX_IDLE)
		return true;
	slice->ret = -EPROTO;
	return false;
}

/* The TDMRs of this LP. */
static bool tdmr_init(struct tdxctl_host *host, u32 nth, void *context)
{
	struct tdxctl_bring_up *up = &host->bring_up;
	struct slice *slice = context;
	u32 i;

	for (i = 0; i < up->nr_tdmrs; i++) {
		struct tdxctl_tdmr_state *tdmr = &up->tdmrs[i];

		while (tdmr->lp == nth && tdmr->next < tdmr->end) {
			if (!init_part(host, tdmr, slice))
				return false;
			host->ops->signal_pending(host);	/* others may have this LP */
			if (host->ops->now_ns(host) >= slice->end)
				return true;
		}
	}
	return true;
}

/* A leaf without arguments that the module may interrupt. */
static bool until_done(struct tdxctl_host *host, enum tdxctl_leaf leaf, u32 nth,
		       struct slice *slice)
{
	u64 status;

	do {
		struct tdxctl_seamcall_regs regs = { };

		status = tdxctl_patient_call(host, leaf, &regs);
		slice->more = tdx_status_is(status, TDX_INTERRUPTED_RESUMABLE);
	} while (slice->more && !host->ops->signal_pending(host) &&
		 host->ops->now_ns(host) < slice->end);
	return slice->more || succeeded(slice, nth, status);
}

static bool ext_init(struct tdxctl_host *host, u32 nth, void *context)
{
	return until_done(host, TDXCTL_LEAF_EXT_INIT, nth, context);
}

static bool quote_init(struct tdxctl_host *host, u32 nth, void *context)
{
	return until_done(host, TDXCTL_LEAF_QUOTE_INIT, nth, context);
}

static bool add_pool(struct tdxctl_host *host, u32 nth, void *context)
{
	struct slice *slice = context;
	u64 status;
	int ret = tdxctl_add_pool(host, slice->end, &status);

	slice->more = ret == -EAGAIN;
	slice->ret = slice->more ? 0 : ret;
	return succeeded(slice, nth, status);
}

static bool read_limits(struct tdxctl_host *host, struct tdxctl_tdmr_limits *limits,
			struct slice *slice)
{
	const struct {
		u64 id;
		u64 *value;
	} fields[] = {
		{ TDX_FIELD_MAX_RESERVED_PER_TDMR, &limits->max_reserved },
		{ TDX_FIELD_PAMT_1G_ENTRY_BYTES, &limits->pamt_1g_entry_bytes },
		{ TDX_FIELD_PAMT_2M_ENTRY_BYTES, &limits->pamt_2m_entry_bytes },
		{ TDX_FIELD_PAMT_4K_ENTRY_BYTES, &limits->pamt_4k_entry_bytes },
		{ TDX_FIELD_PAMT_BITMAP_ENTRY_BITS, &limits->pamt_bitmap_entry_bits },
	};
	u32 nr = ARRAY_SIZE(fields);
	u64 status = 0;
	u32 i;

	/* Only a module with dynamic PAMT has the last one. */
	if (!(host->bring_up.options & TDXCTL_CONFIGURE_DYNAMIC_PAMT))
		nr--;
	host->ops->pin_lp(host);
	for (i = 0; i < nr && !(status & TDX_STATUS_ERROR); i++)
		status = tdxctl_read_field(host, fields[i].id, fields[i].value);
	host->ops->unpin_lp(host);
	if (limits->max_reserved > ARRAY_SIZE(((struct tdx_tdmr_info *)0)->reserved))
		limits->max_reserved = ARRAY_SIZE(((struct tdx_tdmr_info *)0)->reserved);
	return succeeded(slice, 0, status);
}

/* TDH.SYS.CONFIG, with the pages that tell the module about TDMRs. */
static int call_config(struct tdxctl_host *host, const struct tdxctl_tdmr_limits *limits,
		       struct slice *slice)
{
	const struct tdxctl_bring_up *up = &host->bring_up;
	u32 nr_pages = 1 + (up->nr_tdmrs + INFOS_PER_PAGE - 1) / INFOS_PER_PAGE;
	struct tdxctl_page pages[1 + TDXCTL_TDMRS_MAX / INFOS_PER_PAGE];
	u32 nr, i;
	u64 *infos;

	for (nr = 0; nr < nr_pages && host->ops->alloc_page(host, &pages[nr]); nr++)
		;
	if (nr == nr_pages) {
		infos = pages[0].va;
		for (i = 0; i < up->nr_tdmrs; i++) {
			const struct tdxctl_page *page = &pages[1 + i / INFOS_PER_PAGE];
			u32 offset = i % INFOS_PER_PAGE * TDX_TDMR_INFO_ALIGNMENT;

			tdxctl_describe_tdmr(host, limits, i, page->va + offset);
			infos[i] = page->pa + offset;
		}
		slice->rcx = pages[0].pa;
		slice->arg->config_ns = host->ops->on_lps(host, TDXCTL_ONE_LP, config, slice);
		/* A module that refuses takes nothing. */
		host->bring_up.given = !slice->failure.failed;
		/* From the keys on PAMTs are written with a private KeyID. */
		if (!slice->failure.failed)
			host->ops->write_back_caches(host);
	}
	for (i = 0; i < nr; i++)
		host->ops->free_page(host, &pages[i]);
	return nr == nr_pages ? 0 : -ENOMEM;
}

/* Whether the module uses none of the memory that it was given. */
static bool has_let_go(struct tdxctl_host *host)
{
	struct tdxctl_module_state state;

	tdxctl_module_state(host, &state);
	/* Busy is one that is being disabled. */
	return tdx_status_is(state.gate_status, TDX_SYS_NOT_READY) &&
	       !tdx_status_is(state.read_status, TDX_SYS_BUSY);
}

/* Whether TDs wait for TDH.SYS.UPDATE: they live on the memory of the module before. */
static bool tds_wait(struct tdxctl_host *host)
{
	u64 status, valid;

	host->ops->pin_lp(host);
	status = tdxctl_read_field(host, TDX_FIELD_HANDOFF_VALID, &valid);
	host->ops->unpin_lp(host);
	if (tdx_status_is(status, TDX_METADATA_FIELD_ID_INCORRECT))
		return false;
	return status & TDX_STATUS_ERROR || valid;
}

/* All that comes before the module is told of anything. */
static int prepare(struct tdxctl_host *host, struct tdxctl_tdmr_limits *limits,
		   struct slice *slice)
{
	struct tdxctl_bring_up *up = &host->bring_up;
	const struct tdxctl_configure *arg = slice->arg;
	u64 keyids;
	int ret;

	if (!host->ops->rdmsr(host, TDX_MSR_KEYID_PARTITIONING, &keyids) || !(keyids >> 32))
		return -ENODEV;
	if (tdxctl_module_presence(host) == TDXCTL_MODULE_READY)
		return -EALREADY;
	if (up->held && (!has_let_go(host) || tds_wait(host)))
		return -EADDRINUSE;
	slice->hkid = (u32)keyids + 1;
	tdxctl_give_memory_back(host);

	ret = tdxctl_take_tdmrs(host, arg);
	if (ret) {
		*up = (struct tdxctl_bring_up) { };
		return ret;
	}
	up->step = TDXCTL_BRING_UP_CONFIG;
	up->options = arg->options;
	up->features = arg->features;
	return read_limits(host, limits, slice) ? tdxctl_alloc_pamts(host, limits, arg) : 0;
}

/*
 * The first two steps, as no call ends with a module that is configured and has no
 * keys: it could only be loaded anew. No LP may go in between, either.
 */
static int configure_and_key(struct tdxctl_host *host, const struct tdxctl_tdmr_limits *limits,
			     struct slice *slice)
{
	int ret = -EAGAIN;

	host->ops->lock_lps(host);
	if (tdxctl_all_lps_online(host))
		ret = call_config(host, limits, slice);
	if (!ret && !slice->failure.failed) {
		host->bring_up.step = TDXCTL_BRING_UP_KEY_CONFIG;
		slice->arg->step = TDXCTL_BRING_UP_KEY_CONFIG;
		slice->arg->ns = host->ops->on_lps(host, TDXCTL_EACH_PACKAGE_IN_TURN, key_config,
						   slice);
	}
	host->ops->unlock_lps(host);
	return ret;
}

static int begin(struct tdxctl_host *host, struct slice *slice)
{
	struct tdxctl_tdmr_limits limits = { };
	int ret = prepare(host, &limits, slice);

	return ret || slice->failure.failed ? ret : configure_and_key(host, &limits, slice);
}

/* LPs may have come or gone since the last slice. */
static u64 init_tdmrs(struct tdxctl_host *host, struct slice *slice)
{
	u32 online, present, packages;
	u64 ns;

	host->ops->lock_lps(host);
	host->ops->nr_lps(host, &online, &present, &packages);
	tdxctl_share_tdmrs(host, online);
	ns = host->ops->on_lps(host, TDXCTL_ALL_LPS_AT_ONCE, tdmr_init, slice);
	host->ops->unlock_lps(host);
	return ns;
}

/* Steps that take one LP. */
static bool (*const steps[])(struct tdxctl_host *host, u32 nth, void *context) = {
	[TDXCTL_BRING_UP_EXT_MEM_ADD]	= add_pool,
	[TDXCTL_BRING_UP_EXT_INIT]	= ext_init,
	[TDXCTL_BRING_UP_QUOTE_INIT]	= quote_init,
};

/* TDXCTL_BRING_UP_NONE when that was the last one: only features have Extensions. */
static u32 step_after(const struct tdxctl_bring_up *up)
{
	switch (up->step) {
	case TDXCTL_BRING_UP_KEY_CONFIG:
		return TDXCTL_BRING_UP_TDMR_INIT;
	case TDXCTL_BRING_UP_TDMR_INIT:
		return up->features ? TDXCTL_BRING_UP_EXT_MEM_ADD : TDXCTL_BRING_UP_NONE;
	case TDXCTL_BRING_UP_EXT_MEM_ADD:
		return up->extensions ? TDXCTL_BRING_UP_EXT_INIT : TDXCTL_BRING_UP_NONE;
	case TDXCTL_BRING_UP_EXT_INIT:
		return up->features & TDX_FEATURES0_QUOTE ? TDXCTL_BRING_UP_QUOTE_INIT :
							    TDXCTL_BRING_UP_NONE;
	}
	return TDXCTL_BRING_UP_NONE;
}

/* Make the next step, or a part of it. */
static int go_on(struct tdxctl_host *host, struct slice *slice)
{
	u32 step = host->bring_up.step;

	slice->arg->step = step;
	slice->arg->ns = step == TDXCTL_BRING_UP_TDMR_INIT ?
		init_tdmrs(host, slice) :
		host->ops->on_lps(host, TDXCTL_ONE_LP, steps[step], slice);
	return slice->ret;
}

/* The list of pages has been handed over, or is not needed any more. */
static void free_list(struct tdxctl_host *host)
{
	struct tdxctl_page *list = &host->bring_up.list;

	if (list->va)
		host->ops->free_page(host, list);
	list->va = NULL;
}

void tdxctl_give_memory_back(struct tdxctl_host *host)
{
	struct tdxctl_bring_up *up = &host->bring_up;
	u32 i;

	if (!up->nr_tdmrs)
		return;
	host->ops->write_back_caches(host);
	free_list(host);
	if (up->pool.bytes)
		host->ops->free_block(host, &up->pool);
	for (i = 0; i < up->nr_tdmrs; i++) {
		if (up->tdmrs[i].pamt.bytes)
			host->ops->free_block(host, &up->tdmrs[i].pamt);
	}
	if (up->held)
		host->ops->let_go(host);
	*up = (struct tdxctl_bring_up) { };
}

/* A module that may use its memory has it for good, or until somebody disables it. */
static void keep_memory(struct tdxctl_host *host)
{
	struct tdxctl_bring_up *up = &host->bring_up;

	free_list(host);
	up->kept = true;
	up->held = true;
	host->ops->hold(host);
	/* Last, see conclude(). */
	up->step = TDXCTL_BRING_UP_NONE;
}

/*
 * Nobody may use a module whose memory is taken away: where it is ready, it is
 * disabled before. One that was given nothing is somebody else's. Returns the
 * completion status of TDH.SYS.DISABLE.
 */
static u64 unwind(struct tdxctl_host *host)
{
	u64 end = host->ops->now_ns(host) + DISABLE_MAX_NS, status = 0;
	bool given = host->bring_up.given;

	if (given && tdxctl_module_presence(host) == TDXCTL_MODULE_READY) {
		do {
			struct tdxctl_seamcall_regs regs = { };

			status = tdxctl_patient_call(host, TDXCTL_LEAF_SYS_DISABLE, &regs);
			host->ops->signal_pending(host);	/* others may have this LP */
		} while (tdx_status_is(status, TDX_INTERRUPTED_RESUMABLE) &&
			 host->ops->now_ns(host) < end);
	}
	if (!given || has_let_go(host))
		tdxctl_give_memory_back(host);
	else
		keep_memory(host);
	return status;
}

void tdxctl_abandon_bring_up(struct tdxctl_host *host)
{
	if (host->bring_up.step != TDXCTL_BRING_UP_NONE)
		unwind(host);
}

static void tell_progress(const struct tdxctl_bring_up *up, struct tdxctl_configure *arg)
{
	u32 i;

	arg->pool_pages = up->pool_given / TDX_PAGE_BYTES;
	for (i = 0; i < up->nr_tdmrs; i++) {
		const struct tdxctl_tdmr_state *tdmr = &up->tdmrs[i];

		arg->pamt_bytes += tdmr->pamt.bytes;
		arg->tdmrs[i].initialised_gib = (tdmr->next - tdmr->base) / TDX_TDMR_BYTES;
	}
}

static bool has_more(const struct tdxctl_bring_up *up, const struct slice *slice)
{
	bool more = slice->more;
	u32 i;

	for (i = 0; up->step == TDXCTL_BRING_UP_TDMR_INIT && i < up->nr_tdmrs; i++)
		more |= up->tdmrs[i].next < up->tdmrs[i].end;
	return more;
}

/* What comes after a step, or a part of it. */
static void conclude(struct tdxctl_host *host, const struct slice *slice)
{
	struct tdxctl_bring_up *up = &host->bring_up;
	struct tdxctl_configure *arg = slice->arg;
	u32 next = step_after(up);

	tell_progress(up, arg);
	if (slice->failure.failed) {
		arg->failed_at = slice->failure.at;
		arg->status = slice->failure.status;
		arg->failed = 1;
		arg->finished = 1;
		arg->disable_status = unwind(host);
		arg->module = tdxctl_module_presence(host);
		return;
	}
	if (has_more(up, slice))
		return;
	if (next == TDXCTL_BRING_UP_NONE) {
		arg->finished = 1;
		free_list(host);
		up->held = true;
		host->ops->hold(host);
	}
	/* Last: who only looks must not find neither a bring-up nor a module that is up. */
	up->step = next;
}

static int check(const struct tdxctl_bring_up *up, const struct tdxctl_configure *arg)
{
	if (!arg->nr_tdmrs || arg->slice_ms > TDXCTL_CONFIGURE_SLICE_MAX_MS)
		return -EINVAL;
	if (up->step != TDXCTL_BRING_UP_NONE)
		return arg->nr_tdmrs == up->nr_tdmrs ? 0 : -EINVAL;
	if (arg->config_version > 1 || arg->options & ~TDXCTL_CONFIGURE_DYNAMIC_PAMT)
		return -EOPNOTSUPP;
	if (!arg->config_version && (arg->features || arg->wall_clock_s))
		return -EINVAL;
	return 0;
}

int tdxctl_configure(struct tdxctl_host *host, struct tdxctl_configure *arg)
{
	struct tdxctl_bring_up *up = &host->bring_up;
	struct slice slice = { .arg = arg };
	int ret = check(up, arg);

	if (ret)
		return ret;
	arg->finished = 0;
	arg->failed = 0;
	arg->failed_at = 0;
	arg->status = 0;
	arg->disable_status = 0;
	arg->module = TDXCTL_MODULE_UNKNOWN;
	arg->pool_pages = 0;
	arg->pamt_bytes = 0;
	arg->ns = 0;
	arg->config_ns = 0;

	slice.end = host->ops->now_ns(host) + arg->slice_ms * NS_PER_MS;
	if (up->step == TDXCTL_BRING_UP_NONE) {
		arg->step = TDXCTL_BRING_UP_CONFIG;
		ret = begin(host, &slice);
	} else {
		ret = go_on(host, &slice);
	}
	if (ret)
		tdxctl_abandon_bring_up(host);
	else
		conclude(host, &slice);
	return ret;
}
