// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * TDH.SYS.RD and TDH.SYS.RDALL: global metadata by field id.
 *
 * Elements are found by class and field code; the size, increment, write mask
 * and context bits of an id that the host gives do not matter.
 */
#include "fields.h"
#include "machine.h"

#define NULL_ID			(~0ull)
#define ID_CONTEXT		(7ull << 52)
#define ID_LAST_ELEMENT_SHIFT	34
#define ID_LAST_FIELD_SHIFT	38
#define ID_LAST_PARTS		0x1fffull	/* from bit 34 */
/* Reserved bits, and those that make the id one of a sequence. */
#define ID_NOT_ONE_ELEMENT						\
	(0xffull << 24 | ID_LAST_PARTS << ID_LAST_ELEMENT_SHIFT |	\
	 7ull << 47 | 1ull << 55 | 1ull << 62)

static u32 id_class(u64 id)
{
	return id >> 56 & 0x3f;
}

static u32 id_code(u64 id)
{
	return id & 0xffffff;
}

static u32 id_bytes(u64 id)
{
	return 1u << (id >> 32 & 3);
}

static bool field_exists(const struct seam_module_release *release, const struct field *f)
{
	u32 since = release->major == 1 ? f->since_1_5 : f->since_2_0;
	bool later_line = release->minor > (release->major == 1 ? 5 : 0);

	if (f->feature != NO_FEATURE)
		return release->features0 >> f->feature & 1;
	return since != NEVER && (later_line || release->update >= since);
}

static u32 nr_elements(const struct field *f)
{
	return (u32)f->fields * f->elements;
}

/* The row that @id lies in, or NULL. */
static const struct field *find_field(const struct seam_machine *m, u64 id)
{
	const struct field *f;

	for (f = seam_fields; f < seam_fields + seam_nr_fields; f++) {
		if (id_class(f->id) == id_class(id) && id_code(id) >= id_code(f->id) &&
		    id_code(id) - id_code(f->id) < nr_elements(f) &&
		    field_exists(&m->release, f))
			return f;
	}
	return NULL;
}

/* The row after @f, or NULL. */
static const struct field *next_field(const struct seam_machine *m, const struct field *f)
{
	while (++f < seam_fields + seam_nr_fields) {
		if (field_exists(&m->release, f))
			return f;
	}
	return NULL;
}

/* The id @step elements after @id, which lies in @f. */
static u64 next_id(const struct seam_machine *m, const struct field *f, u64 id, u32 step)
{
	if (id_code(id) - id_code(f->id) + step < nr_elements(f))
		return id + step;
	f = next_field(m, f);
	return f ? f->id : NULL_ID;
}

static u64 range_member(const struct seam_range *ranges, u32 nr, u32 i, bool size)
{
	if (i >= nr)
		return 0;
	return size ? ranges[i].size : ranges[i].base;
}

static u64 release_member(const struct seam_module_release *release, const struct field *f)
{
	u64 value = 0;

	seam_copy(&value, (const u8 *)release + f->value, id_bytes(f->id));
	return value;
}

static u64 cpuid_config_leaf(u32 i)
{
	const struct cpuid_rule *rule;

	if (i >= NR_CPUID_CONFIGS)
		return ~0ull;
	rule = &seam_cpuid_rules[seam_cpuid_configs[i].rule];
	return (u64)rule->subleaf << 32 | rule->leaf;
}

static bool is_unused_cpuid_config(const struct field *f, u64 id)
{
	return f->source == FROM_CPUID_VALUES &&
	       id_code(id) - id_code(f->id) >= 2 * NR_CPUID_CONFIGS;
}

/* Half @i & 1 (EAX and EBX, or ECX and EDX) of what can be configured of a leaf. */
static u64 cpuid_config_value(const struct seam_machine *m, u32 i)
{
	const struct cpuid_config *config;
	u32 reg = i & 1 ? SEAM_ECX : SEAM_EAX;
	const u32 *native;

	if (i / 2 >= NR_CPUID_CONFIGS)
		return 0;
	config = &seam_cpuid_configs[i / 2];
	native = m->module.cpuid[config->rule];
	return (config->direct[reg] | (config->native[reg] & native[reg])) |
	       (u64)(config->direct[reg + 1] | (config->native[reg + 1] & native[reg + 1])) << 32;
}

/* Element @i of field @f. */
static u64 element_value(const struct seam_machine *m, const struct field *f, u32 i)
{
	const struct seam_profile *p = &m->profile;

	switch ((enum field_source)f->source) {
	case FROM_CONSTANT:
		return f->value;
	case FROM_RELEASE:
		return release_member(&m->release, f);
	case FROM_NUM_PACKAGES:
		return p->packages;
	case FROM_FMS:
		return i < p->packages ? p->fms[i] : 0;
	case FROM_CMR_BASE:
		return range_member(p->cmrs, p->nr_cmrs, i, false);
	case FROM_CMR_SIZE:
		return range_member(p->cmrs, p->nr_cmrs, i, true);
	case FROM_HANDOFF_PAGES:
		return m->module.sysinfo.handoff_pages;
	case FROM_HANDOFF_VALID:
		return load_relaxed(m->handoff.valid);
	case FROM_HANDOFF_VERSION:
		return load_relaxed(m->handoff.version);
	case FROM_HANDOFF_SIZE:
		return load_relaxed(m->handoff.size);
	case FROM_XFAM_FIXED0:
		return f->value & m->module.xfam;
	case FROM_CPUID_LEAVES:
		return cpuid_config_leaf(i);
	case FROM_CPUID_VALUES:
		return cpuid_config_value(m, i);
	case FROM_NUM_ALLOWED_FMS:
		return 1;
	case FROM_ALLOWED_FMS:
		return i ? 0 : p->fms[0];
	case FROM_EXT_REQUIRED:
		return seam_ext_required(m);
	case FROM_EXT_PAGES:
		return seam_ext_pages(m);
	case FROM_QUOTE_SIZE:
		return load_relaxed(m->module.quote_initialised) ? f->value : 0;
	}
	return 0;
}

