/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/alloc.h"
#include "kernel/caps.h"
#include "kernel/prog_fd.h"
#include "load/same_map.h"
#include "load/same_program.h"

/* The kernel follows no more tail calls in a row. */
enum { DEPTH_MAX = 33 };

static enum same_answer say_unread(struct strbuf *why, const char *what, int code,
				   enum caps_need need)
{
	const char *missing =
		code == -EPERM || code == -EACCES ? caps_missing(need) : NULL;

	sb_addf(why, "%s cannot be read: %s", what, err_words(code));
	if (missing)
		sb_addf(why, " (missing %s)", missing);
	return SAME_UNKNOWN;
}

/* -errno: their beginnings agree, and what follows cannot be read. */
static int same_name(int ours, const struct bpf_prog_info *a, int theirs,
		     const struct bpf_prog_info *b)
{
	auto_free char *x = NULL, *y = NULL;
	int r;

	if (a->name[0] && b->name[0] && strncmp(a->name, b->name, sizeof(a->name)) != 0)
		return 0;
	r = prog_fd_whole_name(ours, a, &x);
	if (r == 0)
		r = prog_fd_whole_name(theirs, b, &y);
	return r < 0 ? r : strcmp(x, y) == 0;
}

int same_function(int ours, int theirs)
{
	struct bpf_prog_info a, b;
	int r = prog_fd_info(ours, &a);

	if (r == 0)
		r = prog_fd_info(theirs, &b);
	if (r < 0)
		return r;
	return a.type != b.type ? 0 : same_name(ours, &a, theirs, &b);
}

/*
 * An address of the kernel's own that the verifier wrote into a constant: of the program
 * itself (timers), of its types. The tag says that the source had the same number there.
 */
static bool is_kernel_address(const struct bpf_insn *insn)
{
	return insn[0].src_reg == 0 && (uint32_t)insn[1].imm >= 0xffff0000U;
}

/* A 64-bit constant in two instructions; those that name maps lead to the maps. */
static enum same_answer same_constant(struct same_run *run, const struct bpf_insn *a,
				      const struct bpf_insn *b)
{
	if (a->src_reg != b->src_reg || a->dst_reg != b->dst_reg || a->off != b->off ||
	    b[1].code != a[1].code)
		return SAME_NO;
	if (a->src_reg == BPF_PSEUDO_MAP_FD || a->src_reg == BPF_PSEUDO_MAP_VALUE) {
		if (a[1].imm != b[1].imm)
			return SAME_NO;
		return same_map(run, (uint32_t)a->imm, (uint32_t)b->imm);
	}
	if (is_kernel_address(a) && is_kernel_address(b))
		return SAME_YES;
	return a[0].imm == b[0].imm && a[1].imm == b[1].imm ? SAME_YES : SAME_NO;
}

static enum same_answer same_insns(struct same_run *run, int ours, int theirs)
{
	auto_free struct bpf_insn *a = NULL, *b = NULL;
	size_t nr, nr_theirs;
	int r = prog_fd_insns(ours, &a, &nr);

	if (r == 0)
		r = prog_fd_insns(theirs, &b, &nr_theirs);
	if (r < 0)
		return say_unread(run->why, "the instructions", r, CAPS_BPF);
	for (size_t i = 0; i < nr && nr == nr_theirs; i++) {
		bool wide = a[i].code == (BPF_LD | BPF_IMM | BPF_DW) && i + 1 < nr;
		enum same_answer answer = SAME_YES;

		if (wide && b[i].code == a[i].code)
			answer = same_constant(run, &a[i], &b[i]);
		else if (memcmp(&a[i], &b[i], sizeof(a[i])) != 0)
			answer = SAME_NO;
		if (answer != SAME_YES) {
			if (!run->why->len)
				sb_add(run->why, "its instructions differ");
			return answer;
		}
		i += wide;
	}
	if (nr == nr_theirs)
		return SAME_YES;
	sb_add(run->why, "its instructions differ");
	return SAME_NO;
}

static enum same_answer compare_programs(struct same_run *run, int ours, int theirs)
{
	struct bpf_prog_info a, b;
	enum same_answer answer;
	int r = prog_fd_info(ours, &a);

	if (r == 0)
		r = prog_fd_info(theirs, &b);
	if (r < 0)
		return say_unread(run->why, "the program", r, CAPS_IDS);
	if (a.id == b.id)
		return SAME_YES;
	r = a.type != b.type ? 0 : same_name(ours, &a, theirs, &b);
	if (r < 0)
		return say_unread(run->why, "the program's name", r, CAPS_IDS);
	if (r == 0) {
		sb_add(run->why, "it is another function");
		return SAME_NO;
	}
	if (memcmp(a.tag, b.tag, sizeof(a.tag)) != 0 ||
	    a.attach_btf_obj_id != b.attach_btf_obj_id ||
	    a.attach_btf_id != b.attach_btf_id) {
		sb_add(run->why, "its instructions differ");
		return SAME_NO;
	}
	if (same_run_seen(run, SAME_PAIR_PROGRAM, a.id, b.id))
		return SAME_YES;
	if (run->depth >= DEPTH_MAX) {
		sb_add(run->why, "its tail calls are nested too deeply");
		return SAME_UNKNOWN;
	}
	run->depth++;
	answer = same_insns(run, ours, theirs);
	run->depth--;
	return answer;
}

static enum same_answer same_program_in_slot(struct same_run *run, uint32_t ours,
					     uint32_t theirs)
{
	auto_close int a = prog_fd_by_id(ours), b = prog_fd_by_id(theirs);

	if (a < 0 || b < 0)
		return say_unread(run->why, "a tail-called program", a < 0 ? a : b,
				  CAPS_IDS);
	return compare_programs(run, a, b);
}

enum same_answer same_program(struct object *obj, int ours, int theirs,
			      struct strbuf *why)
{
	auto_strbuf reason = STRBUF_INIT;
	auto_release(same_run_release) struct same_run run = {
		.obj = obj, .why = &reason, .programs = same_program_in_slot};
	enum same_answer answer = compare_programs(&run, ours, theirs);

	if (answer != SAME_YES)
		sb_add(why, sb_text(&reason));
	return answer;
}

enum same_answer same_program_unread(uint32_t id, int code, struct strbuf *why)
{
	auto_free char *what = xasprintf("program id %" PRIu32, id);

	return say_unread(why, what, code, CAPS_IDS);
}

enum same_answer same_program_id(struct object *obj, int ours, uint32_t theirs,
				 struct strbuf *why)
{
	auto_close int fd = prog_fd_by_id(theirs);

	return fd < 0 ? same_program_unread(theirs, fd, why)
		      : same_program(obj, ours, fd, why);
}
