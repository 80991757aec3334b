/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libmapshare: load a BPF object so that its maps are the ones other loaders already use,
 * attach its programs, and prove that they share.
 *
 *	struct mapshare *ms;
 *	struct mapshare_object *obj;
 *	struct mapshare_session *s;
 *
 *	r = mapshare_new(&ms, NULL);
 *	r = mapshare_object_open(ms, "acct.o", NULL, &obj);
 *	r = mapshare_session_new(obj, &s);
 *	r = mapshare_session_select(s, NULL, "count_xdp");
 *	r = mapshare_session_load(s);			maps found or made, pins locked
 *	fd = mapshare_session_program_fd(s, NULL);	attach it where you like, or:
 *	r = mapshare_session_attach_cgroup(s, "/sys/fs/cgroup/app", NULL);
 *	r = mapshare_session_commit(s);			everything stays
 *	mapshare_session_free(s);			without commit: taken back, newest first
 *
 * Functions that return int return 0 (or a file descriptor where said) or a negative errno;
 * mapshare_strerror() then has one line that names the thing, the value and the way out.
 * Running out of memory is -ENOMEM: free the session then, as after any failure. Nothing is
 * printed, no process is ended. No file system is mounted unless an option asks for it. The
 * calling thread never leaves its namespaces: network namespaces are looked into by a thread
 * of the library's own.
 *
 * libbpf has one print callback, which belongs to the whole process: the library never sets it.
 * A program that does not (libbpf_set_print(NULL) for silence) gets libbpf's own lines on stderr
 * where libbpf alone finds out that something is refused: a program by the verifier, BTF or a
 * private map by the kernel, an object that libbpf cannot open or attach by its section. All other
 * refusals are found before libbpf is asked, and it has nothing to say of a load that succeeds,
 * unless the kernel takes the object without its BTF, or RLIMIT_MEMLOCK may not be raised (in a
 * user namespace). The verifier's log goes to mapshare_error_detail() alone.
 *
 * Object files are trusted: libbpf 1.1 can crash on a damaged one.
 *
 * A context and everything opened from it belong to one thread at a time. Any number of
 * contexts may be used side by side, in any number of threads and processes. After fork() the
 * child can but free what the parent opened: that takes nothing back, whatever is uncommitted.
 *
 * Option structs begin with their own size: declare them with MAPSHARE_OPTS(); members that
 * are not named are zero, which is always the default. A size of 0, or bytes other than zero
 * beyond what this library knows, are -EINVAL. Structs that the library fills have the same
 * first member, set by the caller; it writes no more than that.
 *
 * Needs Linux 5.10 and libbpf 1.1 or newer. Kernel objects are created with the caller's
 * capabilities: CAP_BPF, with CAP_NET_ADMIN for programs on the network and cgroups; in a user
 * namespace with the BPF token of the context's bpffs, as far as it goes: a refusal names the
 * right that it lacks. Programs take libbpf 1.5 for that, maps do not.
 */
#ifndef MAPSHARE_H
#define MAPSHARE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * MAPSHARE_OPTS(mapshare_tc_opts, opts); declares one with its size and all defaults, in C and
 * C++ alike: opts.preference = 10;
 */
#ifdef __cplusplus
#define MAPSHARE_OPTS(type, name)  \
	struct type name = type(); \
	name.size = sizeof(struct type)
#else
#define MAPSHARE_OPTS(type, name) struct type name = {.size = sizeof(struct type)}
#endif

struct mapshare;         /* a context: options, messages, the last error */
struct mapshare_object;  /* an object file, read and translated; nothing in the kernel */
struct mapshare_session; /* one load on its way into the kernel, all or nothing */
struct mapshare_check;   /* a verdict and its evidence */

/* "0.1.0", of the library that runs. */
const char *mapshare_version(void);

/* --- context -------------------------------------------------------------------------- */

/* How much a message matters. */
enum mapshare_level { MAPSHARE_WARN, MAPSHARE_INFO, MAPSHARE_DEBUG };

