// SPDX-License-Identifier: GPL-2.0-only
/* LPs: how many there are, and steps that are made on them beside their other work. */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/smp.h>
#include <linux/topology.h>
#include <linux/workqueue.h>

#include "lps.h"

/* Queues that are bound to LPs say so where Linux has this; before, all were. */
#ifdef TDXCTL_HAVE_WQ_PERCPU
#define BOUND WQ_PERCPU
#else
#define BOUND 0
#endif

struct step {
	struct tdxctl_host *host;
	bool (*run)(struct tdxctl_host *host, u32 nth, void *context);
	void *context;
};

struct lp {
	struct work_struct work;
	const struct step *step;
	u32 nth;
	bool succeeded;
};

/* Of the step that is being made: there is one at a time, as there is one change of state. */
static DEFINE_PER_CPU(struct lp, lps_of_step);

static struct workqueue_struct *queue;

static bool is_first_of_package(int cpu)
{
	return cpumask_first(topology_core_cpumask(cpu)) == cpu;
}

void tdxctl_lock_lps(struct tdxctl_host *host)
{
	cpus_read_lock();
}

void tdxctl_unlock_lps(struct tdxctl_host *host)
{
	cpus_read_unlock();
}

void tdxctl_nr_lps(struct tdxctl_host *host, u32 *online, u32 *present, u32 *packages)
{
	int cpu;

	*online = num_online_cpus();
	*present = num_present_cpus();
	*packages = 0;
	for_each_online_cpu(cpu) {
		if (is_first_of_package(cpu))
			++*packages;
	}
}

static void run_here(const struct step *step)
{
	u32 nth = 0;
	int cpu;

	migrate_disable();
	for_each_online_cpu(cpu) {
		if (cpu == smp_processor_id())
			break;
		nth++;
	}
	step->run(step->host, nth, step->context);
	migrate_enable();
}

static void run_queued(struct work_struct *work)
{
	struct lp *lp = container_of(work, struct lp, work);

	lp->succeeded = lp->step->run(lp->step->host, lp->nth, lp->step->context);
}

static void start(int cpu, u32 nth, const struct step *step)
{
	struct lp *lp = per_cpu_ptr(&lps_of_step, cpu);

	INIT_WORK(&lp->work, run_queued);
	lp->step = step;
	lp->nth = nth;
	queue_work_on(cpu, queue, &lp->work);
}

static bool finish(int cpu)
{
	struct lp *lp = per_cpu_ptr(&lps_of_step, cpu);

	flush_work(&lp->work);
	return lp->succeeded;
}

static void run_in_turn(const struct step *step, bool packages)
{
	u32 nth = 0;
	int cpu;

	for_each_online_cpu(cpu) {
		if (!packages || is_first_of_package(cpu)) {
			start(cpu, nth, step);
			if (!finish(cpu))
				break;
		}
		nth++;
	}
}

static void run_at_once(const struct step *step)
{
	u32 nth = 0;
	int cpu;

	for_each_online_cpu(cpu)
		start(cpu, nth++, step);
	for_each_online_cpu(cpu)
		finish(cpu);
}

u64 tdxctl_on_lps(struct tdxctl_host *host, enum tdxctl_lps lps,
		  bool (*run)(struct tdxctl_host *host, u32 nth, void *context), void *context)
{
	const struct step step = { .host = host, .run = run, .context = context };
	u64 begin = ktime_get_ns();

	/* In the caller itself, whom a signal can reach, where there is no choice of LP. */
	if (lps == TDXCTL_ONE_LP) {
		run_here(&step);
		return ktime_get_ns() - begin;
	}
	/* The LPs are locked, so that all have a place. The steps must not ask for that lock. */
	if (lps == TDXCTL_ALL_LPS_AT_ONCE)
		run_at_once(&step);
	else
		run_in_turn(&step, lps == TDXCTL_EACH_PACKAGE_IN_TURN);
	return ktime_get_ns() - begin;
}

int __init tdxctl_lps_init(void)
{
	/* A step takes an LP for long: other work must not wait for it. */
	queue = alloc_workqueue("tdxctl", BOUND | WQ_CPU_INTENSIVE, 0);
	return queue ? 0 : -ENOMEM;
}

void tdxctl_lps_exit(void)
{
	destroy_workqueue(queue);
}