/* The value of the element as its size shows it. */
static u64 read_element(const struct seam_machine *m, const struct field *f, u64 id)
{
	u64 value = element_value(m, f, id_code(id) - id_code(f->id));
	u32 bits = 8 * id_bytes(f->id);

	return bits == 64 ? value : value & ((1ull << bits) - 1);
}

u64 seam_metadata(const struct seam_machine *m, u64 id, u32 i)
{
	const struct field *f = find_field(m, id);

	return f ? read_element(m, f, f->id + i) : 0;
}

u64 seam_sys_rd(struct call *c)
{
	struct seam_machine *m = c->m;
	u64 id = c->regs->rdx & ~ID_CONTEXT;
	const struct field *f;

	c->regs->rdx = NULL_ID;
	c->regs->r8 = 0;
	if (!this_lp(c)->initialised)
		return TDX_SYS_LP_INIT_NOT_DONE;
	if (id == (NULL_ID & ~ID_CONTEXT)) {
		c->regs->rdx = seam_fields[0].id;
		return TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT;
	}
	if (id & ID_NOT_ONE_ELEMENT)
		return TDX_METADATA_FIELD_ID_INCORRECT;
	f = find_field(m, id);
	if (!f)
		return TDX_METADATA_FIELD_ID_INCORRECT;
	c->regs->rdx = next_id(m, f, id, 1);
	c->regs->r8 = read_element(m, f, id);
	return TDX_SUCCESS;
}

/* A list page being filled. */
struct list {
	u64 pa;
	u32 used;		/* bytes, header included */
	u32 nr_sequences;
};

static bool list_has_room(const struct list *list, u32 bytes)
{
	return list->used + bytes <= PAGE_4K;
}

/*
 * Append one sequence that starts at @id in @f: fields that follow on and are
 * of the same form, as long as they fit. Returns the id that comes next, and
 * its row in *@f; sets *@full when the page ended the sequence.
 */
static u64 append_sequence(struct call *c, struct list *list, const struct field **f, u64 id,
			   bool *full)
{
	const u32 elements = (*f)->elements;
	u64 value, header = id, next;
	u32 nr_fields = 0, at = list->used, i;

	*full = true;
	list->used += 8;
	while (list_has_room(list, 8 * elements)) {
		for (i = 0; i < elements; i++, list->used += 8) {
			/* Of a CPUID configuration that is not used, one half is left alone. */
			if (i && is_unused_cpuid_config(*f, id + i))
				continue;
			value = read_element(c->m, *f, id + i);
			seam_mem_write(c, list->pa + list->used, &value, 8);
		}
		nr_fields++;
		next = next_id(c->m, *f, id, elements);
		if (id_code(next) - id_code((*f)->id) >= nr_elements(*f) ||
		    id_class(next) != id_class(id))
			*f = next_field(c->m, *f);
		if (next == NULL_ID || id_class(next) != id_class(id) ||
		    id_code(next) != id_code(id) + elements || (*f)->elements != elements ||
		    id_bytes(next) != id_bytes(id)) {
			id = next;
			*full = false;
			break;
		}
		id = next;
	}
	header |= (u64)(elements - 1) << ID_LAST_ELEMENT_SHIFT |
		  (u64)(nr_fields - 1) << ID_LAST_FIELD_SHIFT;
	seam_mem_write(c, list->pa + at, &header, 8);
	list->nr_sequences++;
	return id;
}

u64 seam_sys_rdall(struct call *c)
{
	struct list list = { .pa = c->regs->rdx, .used = 8 };
	u64 id = c->regs->r8 & ~ID_CONTEXT;
	const struct field *f;
	bool full = false;
	u64 header;

	c->regs->r8 = NULL_ID;
	if (!this_lp(c)->initialised)
		return TDX_SYS_LP_INIT_NOT_DONE;
	if (!seam_shared_pa_ok(c, list.pa, PAGE_4K))
		return TDX_OPERAND_INVALID | OPERAND_RDX;
	if (id == (NULL_ID & ~ID_CONTEXT))
		id = seam_fields[0].id;
	if (id & ID_NOT_ONE_ELEMENT)
		return TDX_METADATA_FIELD_ID_INCORRECT;
	f = find_field(c->m, id);
	if (!f || id_bytes(f->id) != id_bytes(id) ||
	    (id_code(id) - id_code(f->id)) % f->elements)
		return TDX_METADATA_FIELD_ID_INCORRECT;
	id = f->id + (id_code(id) - id_code(f->id));

	while (!full && id != NULL_ID && list_has_room(&list, 8 + 8 * f->elements))
		id = append_sequence(c, &list, &f, id, &full);
	header = list.used | (u64)list.nr_sequences << 16;
	seam_mem_write(c, list.pa, &header, 8);
	c->regs->r8 = id;
	return id == NULL_ID ? TDX_SUCCESS : TDX_METADATA_LIST_OVERFLOW;
}
