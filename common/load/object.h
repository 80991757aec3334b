/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An object file on its way into the kernel:
 *
 *	file -> bytes -> definitions -> libbpf -> places -> maps -> programs
 *
 * Nothing in the kernel is touched by object_open() and object_plan(); object_load() does it
 * all or nothing; object_keep() makes it last.
 *
 *	r = object_open(&obj, "x.o", &opts, err);
 *	r = object_want(obj, "classifier", NULL, &prog, err);
 *	object_program_set_type(prog, BPF_PROG_TYPE_SCHED_CLS, 0);
 *	r = object_load(obj, err);
 *	... attach prog->fd ...
 *	object_keep(obj);             without it object_close() withdraws the pins made here
 */
#ifndef LOAD_OBJECT_H
#define LOAD_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "legacy/object_def.h"
#include "load/placement.h"

struct btf;
struct object;
struct pin_txn;
struct parcel;
struct strbuf;
struct text_list;
struct undo;

enum object_map_state {
	OBJECT_MAP_UNKNOWN,  /* before object_plan() */
	OBJECT_MAP_PRIVATE,  /* made by the load, unpinned */
	OBJECT_MAP_GIVEN,    /* the existing map the command line names */
	OBJECT_MAP_REUSE,    /* the pin exists and fits */
	OBJECT_MAP_CREATE,   /* the load creates and pins it */
	OBJECT_MAP_CONFLICT, /* the pin exists and differs, or cannot be judged: reason */
	OBJECT_MAP_BLOCKED,  /* no place could be found (no bpffs, unknown pin id): reason
			      */
};

struct object_map {
	struct mapdef def;
	struct place place;
	enum object_map_state state;
	uint32_t id; /* of the map that is reused or given, or was created; 0: none yet */
	char *reason; /* CONFLICT, BLOCKED: in words; owned by the object */
	char *split;  /* the map of its name that it could have been; owned; NULL: none */
	char *kept;   /* where keep_prog_arrays() pinned it; owned by the object */
	char *detail; /* CONFLICT: side by side, users, ways out; NULL; the object's */
	bool differs; /* CONFLICT: of a map there, by its definition */
	int error;    /* CONFLICT: -errno of that, or why the pin could not be judged */
	uint32_t given_up; /* a map that this one takes the place of: no split; 0: none */
	char *unchecked; /* REUSE: what of it could not be compared; owned; NULL: nothing */
	struct facts facts; /* CONFLICT: verdict_facts(); the object's */
};

struct object_program {
	const char *name; /* function */
	const char *section;
	uint32_t prog_type;   /* as guessed from the section, or set; 0: unknown */
	uint32_t attach_type; /* expected attach type */
	bool wanted;          /* object_load() loads it */
	bool optional;        /* SEC("?..."): not loaded unless asked for */
	size_t nr_insns;      /* as written in the file */
	int fd;               /* after object_load(); the object's; -1 */
	const char *log;      /* with share_opts.verifier_log; the object's; NULL */
	uint32_t id;
	const struct tail_call *tail_call; /* stands in section ID/KEY; NULL */
};

/*
 * Reads, translates and opens path. opts are borrowed until object_close(). Errors begin
 * with "object 'PATH': ".
 */
int object_open(struct object **ret, const char *path, const struct share_opts *opts,
		struct err *err) must_check;
/*
 * The same of bytes that nobody vouches for, to look at and plan, not to load: libbpf reads them
 * in a process that may crash, can do nothing but answer, and has not long. tell writes there
 * what only libbpf's view of it gives, and hear reads that here, without trust (base/parcel.h).
 */
struct object_ask {
	void (*tell)(const struct object *obj, struct strbuf *out);
	void (*hear)(struct parcel *p, void *ctx);
	void *ctx; /* hear's */
};
int object_look(struct object **ret, const char *path, const struct share_opts *opts,
		const struct object_ask *ask, struct err *err) must_check;
/* Takes NULL. Closes all fds; withdraws pins unless object_keep() was called. */
void object_close(struct object *obj);
#define auto_object auto_release(object_closep) struct object
void object_closep(struct object **obj);

/* As given to object_open(). */
const char *object_path(const struct object *obj);
/*
 * SHA-1 of the file's bytes in hex, as object_hash() writes it: made when it is first asked
 * for, since it costs more than most of what a load does itself.
 */
const char *object_sha1(struct object *obj);
/* Was it read from a file that held exactly these bytes? */
bool object_is_of(const struct object *obj, const void *bytes, size_t size);
/*
 * Right after object_open(): what is made for it joins this transaction, which several objects
 * may have in common and which is borrowed: object_keep() then commits all of it, and who takes
 * back does so while its objects are open.
 */
void object_join(struct object *obj, struct pin_txn *txn);
/* Before the plan, instead of what the object says. False: it has no such map. */
bool object_set_max_entries(struct object *obj, const char *map, uint32_t max_entries);

