/*
 * wdspxe_sal1.h - the source annotations of the Windows 7 era (SAL 1): __in, __out_opt,
 * __in_bcount(size) and so on.
 *
 * Providers that were written for the SDK of those days are full of them. MSVC's sal.h still knows
 * them, MinGW-w64's knows some. This header is for other compilers: it defines to nothing what is
 * not defined yet. wdspxe.h itself neither needs nor includes it.
 *
 * Include it last, after every other header: these names are reserved for the implementation, and
 * the C++ library of GCC has parameters called __in and __out. A build that leaves the source
 * alone can do it from outside, with a file that includes in this order what the source needs:
 *
 *     #include <windows.h>
 *     #include <strsafe.h>       and whatever else comes from the compiler
 *     #include "wdspxe_sal1.h"
 *
 * and the option -include FILE. If another header must follow, take them back first; both
 * may be repeated:
 *
 *     #define WDSPXE_SAL1_UNDEF
 *     #include "wdspxe_sal1.h"
 *     #include <string>
 *     #include "wdspxe_sal1.h"
 *
 * Taken back are the names that MinGW-w64's own headers never define; with MSVC nothing is.
 */

/* No guard: both halves may be wanted several times. */
#ifndef WDSPXE_SAL1_UNDEF

#include <sal.h>

#if !defined(_MSC_VER) /* it has what its headers use; specstrings.h has the rest */
#include <specstrings.h>
#endif

/* What a function reads: one element, a string, so many bytes or elements. */
#ifndef __in
#define __in
#endif
#ifndef __in_opt
#define __in_opt
#endif
#ifndef __in_z
#define __in_z
#endif
#ifndef __in_z_opt
#define __in_z_opt
#endif
#ifndef __in_nz
#define __in_nz
#endif
#ifndef __in_nz_opt
#define __in_nz_opt
#endif
#ifndef __in_bcount
#define __in_bcount(size)
#endif
#ifndef __in_bcount_opt
#define __in_bcount_opt(size)
#endif
#ifndef __in_bcount_z
#define __in_bcount_z(size)
#endif
#ifndef __in_bcount_z_opt
#define __in_bcount_z_opt(size)
#endif
#ifndef __in_bcount_nz
#define __in_bcount_nz(size)
#endif
#ifndef __in_bcount_nz_opt
#define __in_bcount_nz_opt(size)
#endif
#ifndef __in_ecount
#define __in_ecount(size)
#endif
#ifndef __in_ecount_opt
#define __in_ecount_opt(size)
#endif
#ifndef __in_ecount_z
#define __in_ecount_z(size)
#endif
#ifndef __in_ecount_z_opt
#define __in_ecount_z_opt(size)
#endif
#ifndef __in_ecount_nz
#define __in_ecount_nz(size)
#endif
#ifndef __in_ecount_nz_opt
#define __in_ecount_nz_opt(size)
#endif

/* What it writes. */
#ifndef __out
#define __out
#endif
#ifndef __out_opt
#define __out_opt
#endif
#ifndef __out_z
#define __out_z
#endif
#ifndef __out_z_opt
#define __out_z_opt
#endif
#ifndef __out_nz
#define __out_nz
#endif
#ifndef __out_nz_opt
#define __out_nz_opt
#endif
#ifndef __out_bcount
#define __out_bcount(size)
#endif
#ifndef __out_bcount_opt
#define __out_bcount_opt(size)
#endif
#ifndef __out_bcount_z
#define __out_bcount_z(size)
#endif
#ifndef __out_bcount_z_opt
#define __out_bcount_z_opt(size)
#endif
#ifndef __out_bcount_nz
#define __out_bcount_nz(size)
#endif
#ifndef __out_bcount_nz_opt
#define __out_bcount_nz_opt(size)
#endif
#ifndef __out_bcount_full
#define __out_bcount_full(size)
#endif
#ifndef __out_bcount_full_opt
#define __out_bcount_full_opt(size)
#endif
#ifndef __out_bcount_full_z
#define __out_bcount_full_z(size)
#endif
#ifndef __out_bcount_full_z_opt
#define __out_bcount_full_z_opt(size)
#endif
#ifndef __out_bcount_part
#define __out_bcount_part(size, length)
#endif
#ifndef __out_bcount_part_opt
#define __out_bcount_part_opt(size, length)
#endif
#ifndef __out_bcount_part_z
#define __out_bcount_part_z(size, length)
#endif
#ifndef __out_bcount_part_z_opt
#define __out_bcount_part_z_opt(size, length)
#endif
#ifndef __out_ecount
#define __out_ecount(size)
#endif
#ifndef __out_ecount_opt
#define __out_ecount_opt(size)
#endif
#ifndef __out_ecount_z
#define __out_ecount_z(size)
#endif
#ifndef __out_ecount_z_opt
#define __out_ecount_z_opt(size)
#endif
#ifndef __out_ecount_nz
#define __out_ecount_nz(size)
#endif
#ifndef __out_ecount_nz_opt
#define __out_ecount_nz_opt(size)
#endif
#ifndef __out_ecount_full
#define __out_ecount_full(size)
#endif
#ifndef __out_ecount_full_opt
#define __out_ecount_full_opt(size)
#endif
#ifndef __out_ecount_full_z
#define __out_ecount_full_z(size)
#endif
#ifndef __out_ecount_full_z_opt
#define __out_ecount_full_z_opt(size)
#endif
#ifndef __out_ecount_part
#define __out_ecount_part(size, length)
#endif
#ifndef __out_ecount_part_opt
#define __out_ecount_part_opt(size, length)
#endif
#ifndef __out_ecount_part_z
#define __out_ecount_part_z(size, length)
#endif
#ifndef __out_ecount_part_z_opt
#define __out_ecount_part_z_opt(size, length)
#endif

