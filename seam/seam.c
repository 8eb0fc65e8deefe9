// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The SEAMCALL instruction, and the machine around it. */
#include "lock.h"
#include "machine.h"

#define MACHINE_MAGIC	0x0001454d41455354ull	/* changes with the layout */

size_t seam_machine_bytes(u32 lps)
{
	return sizeof(struct seam_machine) + lps * sizeof(struct lp);
}

void seam_init(struct seam_machine *m, const struct seam_profile *profile)
{
	m->magic = MACHINE_MAGIC;
	m->bytes = seam_machine_bytes(profile->lps);
	seam_copy(&m->profile, profile, sizeof(*profile));
	seam_boot_machine(m);
}

bool seam_is_machine(const struct seam_machine *m, size_t bytes)
{
	return bytes >= sizeof(*m) && m->magic == MACHINE_MAGIC && m->bytes <= bytes &&
	       !seam_profile_check(&m->profile) &&
	       m->bytes == seam_machine_bytes(m->profile.lps);
}

const struct seam_td_population *seam_tds(const struct seam_machine *m)
{
	return &m->tds;
}

const struct seam_profile *seam_profile_of(const struct seam_machine *m)
{
	return &m->profile;
}

static void take_time(const struct call *c, u64 rax)
{
	const struct seam_profile *p = &c->m->profile;
	u64 ns = p->default_ns;
	u32 i;

	if (!c->cb->delay)
		return;
	for (i = 0; i < p->nr_latencies; i++) {
		if (p->latencies[i].leaf == (u16)rax && p->latencies[i].seamldr == rax >> 63) {
			ns = p->latencies[i].ns;
			break;
		}
	}
	c->cb->delay(c->cb->ctx, ns + c->ns);
}

static enum seam_outcome call_module(struct call *c)
{
	if (!__atomic_load_n(&c->m->loader.seamextend.seam_ready, __ATOMIC_ACQUIRE))
		return SEAM_VMFAIL_INVALID;
	this_lp(c)->seamcalls++;
	seam_module_call(c);
	if (c->fatal) {
		/* The module shuts the SEAM side down until the next reset. */
		set_seam_ready(c->m, 0);
		return SEAM_VMFAIL_INVALID;
	}
	return SEAM_RETURNED;
}

static enum seam_outcome call_loader(struct call *c)
{
	struct loader *loader = &c->m->loader;
	enum seam_outcome outcome = SEAM_VMFAIL_INVALID;

	if (!try_exclusive(&loader->lock))
		return SEAM_VMFAIL_INVALID;
	if (loader->seamextend.p_seam_ready) {
		this_lp(c)->seamldr_calls++;
		seam_loader_call(c);
		if (!c->m->profile.seamret_keeps_vmcs)
			this_lp(c)->current_vmcs = SEAM_NO_VMCS;
		outcome = SEAM_RETURNED;
	}
	release_exclusive(&loader->lock);
	return outcome;
}

enum seam_outcome seam_call(struct seam_machine *m, const struct seam_callbacks *cb,
			    u32 lp, struct seam_regs *regs)
{
	struct call call = { .m = m, .cb = cb, .lp = lp, .regs = regs };
	const struct seam_fault *fault = seam_find_fault(m, lp, regs->rax);
	const u64 rax = regs->rax;
	enum seam_outcome outcome;

	if (fault) {
		if (fault->outcome == SEAM_RETURNED)
			regs->rax = fault->status;
		return fault->outcome;
	}
	if (!this_lp(&call)->vmx_on)
		return SEAM_UD;
	if (m->profile.boot == SEAM_BOOT_NO_SEAM)
		return SEAM_GP;
	call.keyids = rax >> 63 ? &m->boot_keyids : &m->keyids;
	outcome = rax >> 63 ? call_loader(&call) : call_module(&call);
	if (outcome == SEAM_RETURNED)
		take_time(&call, rax);
	return outcome;
}

enum seam_outcome seam_vmptrst(struct seam_machine *m, u32 lp, u64 *pa)
{
	m->lp[lp].vmptrst++;
	if (!m->lp[lp].vmx_on)
		return SEAM_UD;
	*pa = m->lp[lp].current_vmcs;
	return SEAM_RETURNED;
}

enum seam_outcome seam_vmptrld(struct seam_machine *m, u32 lp, u64 pa)
{
	m->lp[lp].vmptrld++;
	if (!m->lp[lp].vmx_on)
		return SEAM_UD;
	if (pa & (PAGE_4K - 1) || pa >= PA_LIMIT)
		return SEAM_VMFAIL_INVALID;
	m->lp[lp].current_vmcs = pa;
	return SEAM_RETURNED;
}

void seam_lp_stats(const struct seam_machine *m, u32 lp, struct seam_lp_stats *stats)
{
	stats->seamcalls = m->lp[lp].seamcalls;
	stats->seamldr_calls = m->lp[lp].seamldr_calls;
	stats->vmptrst = m->lp[lp].vmptrst;
	stats->vmptrld = m->lp[lp].vmptrld;
	stats->current_vmcs = m->lp[lp].current_vmcs;
}