/* What a context may do beyond the least, or must refuse. */
enum mapshare_flags {
	/* Mount bpffs (mode 0700) on an empty directory where none is mounted. */
	MAPSHARE_MOUNT_BPFFS = 1 << 0,
	/* Inside `ip netns exec` or `unshare -m`: use the pins of the caller's namespace. */
	MAPSHARE_CALLER_PINS = 1 << 1,
	/* A map that would silently be another one than a map of its name is an error. */
	MAPSHARE_REQUIRE_SHARED = 1 << 2,
	/* Maps that differ in the layout of key or value only are shared all the same. */
	MAPSHARE_NO_LAYOUT_CHECK = 1 << 3,
};

/* How a context works. Strings are copied. */
struct mapshare_opts {
	size_t size;
	/*
	 * One line without newline, valid during the call; not called for errors, which are
	 * returned. It must not call the library, nor leave by an exception. NULL: silence.
	 */
	void (*message)(void *data, enum mapshare_level level, const char *line);
	void *data;           /* handed to message */
	const char *bpffs;    /* NULL: $TC_BPF_MNT, else /sys/fs/bpf */
	const char *pin_root; /* where maps are shared by name; NULL: BPFFS/tc/globals */
	unsigned int flags;   /* enum mapshare_flags */
};

/* A context; opts NULL: all defaults. -EINVAL: opts or a flag that is unknown. */
int mapshare_new(struct mapshare **ret, const struct mapshare_opts *opts);
/* Frees what was opened from it too, sessions first. Takes NULL. */
void mapshare_free(struct mapshare *ms);

/* The last failure on this context in one line, "" if none; until the next call on it. */
const char *mapshare_strerror(const struct mapshare *ms);
/*
 * More of the last failure, in several lines, as long; NULL: there is no more. The verifier's
 * log of a refused program; both sides, the users and the ways out of a map that differs.
 */
const char *mapshare_error_detail(const struct mapshare *ms);

/* --- object --------------------------------------------------------------------------- */

/* Where an object's map comes from. */
enum mapshare_map_state {
	MAPSHARE_MAP_UNKNOWN,  /* before mapshare_object_plan() */
	MAPSHARE_MAP_PRIVATE,  /* new, without a pin */
	MAPSHARE_MAP_GIVEN,    /* the map that mapshare_object_use_map() named */
	MAPSHARE_MAP_REUSE,    /* pinned, and it fits */
	MAPSHARE_MAP_CREATE,   /* the load creates and pins it */
	MAPSHARE_MAP_CONFLICT, /* pinned, and it differs or cannot be read: reason */
	MAPSHARE_MAP_BLOCKED,  /* no place for its pin: reason */
};

/* One map of an object. Strings are the object's, until the next plan. */
struct mapshare_map_info {
	size_t size;
	const char *name;
	uint32_t type; /* enum bpf_map_type */
	uint32_t key_size, value_size, max_entries, flags;
	enum mapshare_map_state state;
	uint32_t id;        /* REUSE, GIVEN; else 0 */
	const char *pin;    /* where it is or will be pinned; NULL: nowhere */
	const char *reason; /* CONFLICT, BLOCKED; NULL */
};

/* One program of an object. Strings are the object's. */
struct mapshare_program_info {
	size_t size;
	const char *name, *section;
	uint32_t type;        /* enum bpf_prog_type, 0: the section does not say */
	uint32_t attach_type; /* enum bpf_attach_type, 0: the section does not say */
};

/* Which loader's rules decide about maps whose definition does not say. */
enum mapshare_dialect {
	MAPSHARE_READ_AUTO, /* struct bpf_map_def is shared by name, as cgroup_loader does */
	MAPSHARE_READ_TC, /* as tc reads it: struct bpf_map_def is private */
};

/* How an object file is read. */
struct mapshare_object_opts {
	size_t size;
	enum mapshare_dialect dialect;
};

/*
 * Reads and translates an object file, whatever the dialect of its map definitions; opts NULL:
 * all defaults. The object is the context's, and freed with it at the latest.
 */
int mapshare_object_open(struct mapshare *ms, const char *path,
			 const struct mapshare_object_opts *opts,
			 struct mapshare_object **ret);
/* Frees its sessions too. Takes NULL. */
void mapshare_object_free(struct mapshare_object *obj);

/* The map of that index, in the object's own order. -ENOENT past the last one. */
int mapshare_object_map(struct mapshare_object *obj, size_t i,
			struct mapshare_map_info *ret);