/* What it reads and writes. */
#ifndef __inout
#define __inout
#endif
#ifndef __inout_opt
#define __inout_opt
#endif
#ifndef __inout_z
#define __inout_z
#endif
#ifndef __inout_z_opt
#define __inout_z_opt
#endif
#ifndef __inout_nz
#define __inout_nz
#endif
#ifndef __inout_nz_opt
#define __inout_nz_opt
#endif
#ifndef __inout_bcount
#define __inout_bcount(size)
#endif
#ifndef __inout_bcount_opt
#define __inout_bcount_opt(size)
#endif
#ifndef __inout_bcount_z
#define __inout_bcount_z(size)
#endif
#ifndef __inout_bcount_z_opt
#define __inout_bcount_z_opt(size)
#endif
#ifndef __inout_bcount_nz
#define __inout_bcount_nz(size)
#endif
#ifndef __inout_bcount_nz_opt
#define __inout_bcount_nz_opt(size)
#endif
#ifndef __inout_bcount_full
#define __inout_bcount_full(size)
#endif
#ifndef __inout_bcount_full_opt
#define __inout_bcount_full_opt(size)
#endif
#ifndef __inout_bcount_full_z
#define __inout_bcount_full_z(size)
#endif
#ifndef __inout_bcount_full_z_opt
#define __inout_bcount_full_z_opt(size)
#endif
#ifndef __inout_bcount_part
#define __inout_bcount_part(size, length)
#endif
#ifndef __inout_bcount_part_opt
#define __inout_bcount_part_opt(size, length)
#endif
#ifndef __inout_bcount_part_z
#define __inout_bcount_part_z(size, length)
#endif
#ifndef __inout_bcount_part_z_opt
#define __inout_bcount_part_z_opt(size, length)
#endif
#ifndef __inout_ecount
#define __inout_ecount(size)
#endif
#ifndef __inout_ecount_opt
#define __inout_ecount_opt(size)
#endif
#ifndef __inout_ecount_z
#define __inout_ecount_z(size)
#endif
#ifndef __inout_ecount_z_opt
#define __inout_ecount_z_opt(size)
#endif
#ifndef __inout_ecount_nz
#define __inout_ecount_nz(size)
#endif
#ifndef __inout_ecount_nz_opt
#define __inout_ecount_nz_opt(size)
#endif
#ifndef __inout_ecount_full
#define __inout_ecount_full(size)
#endif
#ifndef __inout_ecount_full_opt
#define __inout_ecount_full_opt(size)
#endif
#ifndef __inout_ecount_full_z
#define __inout_ecount_full_z(size)
#endif
#ifndef __inout_ecount_full_z_opt
#define __inout_ecount_full_z_opt(size)
#endif
#ifndef __inout_ecount_part
#define __inout_ecount_part(size, length)
#endif
#ifndef __inout_ecount_part_opt
#define __inout_ecount_part_opt(size, length)
#endif
#ifndef __inout_ecount_part_z
#define __inout_ecount_part_z(size, length)
#endif
#ifndef __inout_ecount_part_z_opt
#define __inout_ecount_part_z_opt(size, length)
#endif

