/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints tdxctl:tdxctl_seamcall, tdxctl:tdxctl_sys_config and
 * tdxctl:tdxctl_operation. No register but RAX is recorded, as the others may hold
 * addresses; but of TDH.SYS.CONFIG those that say with what it configures.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM tdxctl

#if !defined(TDXCTL_LINUX_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define TDXCTL_LINUX_TRACE_H

#include <linux/tracepoint.h>

#include "../logic/tdx.h"
#include "../uapi/tdxctl.h"

TRACE_EVENT(tdxctl_seamcall,
	    TP_PROTO(u64 rax, u64 status, u64 duration_ns),
	    TP_ARGS(rax, status, duration_ns),
	    TP_STRUCT__entry(__field(u64, status)
			     __field(u64, duration_ns)
			     __field(u16, leaf)
			     __field(u8, version)
			     __field(u8, seamldr)
	    ),
	    TP_fast_assign(__entry->status = status;
			   __entry->duration_ns = duration_ns;
			   __entry->leaf = rax & TDX_RAX_LEAF;
			   __entry->version = rax >> TDX_RAX_VERSION_SHIFT;
			   __entry->seamldr = !!(rax & TDX_RAX_SEAMLDR);
	    ),
	    TP_printk("target=%s leaf=%u version=%u status=0x%016llx duration_ns=%llu",
		      __entry->seamldr ? "seamldr" : "module", __entry->leaf,
		      __entry->version, __entry->status, __entry->duration_ns)
);

TRACE_EVENT(tdxctl_sys_config,
	    TP_PROTO(u64 rax, u64 r9, u64 r11),
	    TP_ARGS(rax, r9, r11),
	    TP_STRUCT__entry(__field(u64, r9)
			     __field(u64, r11)
			     __field(u8, version)
	    ),
	    TP_fast_assign(__entry->r9 = r9;
			   __entry->r11 = r11;
			   __entry->version = rax >> TDX_RAX_VERSION_SHIFT;
	    ),
	    TP_printk("version=%u r9=0x%llx r11=%llu", __entry->version, __entry->r9,
		      __entry->r11)
);

TRACE_EVENT(tdxctl_operation,
	    TP_PROTO(unsigned int command, u64 duration_ns, int result),
	    TP_ARGS(command, duration_ns, result),
	    TP_STRUCT__entry(__field(u64, duration_ns)
			     __field(unsigned int, command)
			     __field(int, result)
	    ),
	    TP_fast_assign(__entry->duration_ns = duration_ns;
			   __entry->command = command;
			   __entry->result = result;
	    ),
	    TP_printk("operation=%s duration_ns=%llu result=%d",
		      __print_symbolic(__entry->command,
				       { TDXCTL_IOC_PLATFORM, "platform" },
				       { TDXCTL_IOC_MODULE_STATE, "module_state" },
				       { TDXCTL_IOC_READ, "read" },
				       { TDXCTL_IOC_READ_ALL, "read_all" },
				       { TDXCTL_IOC_SEAMLDR_INFO, "seamldr_info" },
				       { TDXCTL_IOC_DISABLE, "disable" },
				       { TDXCTL_IOC_STAGE, "stage" },
				       { TDXCTL_IOC_APPLY, "apply" },
				       { TDXCTL_IOC_INIT, "init" },
				       { TDXCTL_IOC_CONFIGURE, "configure" }),
		      __entry->duration_ns, __entry->result)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
