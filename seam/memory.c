// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Physical addresses: KeyID bits, the test for a valid shared address, and
 * reaching the host's memory.
 */
#include "machine.h"

static u64 strip_hkid(const struct keyids *keyids, u64 pa)
{
	return pa & (BIT_ULL(keyids->shift) - 1);
}

static u32 hkid(const struct keyids *keyids, u64 pa)
{
	return (u32)((pa & (PA_LIMIT - 1)) >> keyids->shift);
}

u32 seam_hkid(const struct seam_machine *m, u64 pa)
{
	return hkid(&m->keyids, pa);
}

bool seam_is_private_hkid(const struct seam_machine *m, u64 hkid)
{
	return hkid >= m->keyids.first_private && hkid <= m->keyids.last_private;
}

/*
 * Whether @pa may be given to SEAM software as the address of @size bytes (a power
 * of two, and the alignment) of ordinary memory.
 */
bool seam_shared_pa_ok(const struct call *c, u64 pa, u64 size)
{
	const struct seam_range *seamrr = &c->m->profile.seamrr;
	u64 base = strip_hkid(c->keyids, pa);

	if (pa & (size - 1) || pa >= PA_LIMIT)
		return false;
	if (base < seamrr->base + seamrr->size && seamrr->base < base + size)
		return false;
	return hkid(c->keyids, pa) < c->keyids->first_private;
}

void seam_mem_read(const struct call *c, u64 pa, void *buf, u32 len)
{
	if (!c->cb->read(c->cb->ctx, strip_hkid(c->keyids, pa), buf, len))
		seam_zero(buf, len);
}

/* Where there is no memory, what is written is lost. */
void seam_mem_write(const struct call *c, u64 pa, const void *buf, u32 len)
{
	(void)c->cb->write(c->cb->ctx, strip_hkid(c->keyids, pa), buf, len);
}

void seam_mem_zero(const struct call *c, u64 pa, u32 len)
{
	u8 zeros[64] = { 0 };
	u32 at;

	for (at = 0; at < len; at += sizeof(zeros))
		seam_mem_write(c, pa + at, zeros, sizeof(zeros));
}
