/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* The few words that kmod/logic takes from its home, the kernel or a process. */
#ifndef TDXCTL_LOGIC_TYPES_H
#define TDXCTL_LOGIC_TYPES_H

#ifdef __KERNEL__
#include <linux/atomic.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef __UINT8_TYPE__ u8;
typedef __UINT16_TYPE__ u16;
typedef __UINT32_TYPE__ u32;
typedef __UINT64_TYPE__ u64;

#ifndef __cplusplus
#define cmpxchg(at, from, to) __sync_val_compare_and_swap(at, from, to)
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#endif
#endif

#endif
