// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What a libc would give. */
#include "machine.h"

void seam_zero(void *p, size_t len)
{
	u8 *b = p;

	while (len--)
		*b++ = 0;
}

void seam_copy(void *to, const void *from, size_t len)
{
	u8 *t = to;
	const u8 *f = from;

	while (len--)
		*t++ = *f++;
}

bool seam_same(const void *a, const void *b, size_t len)
{
	const u8 *x = a, *y = b;

	while (len--)
		if (*x++ != *y++)
			return false;
	return true;
}
