// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Faults on demand, and the text form that the user writes. */
#include "machine.h"

struct text {
	const char *start;
	const char *at;
	const char *end;
};

static void skip_blanks(struct text *t)
{
	while (t->at < t->end && (*t->at == ' ' || *t->at == '\t' || *t->at == '\r'))
		t->at++;
}

static bool at_fault_end(const struct text *t)
{
	return t->at == t->end || *t->at == ';' || *t->at == '\n';
}

/* Take @word if it comes next. */
static bool take(struct text *t, const char *word)
{
	const char *p = t->at;

	while (*word) {
		if (p == t->end || *p++ != *word++)
			return false;
	}
	t->at = p;
	return true;
}

static int digit(char ch, u32 base)
{
	int value = ch >= '0' && ch <= '9' ? ch - '0' :
		    ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 :
		    ch >= 'A' && ch <= 'F' ? ch - 'A' + 10 : 16;

	return (u32)value < base ? value : -1;
}

static bool take_number(struct text *t, u64 max, u64 *number)
{
	u32 base = take(t, "0x") ? 16 : 10;
	const char *first = t->at;
	u64 value = 0;
	int d;

	for (; t->at < t->end && (d = digit(*t->at, base)) >= 0; t->at++) {
		if (value > (max - (u64)d) / base)
			return false;
		value = value * base + (u64)d;
	}
	*number = value;
	return t->at > first;
}

static bool take_outcome(struct text *t, u8 *outcome)
{
	static const struct {
		const char *word;
		u8 outcome;
	} words[] = {
		{ "vmfailinvalid", SEAM_VMFAIL_INVALID },
		{ "ud", SEAM_UD },
		{ "gp", SEAM_GP },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (take(t, words[i].word)) {
			*outcome = words[i].outcome;
			return true;
		}
	}
	return false;
}

/* Which members a fault has had. */
struct seen {
	bool leaf, answer, lp, nth, count;
};

static const char *parse_member(struct text *t, struct seam_fault *fault, struct seen *seen)
{
	bool *twice;
	bool good = true;
	u64 number = 0;

	if (take(t, "seamcall=") || take(t, "seamldr=")) {
		twice = &seen->leaf;
		fault->seamldr = t->at[-2] == 'r';
		good = take_number(t, 0xffff, &number);
		fault->leaf = (u16)number;
	} else if (take(t, "status=")) {
		twice = &seen->answer;
		good = take_number(t, ~0ull, &number);
		fault->status = number;
	} else if (take(t, "outcome=")) {
		twice = &seen->answer;
		if (!take_outcome(t, &fault->outcome))
			return "the outcome of a fault is vmfailinvalid, ud or gp";
	} else if (take(t, "lp=")) {
		twice = &seen->lp;
		if (!take(t, "*")) {
			good = take_number(t, SEAM_MAX_LPS - 1, &number);
			fault->lp = (u32)number;
		}
	} else if (take(t, "nth=")) {
		twice = &seen->nth;
		good = take_number(t, 0xffffffff, &number) && number;
		fault->nth = (u32)number;
	} else if (take(t, "count=")) {
		twice = &seen->count;
		good = take_number(t, 0xffffffff, &number);
		fault->count = (u32)number;
	} else {
		return "a fault has no such member";
	}
	if (!good)
		return "a number in a fault is missing, malformed or too large";
	if (*twice)
		return "a fault says the same thing twice";
	*twice = true;
	return NULL;
}

static const char *parse_fault(struct text *t, struct seam_fault *fault)
{
	struct seen seen = { 0 };
	const char *wrong;

	seam_zero(fault, sizeof(*fault));
	fault->lp = SEAM_FAULT_ANY_LP;
	fault->nth = 1;
	fault->count = 1;
	for (;;) {
		skip_blanks(t);
		wrong = parse_member(t, fault, &seen);
		if (wrong)
			return wrong;
		skip_blanks(t);
		if (at_fault_end(t))
			break;
		if (!take(t, ","))
			return "the members of a fault are separated by commas";
	}
	if (!seen.leaf)
		return "a fault needs seamcall= or seamldr=";
	if (!seen.answer)
		return "a fault needs status= or outcome=";
	return NULL;
}

static void skip_comment(struct text *t)
{
	while (t->at < t->end && *t->at != '\n')
		t->at++;
}

const char *seam_faults_parse(const char *text, size_t len, struct seam_faults *faults,
			      size_t *at)
{
	struct text t = { text, text, text + len };
	struct seam_fault fault;
	const char *wrong;
	u32 pass, nr = 0;

	/* The first pass only looks, so that bad text changes nothing. */
	for (pass = 0; pass < 2; pass++) {
		t.at = t.start;
		nr = 0;
		while (t.at < t.end) {
			skip_blanks(&t);
			if (t.at < t.end && *t.at == '#')
				skip_comment(&t);
			if (at_fault_end(&t)) {
				t.at += t.at < t.end;
				continue;
			}
			*at = (size_t)(t.at - t.start);
			wrong = nr == SEAM_MAX_FAULTS ? "too many faults" : parse_fault(&t, &fault);
			if (wrong)
				return wrong;
			if (pass)
				seam_copy(&faults->fault[nr], &fault, sizeof(fault));
			nr++;
		}
	}
	faults->nr = nr;
	faults->reserved = 0;
	seam_zero(&faults->fault[nr], (SEAM_MAX_FAULTS - nr) * sizeof(fault));
	return NULL;
}

void seam_set_faults(struct seam_machine *m, const struct seam_faults *faults)
{
	if (faults)
		seam_copy(&m->faults, faults, sizeof(m->faults));
	else
		seam_zero(&m->faults, sizeof(m->faults));
}

const struct seam_faults *seam_faults_of(const struct seam_machine *m)
{
	return &m->faults;
}

const struct seam_fault *seam_find_fault(struct seam_machine *m, u32 lp, u64 rax)
{
	struct seam_fault *fault;
	u32 i, call;

	for (i = 0; i < m->faults.nr; i++) {
		fault = &m->faults.fault[i];
		if (fault->leaf != (u16)rax || fault->seamldr != rax >> 63 ||
		    (fault->lp != SEAM_FAULT_ANY_LP && fault->lp != lp))
			continue;
		call = __atomic_add_fetch(&fault->calls, 1, __ATOMIC_RELAXED);
		if (call >= fault->nth && (!fault->count || call - fault->nth < fault->count))
			return fault;
	}
	return NULL;
}