/* Behind a pointer to a pointer: read ... */
#ifndef __deref_in
#define __deref_in
#endif
#ifndef __deref_in_opt
#define __deref_in_opt
#endif
#ifndef __deref_opt_in
#define __deref_opt_in
#endif
#ifndef __deref_opt_in_opt
#define __deref_opt_in_opt
#endif
#ifndef __deref_in_bcount
#define __deref_in_bcount(size)
#endif
#ifndef __deref_in_bcount_opt
#define __deref_in_bcount_opt(size)
#endif
#ifndef __deref_in_bcount_z
#define __deref_in_bcount_z(size)
#endif
#ifndef __deref_in_bcount_z_opt
#define __deref_in_bcount_z_opt(size)
#endif
#ifndef __deref_in_ecount
#define __deref_in_ecount(size)
#endif
#ifndef __deref_in_ecount_opt
#define __deref_in_ecount_opt(size)
#endif
#ifndef __deref_in_ecount_z
#define __deref_in_ecount_z(size)
#endif
#ifndef __deref_in_ecount_z_opt
#define __deref_in_ecount_z_opt(size)
#endif

/* ... written ... */
#ifndef __deref_out
#define __deref_out
#endif
#ifndef __deref_out_opt
#define __deref_out_opt
#endif
#ifndef __deref_out_z
#define __deref_out_z
#endif
#ifndef __deref_out_z_opt
#define __deref_out_z_opt
#endif
#ifndef __deref_out_bcount
#define __deref_out_bcount(size)
#endif
#ifndef __deref_out_bcount_opt
#define __deref_out_bcount_opt(size)
#endif
#ifndef __deref_out_bcount_z
#define __deref_out_bcount_z(size)
#endif
#ifndef __deref_out_bcount_z_opt
#define __deref_out_bcount_z_opt(size)
#endif
#ifndef __deref_out_bcount_part
#define __deref_out_bcount_part(size, length)
#endif
#ifndef __deref_out_bcount_part_opt
#define __deref_out_bcount_part_opt(size, length)
#endif
#ifndef __deref_out_ecount
#define __deref_out_ecount(size)
#endif
#ifndef __deref_out_ecount_opt
#define __deref_out_ecount_opt(size)
#endif
#ifndef __deref_out_ecount_z
#define __deref_out_ecount_z(size)
#endif
#ifndef __deref_out_ecount_z_opt
#define __deref_out_ecount_z_opt(size)
#endif
#ifndef __deref_out_ecount_part
#define __deref_out_ecount_part(size, length)
#endif
#ifndef __deref_out_ecount_part_opt
#define __deref_out_ecount_part_opt(size, length)
#endif
#ifndef __deref_opt_out
#define __deref_opt_out
#endif
#ifndef __deref_opt_out_opt
#define __deref_opt_out_opt
#endif
#ifndef __deref_opt_out_z
#define __deref_opt_out_z
#endif
#ifndef __deref_opt_out_z_opt
#define __deref_opt_out_z_opt
#endif
#ifndef __deref_opt_out_bcount
#define __deref_opt_out_bcount(size)
#endif
#ifndef __deref_opt_out_bcount_opt
#define __deref_opt_out_bcount_opt(size)
#endif
#ifndef __deref_opt_out_bcount_z
#define __deref_opt_out_bcount_z(size)
#endif
#ifndef __deref_opt_out_bcount_z_opt
#define __deref_opt_out_bcount_z_opt(size)
#endif
#ifndef __deref_opt_out_bcount_part
#define __deref_opt_out_bcount_part(size, length)
#endif
#ifndef __deref_opt_out_bcount_part_opt
#define __deref_opt_out_bcount_part_opt(size, length)
#endif
#ifndef __deref_opt_out_ecount
#define __deref_opt_out_ecount(size)
#endif
#ifndef __deref_opt_out_ecount_opt
#define __deref_opt_out_ecount_opt(size)
#endif
#ifndef __deref_opt_out_ecount_z
#define __deref_opt_out_ecount_z(size)
#endif
#ifndef __deref_opt_out_ecount_z_opt
#define __deref_opt_out_ecount_z_opt(size)
#endif
#ifndef __deref_opt_out_ecount_part
#define __deref_opt_out_ecount_part(size, length)
#endif
#ifndef __deref_opt_out_ecount_part_opt
#define __deref_opt_out_ecount_part_opt(size, length)
#endif

