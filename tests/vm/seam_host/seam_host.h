/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A test-only module that makes a machine without TDX answer SEAMCALL, VMPTRST
 * and VMPTRLD in kernel mode, and the helper's RDMSR, from the model in seam/.
 * Load it before tdxctl.ko, as the hardware is there before the driver.
 */
#ifndef SEAM_HOST_H
#define SEAM_HOST_H

#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/notifier.h>

#include "../../../seam/seam.h"

extern struct seam_machine *seam_host_machine;
extern const struct seam_callbacks seam_host_callbacks;

/* Replace the armed faults by what @text says, as in seam/fault.h. */
int seam_host_arm_faults(const char *text);

/*
 * crypto.c: callbacks of the model, and a key for which anybody can sign unless
 * the parameter trusted_key names a real one.
 */
void seam_host_hash_start(void *ctx);
void seam_host_hash_add(void *ctx, const void *data, u32 bytes);
void seam_host_hash_end(void *ctx, u8 *digest);
bool seam_host_rsa_verify(void *ctx, const u8 *modulus, const u8 *signature, const u8 *digest);
void seam_host_trust_key(struct seam_profile *profile);
extern const struct file_operations seam_host_hashes_fops;

/* insn.c: the instructions. */
int seam_host_insn_init(void);
void seam_host_insn_exit(void);

/* msr.c: the helper's RDMSR. */
int seam_host_msr_init(void);
void seam_host_msr_exit(void);

/* bare_loop.c: what a SEAMCALL costs by itself. */
void seam_host_bare_loop_init(struct dentry *directory);

/* machine_file.c: machines that a test program owns. */
extern const struct file_operations seam_host_machine_fops;

/* readout.c: what tests see and set, below /sys/kernel/debug/seam_host. */
void seam_host_readout_init(void);
void seam_host_readout_exit(void);

#endif