/* Borrowed arrays in the object's own order (maps: bpftool's idx). */
struct object_map *object_maps(struct object *obj, size_t *nr);
/* Adds the directories that the pins of its maps are in, one for each map. */
void object_pin_dirs(const struct object *obj, struct text_list *dirs);
struct object_program *object_programs(struct object *obj, size_t *nr);
/* What section license says, "" without one; the object's. */
const char *object_license(const struct object *obj);
const struct object_def *object_def(const struct object *obj);
/*
 * The types of its key and value, the object's; 0: not described. NULL: the object has no BTF.
 */
const struct btf *object_map_btf(const struct object *obj, const struct object_map *map,
				 uint32_t *key_type, uint32_t *value_type);
/* After object_load(): the map's fd, the object's; negative where none was made. */
int object_map_fd(const struct object *obj, const struct object_map *map);

/*
 * Marks the program to load: by function name, by section (the first function in it), by
 * both, which must agree; with neither, the only program that is no tail-call target.
 * Programs that fill slots of the object's prog arrays are marked too. -ENOENT/-EINVAL
 * list what there is.
 */
int object_want(struct object *obj, const char *section, const char *program,
		struct object_program **ret, struct err *err) must_check;
/* Every program that is not SEC("?..."). */
void object_want_all(struct object *obj);
/* Marks one program (and the slot fillers) by hand. */
void object_want_program(struct object *obj, struct object_program *prog);

/*
 * Does a classifier return what only direct action means: drop, redirect, steal, trap as a
 * constant, or bpf_redirect()? prog is one of obj's.
 */
bool object_returns_verdicts(const struct object *obj, const struct object_program *prog);

/* Before object_load(). attach_type is the expected attach type, 0 for none. */
void object_program_set_type(struct object *obj, struct object_program *prog,
			     uint32_t prog_type, uint32_t attach_type);

/*
 * Before object_load(): what it makes is for this device's hardware (skip_sw), perf event
 * arrays aside.
 */
void object_set_ifindex(struct object *obj, unsigned int ifindex);

/*
 * A variable of a section that programs only read. All borrowed from the object; value holds
 * size bytes, the ones that a load would take.
 */
struct object_constant {
	const char *name, *section;
	size_t map; /* index of its section's map */
	const struct btf *btf;
	uint32_t type, offset, size;
	const void *value;
	bool is_volatile; /* if not, the compiler may have used its value already */
};
/*
 * In the order of the sections; *ret is the caller's to free. None without BTF. Not of an
 * object_look().
 */
size_t object_constants(const struct object *obj, struct object_constant **ret);

/*
 * Before object_load(): gives a constant its value, a text as btf/btf_value.h reads it. name
 * may lead into it: "cfg.port", "ports[2]". share_opts.constants are set by object_open().
 */
int object_set(struct object *obj, const char *name, const char *value,
	       struct err *err) must_check;

/*
 * Finds places and compares existing pins: fills state, id and reason of every map. Never
 * fails because of a conflict; changes nothing.
 */
int object_plan(struct object *obj, struct err *err) must_check;

/*
 * All or nothing, in this order: places; locks; every existing pin compared; missing pins
 * created; programs loaded (no verifier log asked for; when refused, loaded a second time
 * with one, which ends in err->log); inner-map slots of outer maps created here and
 * prog-array slots filled. On failure nothing made here is left.
 */
int object_load(struct object *obj, struct err *err) must_check;

/*
 * After object_load(): attaches the program where its section says, as far as libbpf
 * knows how (tracepoints, kprobes, ...); *ret_link_fd is the caller's. -EOPNOTSUPP: it
 * takes more than the section to attach programs of this type.
 */
int object_autoattach(struct object *obj, const struct object_program *prog,
		      int *ret_link_fd, struct err *err) must_check;

/*
 * After object_load(): fn for every slot of a prog array that the load fills.
 */
typedef void (*object_slot_fn)(const struct object_map *map, uint32_t key,
			       const struct object_program *prog, void *ctx);
void object_each_slot(struct object *obj, object_slot_fn fn, void *ctx);
/* A load fills slots of the prog array of that name. */
bool object_fills_slots(const struct object *obj, const char *name);

/* The transaction pins made beside the object (links) join. Borrowed. */
struct pin_txn *object_txn(struct object *obj);
/* The journal of the command that loads it: pin_txn_undo(). Borrowed. */
struct undo *object_undo(struct object *obj);

/*
 * Did the load make anything that lasts beyond the programs themselves: pins, or programs in
 * slots of prog arrays that were there?
 */
bool object_has_news(const struct object *obj);

/* What was loaded and pinned stays; locks are released. Says rule 5's lines. */
void object_keep(struct object *obj);

/*
 * The modern object of the file in, read back by libbpf: its bytes are appended to image,
 * what has no modern form to lost, a line each. Maps that either tool would share are pinned
 * by name in it; private: those that have no pinning of their own are not.
 */
int object_convert(struct strbuf *image, const char *in, const struct share_opts *opts,
		   bool private, struct strbuf *lost, struct err *err) must_check;

#endif
