// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* TDH.SYS.INIT. What it checks of the platform is in sys_init_checks.c. */
#include "lock.h"
#include "machine.h"

#define SEAMOPS_TD_PRESERVING	(BIT_ULL(4) | BIT_ULL(5))

/* Bytes that the release hands to its successor, without the header. */
#define HANDOFF_BYTES_V0	53386
#define HANDOFF_BYTES_V1	(HANDOFF_BYTES_V0 + 12)
#define HANDOFF_BYTES_CONNECT	48424	/* more in the 2.0 line up to 2.0.12 */

u32 seam_handoff_bytes(const struct seam_module_release *release, u32 version)
{
	u32 bytes = version ? HANDOFF_BYTES_V1 : HANDOFF_BYTES_V0;

	if (release->major == 2 && release->minor == 0 && release->update <= 12)
		return bytes + HANDOFF_BYTES_CONNECT;
	/* Later sizes are those of the whole structure, padded to pages. */
	if (release->major == 2)
		return ((bytes + HANDOFF_HEADER_BYTES + 0xfff) & ~0xfffu) - HANDOFF_HEADER_BYTES;
	return bytes;
}

/* What the P-SEAMLDR took from the sigstruct, against what was compiled in. */
static bool sigstruct_ok(const struct seam_machine *m)
{
	const struct seam_sysinfo *told = &m->sysinfo;
	const struct seam_module_release *built = &m->release;
	u64 bytes = seam_handoff_bytes(built, built->module_hv) + HANDOFF_HEADER_BYTES;

	return told->module_hv == built->module_hv &&
	       told->min_update_hv >= built->min_update_hv &&
	       (told->no_downgrade || !built->no_downgrade) &&
	       (told->handoff_pages + 1) * PAGE_4K >= bytes;
}

static u64 sys_init_locked(struct call *c, u64 attributes)
{
	struct seam_machine *m = c->m;
	struct module *module = &m->module;
	u64 status;

	if (attributes)
		return TDX_OPERAND_INVALID | OPERAND_RCX;
	if (sys_state(m) != SYS_INIT_PENDING)
		return TDX_SYS_INIT_NOT_PENDING;
	status = seam_check_platform(c);
	if (status)
		return status;
	module->seamops = seam_seamops(m, c->lp);
	if ((module->seamops & SEAMOPS_TD_PRESERVING) != SEAMOPS_TD_PRESERVING)
		return TDX_INCOMPATIBLE_SEAM_CAPABILITIES;
	module->sysinfo = m->sysinfo;
	if (!sigstruct_ok(m))
		return TDX_SYS_INCOMPATIBLE_SIGSTRUCT;
	if (!seam_rdrand(m))
		return TDX_RND_NO_ENTROPY;
	module->lps_initialised = 0;
	module->packages_configured = 0;
	module->package_bitmap = 0;
	set_sys_state(m, SYS_INIT_DONE);
	return TDX_SUCCESS;
}

u64 seam_sys_init(struct call *c, u32 version)
{
	struct seam_regs *r = c->regs;
	u64 attributes = r->rcx, status;

	if (version > 1)
		return TDX_OPERAND_INVALID | OPERAND_RAX;
	r->rcx = 0;
	r->rdx = 0;
	r->r8 = 0;
	r->r9 = 0;
	r->r10 = 0;
	if (!try_exclusive(&c->m->module_lock))
		return TDX_SYS_BUSY;
	status = sys_init_locked(c, attributes);
	release_exclusive(&c->m->module_lock);
	return status;
}
