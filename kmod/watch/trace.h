/* SPDX-License-Identifier: GPL-2.0 */
/* Tracepoints of the control side and of a connection's life; nothing secret is in them. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM signet

#if !defined(SIGNET_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define SIGNET_TRACE_H

#include <linux/tracepoint.h>

#include "watch/event.h"

TRACE_EVENT(signet_agent, TP_PROTO(u32 netns, bool registered),
	    TP_ARGS(netns, registered),
	    TP_STRUCT__entry(__field(u32, netns)
			     __field(bool, registered)),
	    TP_fast_assign(__entry->netns = netns;
			   __entry->registered = registered;),
	    TP_printk("netns=%u registered=%d",
		      __entry->netns, __entry->registered)
);

TRACE_EVENT(signet_policy, TP_PROTO(u32 netns, u64 revision),
	    TP_ARGS(netns, revision),
	    TP_STRUCT__entry(__field(u32, netns)
			     __field(u64, revision)),
	    TP_fast_assign(__entry->netns = netns;
			   __entry->revision = revision;),
	    TP_printk("netns=%u revision=%llu",
		      __entry->netns, __entry->revision)
);

TRACE_EVENT(signet_process_answered, TP_PROTO(u64 request, int verdict, const char *spiffe_id),
	    TP_ARGS(request, verdict, spiffe_id),
	    TP_STRUCT__entry(__field(u64, request)
			     __field(int, verdict)
			     __string(spiffe_id, spiffe_id ? spiffe_id : "")),
	    TP_fast_assign(__entry->request = request;
			   __entry->verdict = verdict;
			   signet_assign_str(spiffe_id, spiffe_id ? spiffe_id : "");),
	    TP_printk("request=%llu verdict=%d spiffe_id=%s",
		      __entry->request, __entry->verdict, __get_str(spiffe_id))
);

TRACE_EVENT(signet_resolved, TP_PROTO(int error, int reason, bool plaintext),
	    TP_ARGS(error, reason, plaintext),
	    TP_STRUCT__entry(__field(int, error)
			     __field(int, reason)
			     __field(bool, plaintext)),
	    TP_fast_assign(__entry->error = error;
			   __entry->reason = reason;
			   __entry->plaintext = plaintext;),
	    TP_printk("error=%d reason=%d plaintext=%d",
		      __entry->error, __entry->reason, __entry->plaintext)
);

TRACE_EVENT(signet_key_made, TP_PROTO(const char *spiffe_id, u32 generation),
	    TP_ARGS(spiffe_id, generation),
	    TP_STRUCT__entry(__string(spiffe_id, spiffe_id)
			     __field(u32, generation)),
	    TP_fast_assign(signet_assign_str(spiffe_id, spiffe_id);
			   __entry->generation = generation;),
	    TP_printk("spiffe_id=%s generation=%u",
		      __get_str(spiffe_id), __entry->generation)
);

TRACE_EVENT(signet_svid_installed,
	    TP_PROTO(const char *spiffe_id, u32 generation, const char *serial),
	    TP_ARGS(spiffe_id, generation, serial),
	    TP_STRUCT__entry(__string(spiffe_id, spiffe_id)
			     __string(serial, serial)
			     __field(u32, generation)),
	    TP_fast_assign(signet_assign_str(spiffe_id, spiffe_id);
			   signet_assign_str(serial, serial);
			   __entry->generation = generation;),
	    TP_printk("spiffe_id=%s generation=%u serial=%s",
		      __get_str(spiffe_id), __entry->generation, __get_str(serial))
);

TRACE_EVENT(signet_connection_state, TP_PROTO(u64 id, int role, int from, int to, int reason),
	    TP_ARGS(id, role, from, to, reason),
	    TP_STRUCT__entry(__field(u64, id)
			     __field(int, role)
			     __field(int, from)
			     __field(int, to)
			     __field(int, reason)),
	    TP_fast_assign(__entry->id = id;
			   __entry->role = role;
			   __entry->from = from;
			   __entry->to = to;
			   __entry->reason = reason;),
	    TP_printk("id=%llu role=%d from=%d to=%d reason=%d",
		      __entry->id, __entry->role, __entry->from, __entry->to,
		      __entry->reason)
);

TRACE_EVENT(signet_connection, TP_PROTO(int kind, const struct signet_connection_info *info),
	    TP_ARGS(kind, info),
	    TP_STRUCT__entry(__field(int, kind)
			     __field(u64, id)
			     __field(int, role)
			     __field(int, reason)
			     __field(int, error)
			     __string(local_id, info->local_id ? info->local_id : "")
			     __string(peer_id, info->peer_id ? info->peer_id : "")),
	    TP_fast_assign(__entry->kind = kind;
			   __entry->id = info->id;
			   __entry->role = info->role;
			   __entry->reason = info->reason;
			   __entry->error = info->error;
			   signet_assign_str(local_id, info->local_id ? info->local_id : "");
			   signet_assign_str(peer_id, info->peer_id ? info->peer_id : "");),
	    TP_printk("kind=%d id=%llu role=%d reason=%d error=%d local=%s peer=%s",
		      __entry->kind, __entry->id, __entry->role, __entry->reason,
		      __entry->error, __get_str(local_id), __get_str(peer_id))
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH watch
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