/* ... read and written. */
#ifndef __deref_inout
#define __deref_inout
#endif
#ifndef __deref_inout_opt
#define __deref_inout_opt
#endif
#ifndef __deref_inout_z
#define __deref_inout_z
#endif
#ifndef __deref_inout_z_opt
#define __deref_inout_z_opt
#endif
#ifndef __deref_opt_inout
#define __deref_opt_inout
#endif
#ifndef __deref_opt_inout_opt
#define __deref_opt_inout_opt
#endif
#ifndef __deref_inout_bcount
#define __deref_inout_bcount(size)
#endif
#ifndef __deref_inout_bcount_opt
#define __deref_inout_bcount_opt(size)
#endif
#ifndef __deref_inout_bcount_z
#define __deref_inout_bcount_z(size)
#endif
#ifndef __deref_inout_bcount_z_opt
#define __deref_inout_bcount_z_opt(size)
#endif
#ifndef __deref_inout_bcount_part
#define __deref_inout_bcount_part(size, length)
#endif
#ifndef __deref_inout_bcount_part_opt
#define __deref_inout_bcount_part_opt(size, length)
#endif
#ifndef __deref_inout_ecount
#define __deref_inout_ecount(size)
#endif
#ifndef __deref_inout_ecount_opt
#define __deref_inout_ecount_opt(size)
#endif
#ifndef __deref_inout_ecount_z
#define __deref_inout_ecount_z(size)
#endif
#ifndef __deref_inout_ecount_z_opt
#define __deref_inout_ecount_z_opt(size)
#endif
#ifndef __deref_inout_ecount_part
#define __deref_inout_ecount_part(size, length)
#endif
#ifndef __deref_inout_ecount_part_opt
#define __deref_inout_ecount_part_opt(size, length)
#endif

/* The rest. __null is missing on purpose: GCC and Clang have a keyword of that name. */
#ifndef __reserved
#define __reserved
#endif
#ifndef __callback
#define __callback
#endif
#ifndef __format_string
#define __format_string
#endif
#ifndef __nullterminated
#define __nullterminated
#endif
#ifndef __nullnullterminated
#define __nullnullterminated
#endif
#ifndef __checkReturn
#define __checkReturn
#endif
#ifndef __fallthrough
#define __fallthrough
#endif
#ifndef __deref
#define __deref
#endif
#ifndef __refparam
#define __refparam
#endif
#ifndef __override
#define __override
#endif
#ifndef __success
#define __success(expression)
#endif
#ifndef __range
#define __range(low, high)
#endif
#ifndef __in_range
#define __in_range(low, high)
#endif
#ifndef __out_range
#define __out_range(low, high)
#endif
#ifndef __deref_in_range
#define __deref_in_range(low, high)
#endif
#ifndef __deref_out_range
#define __deref_out_range(low, high)
#endif
#ifndef __in_bound
#define __in_bound
#endif
#ifndef __out_bound
#define __out_bound
#endif
#ifndef __deref_out_bound
#define __deref_out_bound
#endif
#ifndef __bcount
#define __bcount(size)
#endif
#ifndef __ecount
#define __ecount(size)
#endif
#ifndef __bcount_opt
#define __bcount_opt(size)
#endif
#ifndef __ecount_opt
#define __ecount_opt(size)
#endif
#ifndef __field_bcount
#define __field_bcount(size)
#endif
#ifndef __field_ecount
#define __field_ecount(size)
#endif
#ifndef __field_bcount_opt
#define __field_bcount_opt(size)
#endif
#ifndef __field_ecount_opt
#define __field_ecount_opt(size)
#endif
#ifndef __field_range
#define __field_range(low, high)
#endif
#ifndef __struct_bcount
#define __struct_bcount(size)
#endif
#ifndef __blocksOn
#define __blocksOn(resource)
#endif
#ifndef __control_entrypoint
#define __control_entrypoint(category)
#endif
#ifndef __data_entrypoint
#define __data_entrypoint(category)
#endif
#ifndef __analysis_assume
#define __analysis_assume(expression)
#endif
#ifndef __analysis_assert
#define __analysis_assert(expression)
#endif

#else /* WDSPXE_SAL1_UNDEF */

#undef WDSPXE_SAL1_UNDEF

