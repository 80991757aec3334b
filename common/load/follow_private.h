/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What follow*.c share. */
#ifndef LOAD_FOLLOW_PRIVATE_H
#define LOAD_FOLLOW_PRIVATE_H

#include <net/if.h>

#include "load/apply_private.h"
#include "load/follow.h"

struct nl_events;

/* --- follow_book.c: what is ours, by the interface or cgroup that it stands at --- */

struct follow_key {
	uint64_t netns; /* inode; 0: a cgroup */
	uint64_t id;    /* ifindex; inode of the cgroup */
};

struct follow_spot {
	struct follow_key key;
	struct apply_made *made; /* owned */
	size_t nr, nr_refused;
	bool seen; /* since everything was last looked at */
};

struct follow_book {
	struct follow_spot **spots; /* owned; in the order of their keys */
	size_t nr;
	size_t nr_made[2]; /* of cgroups, of tc's */
	size_t nr_refused;
};

struct follow_key follow_key_of(const struct apply_made *made);
/* NULL: nothing of ours is there. */
struct follow_spot *follow_book_find(const struct follow_book *book,
				     struct follow_key key);
/* Takes what is in made, which is empty then. */
void follow_book_add(struct follow_book *book, struct apply_made *made);
void follow_book_refuse(struct follow_book *book, struct follow_key key);
/* All of that spot into the record, at its end; the spot is gone. */
void follow_book_take(struct follow_book *book, struct follow_key key,
		      struct apply_record *to);
void follow_book_release(struct follow_book *book);

/* --- what is to be looked at --- */

enum follow_touch_kind {
	FOLLOW_DEV,    /* netns, id */
	FOLLOW_CGROUP, /* name in directory id */
	FOLLOW_GONE,   /* the cgroup of inode id, unless it still is at name */
	FOLLOW_SWEEP,  /* all cgroups that are there were looked at */
};

struct follow_touch {
	enum follow_touch_kind kind;
	unsigned int tries; /* how often it could not be done; 0: it is new */
	uint64_t netns, id;
	uint64_t due; /* of what is owed: when it is tried again, ms */
	char *name;   /* owned */
};

/* What failed as a whole, and is tried again after a while that grows. */
enum follow_whole {
	FOLLOW_RETRY_NETS,
	FOLLOW_RETRY_DIRS,
	FOLLOW_RETRY_FILE,
	FOLLOW_RETRIES,
};

struct follow_retry {
	unsigned int backoff; /* ms */
	uint64_t at;          /* ms; 0: it did not fail */
};

/* --- follow_nets.c --- */

struct follow_dev {
	int ifindex;
	char name[IFNAMSIZ];
	char *altnames; /* owned; newline behind each; NULL: none */
	bool seen;      /* by the last dump */
};

struct follow_net {
	char *name;  /* "": the caller's; owned, as all of it */
	char *other; /* another one that it has; NULL: none */
	bool named;  /* name is still one of them */
	uint64_t ino;
	struct nl_sock *sock;
	struct nl_events *events;
	bool *entries, *now; /* of conf->tc: which ones name it */
	bool seen;
	bool stale;              /* its interfaces could not be read */
	struct follow_dev *devs; /* by ifindex */
	size_t nr_devs;
};

/* --- follow_dirs.c --- */

/* A component of a pattern that names in a directory may fit. */
struct follow_want {
	size_t entry, word;
	const char *rest; /* the conf's; NULL: the name of a unit */
};

/* A name that is a place. */
struct follow_kid {
	char *name;
	uint64_t id;
	bool *in; /* for each want of the directory: it is a place of that */
};

struct follow_dir {
	int number; /* kernel/dir_watch.h */
	int parent; /* of the directory in which it was found; -1: the first of a pattern */
	char *path;
	struct follow_want *wants;
	size_t nr_wants;
	struct follow_kid *kids; /* by name */
	size_t nr_kids;
};

/* One word of an entry of cgroups. */
struct follow_word {
	char *pattern; /* owned */
	size_t nr, nr_dirs;
	bool full;
	bool room;     /* has become free: it is read again */
	uint64_t said; /* when it was said that it is full, ms; 0: never */
};

/* --- all of it --- */

struct follow {
	const struct apply_conf *conf;
	struct apply_opts opts;
	char *state_dir;
	struct apply_journal held; /* the lock alone */
	int epoll, dirs_fd, mounts, mounts_seen, timer;
	struct applying *run;
	struct follow_book book;
	struct follow_net **nets;
	size_t nr_nets;
	struct follow_dir **dirs; /* by number */
	size_t nr_dirs;
	struct follow_word **words; /* one array for each entry of cgroups */
	size_t nr_words;            /* entries */
	int netns_dir;              /* number of /run/netns; -1: not watched */
	int run_dir;                /* of /run while that one is missing; -1 */
	char *root;                 /* of the cgroup tree; NULL: unknown */
	uint64_t root_dev, root_ino;
	struct follow_touch *touched; /* owned */
	size_t nr_touched;
	struct follow_touch *owed; /* to be tried again when the timer says so */
	size_t nr_owed;
	size_t most_touched;       /* by events, see follow_touch.c */
	bool looking;              /* what is touched is what is there */
	bool look_nets, look_dirs; /* anew, all of it */
	bool whole;                /* an object has to be loaded */
	struct follow_retry retries[FOLLOW_RETRIES];
	size_t nr_stale; /* in the record, and gone */
	bool flooded;    /* more was touched than is remembered */
	bool warned_watches, warned_nets;
	bool nets_left; /* some of them could not be opened */
	bool dirs_left; /* some could not be watched */
	uint64_t bpffs; /* its device; 0: none */
	struct follow_state count;
};

