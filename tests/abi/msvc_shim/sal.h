/* See windows.h beside this file. Only the annotations that the public headers use. */
#ifndef SHIM_SAL_H
#define SHIM_SAL_H

#define _In_
#define _In_opt_
#define _In_reads_(s)
#define _In_reads_bytes_(s)
#define _In_reads_bytes_opt_(s)
#define _Inout_
#define _Inout_updates_bytes_(s)
#define _Out_
#define _Out_opt_
#define _Out_writes_bytes_(s)
#define _Out_writes_bytes_opt_(s)
#define _Out_writes_bytes_to_(s, c)
#define _Out_writes_bytes_to_opt_(s, c)
#define _Out_writes_to_(s, c)
#define _Outptr_
#define _Outptr_opt_
#define _Printf_format_string_
#define _Ret_maybenull_

#endif
