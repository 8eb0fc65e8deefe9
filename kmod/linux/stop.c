// SPDX-License-Identifier: GPL-2.0-only
/* Steps that are made while stop_machine() has all LPs. */
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/ktime.h>
#include <linux/nmi.h>
#include <linux/processor.h>
#include <linux/stop_machine.h>

#include "stop.h"

struct stop {
	struct tdxctl_host *host;
	struct tdxctl_stopped_step *steps;
	u32 nr;
	void *context;
	atomic_t arrived;	/* how often LPs came to a barrier, in all */
	atomic_t turn;		/* whose it is, counted over all steps */
	bool ended;		/* a step failed */
};

/* All LPs have come as far as this one, which comes for the @nth time. */
static void barrier_of_lps(struct stop *stop, u32 nth)
{
	atomic_inc(&stop->arrived);
	while (atomic_read(&stop->arrived) < nth * num_online_cpus()) {
		cpu_relax();
		/* An LP may be in the P-SEAMLDR for long. */
		touch_nmi_watchdog();
	}
}

static void run(struct stop *stop, struct tdxctl_stopped_step *step)
{
	if (!READ_ONCE(stop->ended) &&
	    !step->run(stop->host, smp_processor_id(), stop->context))
		WRITE_ONCE(stop->ended, true);
}

static void run_in_turn(struct stop *stop, struct tdxctl_stopped_step *step, u32 rank)
{
	while (atomic_read(&stop->turn) % num_online_cpus() != rank) {
		cpu_relax();
		touch_nmi_watchdog();
	}
	run(stop, step);
	atomic_inc(&stop->turn);
}

/* On each LP, with interrupts off. */
static int make_steps(void *data)
{
	struct stop *stop = data;
	u32 rank = 0, barriers = 0, i;
	int cpu;
	u64 start;

	/* Hotplug has to wait, so that all LPs see the same here. */
	if (num_online_cpus() < num_present_cpus())
		return -EAGAIN;
	for_each_online_cpu(cpu) {
		if (cpu == smp_processor_id())
			break;
		rank++;
	}
	for (i = 0; i < stop->nr; i++) {
		struct tdxctl_stopped_step *step = &stop->steps[i];

		barrier_of_lps(stop, ++barriers);
		start = ktime_get_ns();
		if (step->lps == TDXCTL_EACH_LP_IN_TURN)
			run_in_turn(stop, step, rank);
		else if (!rank || step->lps == TDXCTL_ALL_LPS_AT_ONCE)
			run(stop, step);
		barrier_of_lps(stop, ++barriers);
		if (!rank)
			step->ns = ktime_get_ns() - start;
	}
	return 0;
}

bool tdxctl_stop_lps(struct tdxctl_host *host, struct tdxctl_stopped_step *steps, u32 nr,
		     void *context)
{
	struct stop stop = { .host = host, .steps = steps, .nr = nr, .context = context };

	return !stop_machine(make_steps, &stop, cpu_online_mask);
}