void follow_touch(struct follow *f, enum follow_touch_kind kind, uint64_t netns,
		  uint64_t id, const char *name);

/* Once more: at once, or later, after a while that grows. Takes what is in touch. */
void follow_again(struct follow *f, struct follow_touch *touch, bool later);
/* What is owed by now is touched. */
void follow_touch_due(struct follow *f);
/* Until when nothing is owed or to be tried again, ms; 0: there is nothing of that kind. */
uint64_t follow_next_due(const struct follow *f);

uint64_t follow_now(void); /* ms */
/* It failed (again), or is done. */
void follow_failed(struct follow *f, enum follow_whole what);
void follow_done(struct follow *f, enum follow_whole what);
/* Did it never fail, or long enough ago? */
bool follow_may(const struct follow *f, enum follow_whole what);

void follow_touches_drop(struct follow_touch **list, size_t *nr);

/* Every namespace that the file names; events first, then what is there. */
int follow_nets_look(struct follow *f, struct err *err) must_check;
/* --- follow_devs.c --- */

/*
 * What is there; what was, and is no more, is touched too, and so is what seems to be the same: it
 * may be another one of that number. What could not be read is as it was.
 */
int follow_net_look(struct follow *f, struct follow_net *net, struct err *err) must_check;
void follow_net_drop(struct follow *f, struct follow_net *net, int ifindex);
/* What the sockets told. */
int follow_nets_read(struct follow *f, int fd);
struct follow_net *follow_nets_find(const struct follow *f, uint64_t ino);
struct follow_dev *follow_net_dev(const struct follow_net *net, int ifindex);
bool follow_net_fits(const struct follow *f, const struct follow_dev *dev, size_t entry);
void follow_nets_release(struct follow *f);

/* follow_wants.c */
size_t follow_dirs_index(const struct follow *f, int number);
const char *follow_want_text(const struct follow *f, const struct follow_want *want);
/* Does the name fit its component? *next: what comes behind it, "" for a place. */
bool follow_want_fits(const struct follow *f, const struct follow_want *want,
		      const char *name, const char **next);
struct follow_word *follow_want_word(const struct follow *f,
				     const struct follow_want *want);
void follow_want_say_full(const struct follow *f, const struct follow_want *want);
/* The conf's patterns, unless they are known; without places; none of them: another file comes. */
void follow_words_make(struct follow *f);
void follow_words_empty(struct follow *f);
void follow_words_release(struct follow *f);
/*
 * Which full ones have room: they are full no more. An eighth has to be free, or one deletion would
 * read all of it again.
 */
bool follow_words_room(struct follow *f);
/* How many directories may be watched for it. */
size_t follow_want_dirs(const struct follow *f, const struct follow_want *want);

/* follow_kids.c */
void follow_kid_drop(const struct follow *f, struct follow_dir *dir, size_t at);
uint32_t follow_want_limit(const struct follow *f, const struct follow_want *want);

/* /run/netns, or until it is there /run; again after something was mounted. */
int follow_dirs_netns(struct follow *f) must_check;
/* Every directory in which a name may become a place, anew. */
int follow_dirs_look(struct follow *f, struct err *err) must_check;
void follow_dirs_read(struct follow *f);
struct follow_dir *follow_dirs_find(const struct follow *f, int number);
/*
 * The name is that cgroup now; 0: none. Fills which entries have a place there. False: it is
 * what it was.
 */
bool follow_dir_set(struct follow *f, struct follow_dir *dir, const char *name,
		    uint64_t id, bool known, bool *entries);
/* 0: no place has that name. */
uint64_t follow_kid_id(const struct follow_dir *dir, const char *name);
/* Is the tree still mounted that was looked at? */
bool follow_dirs_stand(const struct follow *f);
/* Limits below which there is room again. */
void follow_dirs_room(struct follow *f);
void follow_dirs_release(struct follow *f);

/* --- follow_open.c --- */

/* *ret: 0 where there is none at that path; -errno: nobody knows. */
int follow_cgroup_id(const char *path, uint64_t *ret) must_check;
/* Is the one of that id there? True as well where nobody knows: it is asked again, later. */
bool follow_cgroup_stands(struct follow *f, const char *path, uint64_t id,
			  unsigned int tries) must_check;

/* The directory in which one was opened last, which is most likely that of the next. */
struct follow_opener {
	int fd, number;
};

#define FOLLOW_OPENER_INIT            \
	{                             \
		.fd = -1, .number = 0 \
	}
void follow_opener_release(struct follow_opener *o);

/*
 * The cgroup of that name in *ret, if it is one of the tree that was looked at: what is done with
 * it is done to that very one then, and no path is walked, which is most of what an attachment
 * costs. Else, for want of descriptors too, *ret stays, and it is asked for by its path. NULL: it
 * need not be opened. As follow_cgroup_id().
 */
int follow_cgroup_open(struct follow_opener *o, const struct follow *f,
		       const struct follow_dir *dir, const char *name, const char *path,
		       uint64_t *id, int *ret) must_check;

/* --- follow_file.c --- */

uint64_t follow_bpffs(uint64_t before);
/* What is ours is what the run says from now on. */
int follow_whole(struct follow *f, const struct apply_conf *conf, bool each,
		 struct apply_report *report, struct err *err) must_check;
void follow_run_free(struct applying **run);
/* The record on the disk is all that is ours, and nothing else. */
int follow_record(struct follow *f, struct err *err) must_check;
/* Written anew once a good part of it is not so: what that costs, each event pays a little of. */
int follow_record_now_and_then(struct follow *f, struct err *err) must_check;

/* --- follow_batch.c --- */

/* Some of what was touched; 1: an object has to be loaded. */
int follow_batch(struct follow *f, struct apply_report *report,
		 struct err *err) must_check;

#endif
