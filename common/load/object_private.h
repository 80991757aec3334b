/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* struct object, for the object*.c files only. */
#ifndef LOAD_OBJECT_PRIVATE_H
#define LOAD_OBJECT_PRIVATE_H

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "def/pin_names.h"
#include "def/pin_path.h"
#include "load/object.h"
#include "kernel/pin_txn.h"
#include "kernel/undo.h"
#include "scan/verdict.h"

/* What stands behind an object_map of the same index. */
struct map_handle {
	struct bpf_map *map;
	struct mapdef inner; /* template of an outer map, when has_inner */
	bool has_inner;
	int fd;       /* given, reused or created by us: owned; -1: libbpf's to make */
	bool created; /* by this load and pinned */
	bool has_constants; /* object_set() wrote into its first value */
};

struct slot_undo; /* object_slots.c */

struct object {
	char *path;
	const struct share_opts *opts; /* borrowed */
	void *bytes;                   /* the file as given */
	size_t size;
	struct object_def def;
	char hash[OBJECT_HASH_LEN + 1]; /* empty: object_sha1() was not asked yet */
	struct pin_names names;
	struct bpf_object *bpf;      /* NULL after object_look() */
	struct bpf_object *as_given; /* object_retype.c: what bpf was before; NULL */
	struct object_map *maps;
	struct map_handle *handles; /* without maps of libbpf's after object_look() */
	size_t nr_maps;
	char *heard; /* owned: what programs are named by after object_look(); NULL */
	struct object_program *programs;
	struct bpf_program **bpf_programs;
	char **logs;   /* of the programs, with share_opts.verifier_log */
	char *refusal; /* share_opts.log_buffer: the log of what was refused last */
	bool *typed;   /* object_program_set_type() was called */
	size_t nr_programs;
	unsigned int ifindex;                 /* object_set_ifindex() */
	uint32_t main_type, main_attach_type; /* what ID/KEY programs inherit */
	int btf_fd; /* owned: loaded for maps that we create; -1: none */
	bool btf_tried;
	struct pin_txn *txn;
	bool joined;               /* txn is borrowed */
	struct verdict_scan *scan; /* owned; of all conflicts of this load */
	size_t made_maps;          /* depth of the journal once all maps are there */
	struct slot_undo **late;   /* owned: slots that are written last */
	size_t nr_late;
	bool wrote_slots; /* or will, of prog arrays */
	char *unseen; /* what could not be looked at for splits; owned; NULL: nothing */
};

/* By the whole name; NULL: there is none. */
struct object_map *object_find_map(struct object *obj, const char *name);
struct object_program *object_find_program(struct object *obj, const char *name);

/* object_log.c: before the load; after a refusal, which libbpf shows from its buffer only. */
void object_want_log(struct object *obj, size_t i);
/* share_opts.log_buffer: where libbpf puts the log of a refusal; it asks for one only then. */
/* What a refusal means: the right that a token lacks, the capability, the setting. */
int object_explain_map(const struct mapdef *def, const struct mapdef *inner,
		       struct err *err);
void object_explain_lsm(const struct object *obj, struct err *err);
int object_explain_refusal(const struct object *obj, struct err *err);
int object_say_refused(const struct object *obj, int r, struct err *err);
char *object_refusal_buffer(struct object *obj, size_t *size);
void object_take_log(const struct object *obj, struct err *err);

/* object_slots.c: inner maps and tail calls, after the programs are loaded. */
int object_check_slots(struct object *obj, struct err *err) must_check;
/* Before the load: what sits in the slots that libbpf fills by itself. */
int object_remember_slots(struct object *obj, struct err *err) must_check;
int object_fill_slots(struct object *obj, struct err *err) must_check;
/*
 * Slots whose former program we could not put back are filled only once nothing can fail any
 * more; until then that program answers the tail calls.
 */
void object_fill_late_slots(struct object *obj);
void object_forget_late_slots(struct object *obj);
/* What would be wrong with the words of a command is wrong with the object: ERR_OBJECT. */
void object_blame(struct err *err);

/* Says which prog arrays are kept, and which will be emptied because nobody pins them. */
void object_say_prog_arrays(struct object *obj);

/*
 * object_lost.c: what a load that succeeded has less than the object says, a warning each:
 * the mmapable flag of a data section, constants that no program holds, BTF. code: the
 * kernel's -errno, 0 where libbpf keeps it to itself.
 */
void object_say_lost_mmap(const struct object_map *m, const struct bpf_map_info *info);
void object_say_lost_rodata(const struct object *obj);
void object_say_lost_btf(const struct object *obj, const char *what, int code);

/* object_constants.c: what share_opts.constants says. */
int object_set_all(struct object *obj, struct err *err) must_check;
/* After object_place(): a map that is there already keeps its own constants. */
int object_check_constants(const struct object *obj, struct err *err) must_check;

/* object_take.c: libbpf opens the image, and what it has found is taken. */
int object_open_bpf(struct object *obj, struct err *err) must_check;
/*
 * The old definition of that name, or NULL. likely: its place, if libbpf has the maps in the order
 * of the file.
 */
const struct mapdef *object_legacy_def(const struct object *obj, const char *name,
				       size_t likely);
/* Room for that many of each; the next map, the next program, from libbpf or without. */
void object_take_room(struct object *obj, size_t maps, size_t programs);
/* True: it is one of the old definitions, and complete. */
bool object_take_map(struct object *obj, const char *name, struct bpf_map *map);
void object_take_program(struct object *obj, struct bpf_program *prog,
			 const struct object_program *program);
/* object_hear.c: the same by a process that may crash. */
int object_hear(struct object *obj, const struct object_ask *ask,
		struct err *err) must_check;
/* *ret is the caller's. */
int object_open_image(struct object *obj, const void *image, size_t size,
		      struct bpf_object **ret, struct err *err) must_check;

/*
 * object_retype.c: before the load. Until 1.2 libbpf goes by the section although the type
 * has been set: it looks for the kernel function in BTF that it has not read, and crashes.
 * Such programs are opened again in sections without a meaning.
 */
int object_retype(struct object *obj, struct err *err) must_check;

/* object_want.c: types and autoload of every program, as they were asked for. */
int object_prepare_programs(struct object *obj, struct err *err) must_check;

#endif