#ifndef _MSC_VER
#if defined(__cplusplus) /* in C they are MinGW-w64's own */
#undef __in
#undef __out
#endif
#undef __in_z
#undef __in_z_opt
#undef __in_nz
#undef __in_nz_opt
#undef __in_bcount_opt
#undef __in_bcount_z_opt
#undef __in_bcount_nz_opt
#undef __in_ecount_opt
#undef __in_ecount_z_opt
#undef __in_ecount_nz_opt
#undef __out_z
#undef __out_z_opt
#undef __out_nz
#undef __out_nz_opt
#undef __out_bcount_opt
#undef __out_bcount_z_opt
#undef __out_bcount_nz_opt
#undef __out_bcount_full_opt
#undef __out_bcount_full_z_opt
#undef __out_bcount_part_opt
#undef __out_bcount_part_z_opt
#undef __out_ecount_opt
#undef __out_ecount_z_opt
#undef __out_ecount_nz_opt
#undef __out_ecount_full_opt
#undef __out_ecount_full_z_opt
#undef __out_ecount_part_opt
#undef __out_ecount_part_z_opt
#undef __inout_z
#undef __inout_z_opt
#undef __inout_nz
#undef __inout_nz_opt
#undef __inout_bcount_opt
#undef __inout_bcount_z_opt
#undef __inout_bcount_nz_opt
#undef __inout_bcount_full_opt
#undef __inout_bcount_full_z
#undef __inout_bcount_full_z_opt
#undef __inout_bcount_part_opt
#undef __inout_bcount_part_z
#undef __inout_bcount_part_z_opt
#undef __inout_ecount_opt
#undef __inout_ecount_z_opt
#undef __inout_ecount_nz_opt
#undef __inout_ecount_full_opt
#undef __inout_ecount_full_z
#undef __inout_ecount_full_z_opt
#undef __inout_ecount_part_opt
#undef __inout_ecount_part_z
#undef __inout_ecount_part_z_opt
#undef __deref_in
#undef __deref_in_opt
#undef __deref_opt_in
#undef __deref_opt_in_opt
#undef __deref_in_bcount
#undef __deref_in_bcount_opt
#undef __deref_in_bcount_z
#undef __deref_in_bcount_z_opt
#undef __deref_in_ecount
#undef __deref_in_ecount_opt
#undef __deref_in_ecount_z
#undef __deref_in_ecount_z_opt
#undef __deref_out_z
#undef __deref_out_z_opt
#undef __deref_out_bcount
#undef __deref_out_bcount_opt
#undef __deref_out_bcount_z
#undef __deref_out_bcount_z_opt
#undef __deref_out_bcount_part
#undef __deref_out_bcount_part_opt
#undef __deref_out_ecount_opt
#undef __deref_out_ecount_z
#undef __deref_out_ecount_z_opt
#undef __deref_out_ecount_part
#undef __deref_out_ecount_part_opt
#undef __deref_opt_out_opt
#undef __deref_opt_out_z
#undef __deref_opt_out_z_opt
#undef __deref_opt_out_bcount_opt
#undef __deref_opt_out_bcount_z
#undef __deref_opt_out_bcount_z_opt
#undef __deref_opt_out_bcount_part
#undef __deref_opt_out_bcount_part_opt
#undef __deref_opt_out_ecount
#undef __deref_opt_out_ecount_opt
#undef __deref_opt_out_ecount_z
#undef __deref_opt_out_ecount_z_opt
#undef __deref_opt_out_ecount_part
#undef __deref_opt_out_ecount_part_opt
#undef __deref_inout
#undef __deref_inout_opt
#undef __deref_inout_z
#undef __deref_inout_z_opt
#undef __deref_opt_inout
#undef __deref_opt_inout_opt
#undef __deref_inout_bcount
#undef __deref_inout_bcount_opt
#undef __deref_inout_bcount_z
#undef __deref_inout_bcount_z_opt
#undef __deref_inout_bcount_part
#undef __deref_inout_bcount_part_opt
#undef __deref_inout_ecount
#undef __deref_inout_ecount_opt
#undef __deref_inout_ecount_z
#undef __deref_inout_ecount_z_opt
#undef __deref_inout_ecount_part
#undef __deref_inout_ecount_part_opt
#undef __reserved
#undef __callback
#undef __format_string
#undef __nullterminated
#undef __nullnullterminated
#undef __override
#undef __success
#undef __in_range
#undef __out_range
#undef __deref_in_range
#undef __deref_out_range
#undef __in_bound
#undef __out_bound
#undef __deref_out_bound
#undef __bcount_opt
#undef __ecount_opt
#undef __field_bcount
#undef __field_ecount
#undef __field_bcount_opt
#undef __field_ecount_opt
#undef __field_range
#undef __struct_bcount
#undef __blocksOn
#undef __control_entrypoint
#undef __data_entrypoint
#undef __analysis_assert
#endif

#endif /* WDSPXE_SAL1_UNDEF */