/* The program of that index, likewise. */
int mapshare_object_program(struct mapshare_object *obj, size_t i,
			    struct mapshare_program_info *ret);

/*
 * Before plan and load: this existing map in the place of the object's map, whatever the object
 * says. The library keeps a duplicate of fd. Type and sizes must fit, which plan and load see.
 * -ENOENT: the object has no such map; -EBADF: fd is not a map.
 */
int mapshare_object_use_map(struct mapshare_object *obj, const char *map, int fd);
/* Before plan and load: share the map by name below pin_root, or (0) make one of its own. */
int mapshare_object_share_map(struct mapshare_object *obj, const char *map, int shared);

/*
 * Before a session is opened: gives a constant of the object ('const volatile') its value, for
 * every load of it that follows. name may lead into it: "config.in[0].port"; value is a text in
 * terms of its type: "1000", "true", "BUSY", "[80,443]", "{limit:5}". -ENOENT: there is no such
 * constant, or the object has no BTF; -EINVAL: no value of its type. The last value counts.
 */
int mapshare_object_set(struct mapshare_object *obj, const char *name, const char *value);

/* Fills state, id, pin and reason of every map. A conflict is a state, not an error. */
int mapshare_object_plan(struct mapshare_object *obj);

/* --- session -------------------------------------------------------------------------- */

/*
 * One load of an object, as it was opened: -ESTALE if the file is another one by now. An object
 * may be loaded any number of times.
 */
int mapshare_session_new(struct mapshare_object *obj, struct mapshare_session **ret);

/*
 * Which program to load: by section, by function name, or both, which must agree; with
 * neither the only one there is. May be called for several programs; the first is the one
 * that other functions mean where they are not told.
 */
int mapshare_session_select(struct mapshare_session *s, const char *section,
			    const char *program);

/*
 * Before load, for a selected program (NULL: the first) whose section does not say what it is:
 * enum bpf_prog_type and, unless 0, enum bpf_attach_type.
 */
int mapshare_session_set_type(struct mapshare_session *s, const char *program,
			      uint32_t type, uint32_t attach_type);

/*
 * Finds or makes every map, loads what was selected. A conflict costs no map and no
 * program. Directories of pins stay locked until commit or free: do not keep others waiting.
 * After a failure the session can only be freed.
 */
int mapshare_session_load(struct mapshare_session *s);

/* A loaded program's file descriptor, borrowed; program NULL: the first selected. */
int mapshare_session_program_fd(struct mapshare_session *s, const char *program);
/* A map's file descriptor, borrowed. -ENOENT: the object has no such map. */
int mapshare_session_map_fd(struct mapshare_session *s, const char *map);

/* Where on an interface. */
enum mapshare_hook {
	MAPSHARE_INGRESS,
	MAPSHARE_EGRESS,
	MAPSHARE_XDP, /* of mapshare_session_attach_link() only */
};

/* A filter of tc's. */
struct mapshare_tc_opts {
	size_t size;
	const char *program;         /* NULL: the first selected */
	enum mapshare_hook hook;     /* MAPSHARE_INGRESS or MAPSHARE_EGRESS */
	uint32_t preference, handle; /* 0: the kernel's choice; preference up to 65535 */
	int replace;                 /* the filter of this preference and handle */
	int no_direct_action; /* what the program returns is a class, not a verdict */
};

/* A filter on clsact (or ingress) of an interface in our network namespace; opts may be NULL. */
int mapshare_session_attach_tc(struct mapshare_session *s, const char *dev,
			       const struct mapshare_tc_opts *opts);

/* Who else may be attached to a cgroup. */
enum mapshare_cgroup_mode {
	MAPSHARE_EXCLUSIVE,
	MAPSHARE_OVERRIDE,
	MAPSHARE_MULTI,
	MAPSHARE_LINK, /* by a link that link_pin keeps */
};

/* An attachment to a cgroup. */
struct mapshare_cgroup_opts {
	size_t size;
	const char *program; /* NULL: the first selected */
	const char *type; /* "egress", "cgroup_inet4_connect", ...; NULL: its section's */
	enum mapshare_cgroup_mode mode;
	const char *link_pin; /* MAPSHARE_LINK: where the link is pinned */
	int replace; /* another program of its function name, or what is alone there */
};

