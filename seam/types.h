/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Fixed-width types for code that is compiled both into the kernel and into
 * user space, without a libc.
 */
#ifndef SEAM_TYPES_H
#define SEAM_TYPES_H

#ifdef __KERNEL__
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#ifndef __cplusplus
#define static_assert _Static_assert
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define BIT_ULL(n) (1ull << (n))
#endif
#endif

#endif
