// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * Update the TDX module while TDs exist, or load one where there is none. Sources:
 * intel/tdx-loader 1.5.02, SEAMLDR.INSTALL; Intel TDX Module Base Architecture
 * Specification, "TD-Preserving TDX Module Update".
 */
#include "bring_up.h"
#include "failure.h"
#include "leaves.h"
#include "logic.h"
#include "seamldr.h"
#include "tdx.h"

static_assert(sizeof(struct tdx_seamldr_info) == sizeof(((struct tdxctl_seamldr_info *)0)->info),
	      "SEAMLDR_INFO layout");

/* Nobody has measured it; this is to end a wait for a module that never answers. */
#define EXTENSIONS_MAX_NS 60000000000ULL

struct apply {
	struct tdxctl_apply *arg;
	u64 params_pa;
	bool save_vmcs;
	bool session_open;	/* LPs may have joined it before us */
	struct tdxctl_failure failure;
};

/* The newest handoff version that the module can write: an update goes upwards. */
static bool shut_down(struct tdxctl_host *host, u32 lp, void *context)
{
	struct tdxctl_seamcall_regs regs = { };
	struct apply *apply = context;
	u64 version, features;
	u64 status = tdxctl_read_field(host, TDX_FIELD_MODULE_HV, &version);

	if (!(status & TDX_STATUS_ERROR))
		status = tdxctl_read_field(host, TDX_FIELD_FEATURES0, &features);
	if (!(status & TDX_STATUS_ERROR)) {
		regs.rcx = version;
		if (features & TDX_FEATURES0_UPDATE_COMPAT)
			regs.rcx |= TDX_SHUTDOWN_AVOID_COMPAT_SENSITIVE;
		apply->arg->shutdown_rcx = regs.rcx;
		status = tdxctl_module_call(host, TDXCTL_LEAF_SYS_SHUTDOWN, &regs);
	}
	return tdxctl_succeeded(&apply->failure, TDXCTL_STEP_SHUTDOWN, lp, status);
}

/* Each LP has to come in person; the last one replaces the module. */
static bool install(struct tdxctl_host *host, u32 lp, void *context)
{
	struct apply *apply = context;
	struct tdxctl_seamcall_regs regs = { .rcx = apply->params_pa };
	u64 status;

	if (tdxctl_seamldr_call(host, apply->save_vmcs, TDXCTL_LEAF_SEAMLDR_INSTALL, &regs,
				&status))
		apply->arg->vmcs_lost++;
	if (apply->session_open && status == SEAMLDR_EBADCALL)
		return true;
	return tdxctl_succeeded(&apply->failure, TDXCTL_STEP_INSTALL, lp, status);
}

static bool init(struct tdxctl_host *host, u32 lp, void *context)
{
	struct tdxctl_seamcall_regs regs = { };
	struct apply *apply = context;
	u64 status = tdxctl_module_call(host, TDXCTL_LEAF_SYS_INIT, &regs);

	return tdx_status_is(status, TDX_SYS_INIT_NOT_PENDING) ||
	       tdxctl_succeeded(&apply->failure, TDXCTL_STEP_INIT, lp, status);
}

static bool lp_init(struct tdxctl_host *host, u32 lp, void *context)
{
	struct tdxctl_seamcall_regs regs = { };
	struct apply *apply = context;
	u64 status = tdxctl_module_call(host, TDXCTL_LEAF_SYS_LP_INIT, &regs);

	return tdx_status_is(status, TDX_SYS_LP_INIT_DONE) ||
	       tdxctl_succeeded(&apply->failure, TDXCTL_STEP_LP_INIT, lp, status);
}

/* The new module is asked for the features that the old one was brought up with. */
static bool update(struct tdxctl_host *host, u32 lp, void *context)
{
	struct tdxctl_seamcall_regs regs = { .r9 = host->bring_up.features };
	enum tdxctl_leaf leaf = regs.r9 ? TDXCTL_LEAF_SYS_UPDATE_V1 : TDXCTL_LEAF_SYS_UPDATE;
	struct apply *apply = context;

	return tdxctl_succeeded(&apply->failure, TDXCTL_STEP_UPDATE, lp,
				tdxctl_module_call(host, leaf, &regs));
}

/*
 * The Extensions' memory outlives an update, their initialisation does not. This
 * may take long, so the LPs run; and nobody could go on with it, so no signal ends it.
 */
static bool init_extensions(struct tdxctl_host *host, u32 nth, void *context)
{
	static const enum tdxctl_leaf leaves[] = {
		TDXCTL_LEAF_EXT_INIT,
		TDXCTL_LEAF_QUOTE_INIT,
	};
	u64 end = host->ops->now_ns(host) + EXTENSIONS_MAX_NS;
	u32 nr = host->bring_up.features & TDX_FEATURES0_QUOTE ? 2 : 1;
	struct apply *apply = context;
	u64 status;
	u32 i;

	for (i = 0; i < nr; i++) {
		do {
			struct tdxctl_seamcall_regs regs = { };

			status = tdxctl_patient_call(host, leaves[i], &regs);
			host->ops->signal_pending(host);	/* others may have this LP */
		} while (tdx_status_is(status, TDX_INTERRUPTED_RESUMABLE) &&
			 host->ops->now_ns(host) < end);
		if (!tdxctl_succeeded(&apply->failure, TDXCTL_STEP_EXTENSIONS, nth, status))
			return false;
	}
	return true;
}