/*
 * Attaches to a directory of the cgroup v2 tree; opts may be NULL. Where the same program is
 * attached like this already, nothing is changed, and a message (MAPSHARE_INFO) says so.
 * -EEXIST: another one is, without replace; a link whose cgroup is gone leaves its pin.
 */
int mapshare_session_attach_cgroup(struct mapshare_session *s, const char *cgroup,
				   const struct mapshare_cgroup_opts *opts);

/* Where in a list of tcx, which runs in its order. */
enum mapshare_order { MAPSHARE_LAST, MAPSHARE_BEFORE, MAPSHARE_AFTER };

/* An attachment by a link of the kernel's. */
struct mapshare_link_opts {
	size_t size;
	const char *program; /* NULL: the first selected */
	const char *dev; /* NULL: where the program's section says (tracepoints, ...) */
	enum mapshare_hook hook; /* of dev: XDP, or tcx (Linux 6.6) of either direction */
	const char *
		link_pin; /* NULL: not pinned; else a new path, or of dev one that is there */
	int replace;      /* of dev with link_pin: another program that is in that link */
	/* Of a new link at tcx: beside the program or the link of that id, or (0) all others. */
	enum mapshare_order order;
	uint32_t beside_program, beside_link;
};

/*
 * Attaches by a link; returns its file descriptor, which is the caller's: without a pin the
 * program is attached as long as that is open, committed or not. opts may be NULL. Where a link
 * of dev and hook is pinned there with the same program, nothing is changed, and a message
 * (MAPSHARE_INFO) says so. -EEXIST: it has another one, without replace, or is of another place.
 * A link that lost its interface leaves its pin.
 */
int mapshare_session_attach_link(struct mapshare_session *s,
				 const struct mapshare_link_opts *opts);

/* Pins a loaded program, or any BPF object of the caller's, as part of the session. */
int mapshare_session_pin(struct mapshare_session *s, int fd, const char *path);

/*
 * Everything stays, locks are released. The session's file descriptors stay open; nothing more
 * is attached or pinned by it, but links without a pin.
 */
int mapshare_session_commit(struct mapshare_session *s);
/* Without commit everything made since load is taken back, newest first. Takes NULL. */
void mapshare_session_free(struct mapshare_session *s);

/* --- what is there ---------------------------------------------------------------------- */

/* A file descriptor of the map pinned as NAME below pin_root; the caller's. */
int mapshare_map_open(struct mapshare *ms, const char *name);

/* Do the programs that use a map of one name use one map? */
enum mapshare_verdict {
	MAPSHARE_UNUSED,  /* no attached program uses a map of this name */
	MAPSHARE_SINGLE,  /* one does */
	MAPSHARE_SPLIT,   /* several maps: what one side writes the other does not read */
	MAPSHARE_SHARED,  /* two programs or more, one map */
	MAPSHARE_NOT_SEEN /* something that the answer needs could not be looked at */
};

/* The places that count; all NULL: everywhere. */
struct mapshare_check_opts {
	size_t size;
	const char *const *devs; /* interfaces, NULL-terminated; NULL: none */
	const char *const
		*cgroups; /* directories of cgroups, NULL-terminated; NULL: none */
};

/* One attached program that uses such a map. Strings are the check's. */
struct mapshare_user_info {
	size_t size;
	uint32_t map_id, program_id;
	const char *program; /* function */
	const char *where;   /* "tc ingress dev v0 pref 1 handle 0x1" */
};

/* Looks at the running kernel; opts may be NULL. -ENOENT: there is no map of this name. */
int mapshare_check_new(struct mapshare *ms, const char *map,
		       const struct mapshare_check_opts *opts,
		       struct mapshare_check **ret);
/* What the check found. */
enum mapshare_verdict mapshare_check_verdict(const struct mapshare_check *c);
/* The evidence, by map, program and place. -ENOENT past the last one. */
int mapshare_check_user(const struct mapshare_check *c, size_t i,
			struct mapshare_user_info *ret);
/* Verdict and evidence in words, as `share check` prints them; the check's. */
const char *mapshare_check_text(const struct mapshare_check *c);
/* Takes NULL. */
void mapshare_check_free(struct mapshare_check *c);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
