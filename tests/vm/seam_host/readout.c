// SPDX-License-Identifier: GPL-2.0-only
/*
 * For tests, below /sys/kernel/debug/seam_host:
 *
 *   lps       a line for each LP: "lp N seamcalls N seamldr_calls N vmptrst N
 *             vmptrld N current_vmcs 0x..."; all ones means that there is none
 *   vmptrld   write "LP ADDRESS": that LP executes VMPTRLD
 *   faults    write faults as in seam/fault.h: they replace those armed before
 *   tds       the TDs that there are: "tds N building N migrations N pages N"
 *   seamcall  write "LP RAX": that LP makes this SEAMCALL, the other registers 0;
 *             EIO when it does not succeed
 *   hashes    write what real cryptography says, see machine_file.h
 *   machine   another machine for each who opens it, see machine_file.h
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "seam_host.h"

#define MAX_TEXT_BYTES 4096

static struct dentry *directory;

static int lps_show(struct seq_file *file, void *unused)
{
	u32 lps = seam_profile_of(seam_host_machine)->lps;
	struct seam_lp_stats stats;
	u32 lp;

	for (lp = 0; lp < lps; lp++) {
		seam_lp_stats(seam_host_machine, lp, &stats);
		seq_printf(file, "lp %u seamcalls %llu seamldr_calls %llu ", lp,
			   stats.seamcalls, stats.seamldr_calls);
		seq_printf(file, "vmptrst %llu vmptrld %llu current_vmcs %#llx\n",
			   stats.vmptrst, stats.vmptrld, stats.current_vmcs);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(lps);

struct vmptrld {
	u64 pa;
	enum seam_outcome outcome;
};

static void execute_vmptrld(void *data)
{
	struct vmptrld *vmptrld = data;

	vmptrld->outcome = seam_vmptrld(seam_host_machine, smp_processor_id(), vmptrld->pa);
}

static ssize_t vmptrld_write(struct file *file, const char __user *user, size_t bytes,
			     loff_t *at)
{
	struct vmptrld vmptrld;
	char text[64] = "";
	int ret;
	u32 lp;

	if (bytes >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, user, bytes))
		return -EFAULT;
	if (sscanf(text, "%u %llx", &lp, &vmptrld.pa) != 2)
		return -EINVAL;
	ret = smp_call_function_single(lp, execute_vmptrld, &vmptrld, true);
	if (ret)
		return ret;
	return vmptrld.outcome == SEAM_RETURNED ? bytes : -EIO;
}

static const struct file_operations vmptrld_fops = {
	.owner = THIS_MODULE,
	.write = vmptrld_write,
};

static ssize_t faults_write(struct file *file, const char __user *user, size_t bytes,
			    loff_t *at)
{
	char *text;
	int ret;

	if (bytes > MAX_TEXT_BYTES)
		return -E2BIG;
	text = memdup_user_nul(user, bytes);
	if (IS_ERR(text))
		return PTR_ERR(text);
	ret = seam_host_arm_faults(text);
	kfree(text);
	return ret ?: bytes;
}

static const struct file_operations faults_fops = {
	.owner = THIS_MODULE,
	.write = faults_write,
};

static int tds_show(struct seq_file *file, void *unused)
{
	const struct seam_td_population *tds = seam_tds(seam_host_machine);

	seq_printf(file, "tds %u building %u migrations %u pages %llu\n", tds->tds,
		   tds->building, tds->migrations, tds->private_pages);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(tds);

static ssize_t seamcall_write(struct file *file, const char __user *user, size_t bytes,
			      loff_t *at)
{
	struct seam_regs regs = { };
	char text[64] = "";
	u32 lp;

	if (bytes >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, user, bytes))
		return -EFAULT;
	if (sscanf(text, "%u %llu", &lp, &regs.rax) != 2 ||
	    lp >= seam_profile_of(seam_host_machine)->lps)
		return -EINVAL;
	if (seam_call(seam_host_machine, &seam_host_callbacks, lp, &regs) != SEAM_RETURNED ||
	    regs.rax)
		return -EIO;
	return bytes;
}

static const struct file_operations seamcall_fops = {
	.owner = THIS_MODULE,
	.write = seamcall_write,
};

void seam_host_readout_init(void)
{
	directory = debugfs_create_dir("seam_host", NULL);
	debugfs_create_file("lps", 0400, directory, NULL, &lps_fops);
	debugfs_create_file("vmptrld", 0200, directory, NULL, &vmptrld_fops);
	debugfs_create_file("faults", 0200, directory, NULL, &faults_fops);
	debugfs_create_file("tds", 0400, directory, NULL, &tds_fops);
	debugfs_create_file("seamcall", 0200, directory, NULL, &seamcall_fops);
	debugfs_create_file("hashes", 0200, directory, NULL, &seam_host_hashes_fops);
	seam_host_bare_loop_init(directory);
	/* Safe: who has it open holds the module. debugfs's own protection has no mmap. */
	debugfs_create_file_unsafe("machine", 0600, directory, NULL, &seam_host_machine_fops);
}

void seam_host_readout_exit(void)
{
	debugfs_remove(directory);
}