/* SEAMLDR_INFO; false with *@ret, or with the status in @arg. */
static bool ask_seamldr(struct tdxctl_host *host, struct tdx_seamldr_info *info,
			struct tdxctl_apply *arg, int *ret)
{
	struct tdxctl_seamldr_info answer = { };

	*ret = tdxctl_seamldr_info(host, &answer);
	memcpy(info, answer.info, sizeof(*info));
	if (!*ret && answer.status) {
		arg->failed_step = TDXCTL_STEP_INFO;
		arg->status = answer.status;
	}
	return !*ret && !answer.status;
}

/* An open session blocks the module that is there; a module that was lost is not. */
static bool is_session_open(const struct tdx_seamldr_info *info)
{
	return !info->seam_ready && info->seamextend_valid;
}

/*
 * Ask what there is now. A status of the step that failed would not do: a failure
 * of the instruction says nothing about what went on behind it.
 */
static void find_module(struct tdxctl_host *host, const struct tdx_seamldr_info *before,
			struct tdxctl_apply *arg)
{
	struct tdxctl_seamldr_info answer = { };
	struct tdx_seamldr_info now;
	int ret = tdxctl_seamldr_info(host, &answer);

	arg->module = TDXCTL_MODULE_UNKNOWN;
	if (ret == -EIO)
		arg->vmcs_lost++;
	else if (ret)
		return;
	if (answer.status)
		return;
	memcpy(&now, answer.info, sizeof(now));
	arg->replaced = memcmp(now.mrseam, before->mrseam, sizeof(now.mrseam)) ||
			now.updates_left != before->updates_left;
	if (now.seam_ready)
		arg->module = tdxctl_module_presence(host);
	else if (is_session_open(&now) && !arg->replaced)
		arg->module = TDXCTL_MODULE_UNFINISHED;
	else
		arg->module = TDXCTL_MODULE_NONE;
}

static void set_scenario(struct tdxctl_host *host, bool load)
{
	struct tdx_seamldr_params *params = host->image.params.va;

	if (params)
		params->scenario = load ? TDX_SEAMLDR_SCENARIO_LOAD : TDX_SEAMLDR_SCENARIO_UPDATE;
}

int tdxctl_apply(struct tdxctl_host *host, struct tdxctl_apply *arg)
{
	struct tdxctl_stopped_step steps[] = {
		{ .lps = TDXCTL_ONE_LP, .run = shut_down },
		{ .lps = TDXCTL_EACH_LP_IN_TURN, .run = install },
		{ .lps = TDXCTL_ONE_LP, .run = init },
		{ .lps = TDXCTL_ALL_LPS_AT_ONCE, .run = lp_init },
		{ .lps = TDXCTL_ONE_LP, .run = update },
	};
	struct apply apply = { .arg = arg, .params_pa = host->image.params.pa };
	u32 first = arg->first_step ? arg->first_step : TDXCTL_STEP_SHUTDOWN;
	bool load = first == TDXCTL_STEP_LOAD;
	u32 last = load ? TDXCTL_STEP_INSTALL : TDXCTL_STEP_UPDATE;
	struct tdx_seamldr_info before;
	u32 step;
	int ret;

	if (host->bring_up.step != TDXCTL_BRING_UP_NONE)
		return -EINPROGRESS;
	if (load)
		first = TDXCTL_STEP_INSTALL;
	if (first > TDXCTL_STEP_INIT)
		return -EOPNOTSUPP;
	if (first <= TDXCTL_STEP_INSTALL && !host->image.nr_pages)
		return -ENODATA;
	*arg = (struct tdxctl_apply) { .size = arg->size, .first_step = arg->first_step };
	if (!ask_seamldr(host, &before, arg, &ret))
		return ret;
	if (load && before.seam_ready)
		return -EALREADY;

	set_scenario(host, load);
	apply.save_vmcs = tdxctl_seamret_vmcs(host) == TDXCTL_SEAMRET_SAVE;
	/* Without a module nothing shows that a session is open. */
	apply.session_open = load || is_session_open(&before);
	if (!host->ops->stop_lps(host, &steps[first - TDXCTL_STEP_SHUTDOWN], last - first + 1,
				 &apply))
		return -EAGAIN;
	for (step = first; step <= last; step++) {
		arg->step_ns[step] = steps[step - TDXCTL_STEP_SHUTDOWN].ns;
		arg->stopped_ns += arg->step_ns[step];
	}
	if (!apply.failure.failed && !load && host->bring_up.extensions)
		arg->step_ns[TDXCTL_STEP_EXTENSIONS] =
			host->ops->on_lps(host, TDXCTL_ONE_LP, init_extensions, &apply);
	arg->failed_step = apply.failure.step;
	arg->failed_lp = apply.failure.at;
	arg->status = apply.failure.status;
	find_module(host, &before, arg);
	return 0;
}
