/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"
#include "load/load_hints.h"

static const struct {
	const char *said, *hint;
} hints[] = {
	/* the first that fits */
	{"is only allowed in functions that return 'int'",
	 "the kernel takes LD_ABS/LD_IND only in functions known to return int: rebuild with -g and the function declared as int"},
	{"has to have BTF in order to use bpf_spin_lock",
	 "a spin lock in a value needs the map's BTF: rebuild with -g and BPF_ANNOTATE_KV_PAIR, or define the map in .maps"},
	{"missing btf func_info", "callbacks need the functions' BTF: rebuild with -g"},
	{"missing btf", "the program needs BTF: rebuild with -g"},
	{"bad map relo against",
	 "a relocation points at no map definition: rebuild without LTO or section tricks"},
	{"no .text section found yet sub-program call exists",
	 "functions called by the program must be in .text: rebuild without a section of their own"},
	{"sub-program",
	 "a function of .text cannot be found: rebuild without stripping symbols"},
	{"cannot call GPL-restricted function from non-GPL compatible program",
	 "a helper is for GPL programs only: add char license[] SEC(\"license\") = \"GPL\""},
	{"is referenced but wasn't created",
	 "libbpf left a map out, since one of its probes of the kernel failed, as for want of memory: run it again"},
	{"cannot call GPL only function",
	 "a helper is for GPL programs only: add char license[] SEC(\"license\") = \"GPL\""},
};

const char *load_hint(const char *words)
{
	for (size_t i = 0; i < array_size(hints); i++)
		if (strstr(words, hints[i].said))
			return hints[i].hint;
	return NULL;
}
