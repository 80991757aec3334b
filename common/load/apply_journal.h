/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The files of one name, in a directory of root's or ours that nobody else may write to:
 *
 *	NAME@NETNS.lock		held by the run that changes anything
 *	NAME@NETNS.json		the record of the last run that ended
 *	NAME@NETNS.journal	the record of a run under way: written and synced before its
 *				first act, renamed to the record as its last one
 *	NAME@NETNS.more		a line ahead of each step of who follows: what is not in
 *				the record yet, which takes it in now and then
 *
 * So a run that was killed leaves its journal, and what it did is in one of the three: whatever
 * of them still stands is what we made. apply_journal_open() reads them all.
 */
#ifndef LOAD_APPLY_JOURNAL_H
#define LOAD_APPLY_JOURNAL_H

#include "load/apply_record.h"

#define APPLY_STATE_DIR "/run/mapshare"

struct apply_journal {
	char *dir;    /* owned, as all of it */
	char *record; /* paths */
	char *journal;
	char *more;
	int lock; /* -1: only looked at, or held by who opened it */
	bool made_dir,
		made_lock; /* by this run, and gone with it if it leaves no record */
	bool has_record;
	bool interrupted; /* there was a journal */
	bool has_more;
	/*
	 * What stands in all of them, the record's last: one place may be in it twice, and only
	 * the kernel knows which one is so. An entry of another boot has no identity.
	 */
	struct apply_record was;
	struct apply_record *others; /* of other names, once asked for */
	size_t nr_others;
	bool others_read;
	char *unread; /* one of them that could not be read; NULL: none */
};

#define APPLY_JOURNAL_INIT \
	{                  \
		.lock = -1 \
	}
#define auto_apply_journal auto_release(apply_journal_release) struct apply_journal

enum apply_journal_use {
	APPLY_JOURNAL_LOOK, /* without the lock; nothing is made then */
	APPLY_JOURNAL_LOCK, /* takes it, and gives it back with its release */
	APPLY_JOURNAL_HELD, /* the caller has it, from apply_journal_hold() */
};

/*
 * Reads. seconds: how long another run of that name is waited for, which is said; -ETIMEDOUT
 * after that, -EBUSY: it is followed. -EBADMSG: the record cannot be read; -EXDEV: it was made
 * beside another BPF file system.
 */
int apply_journal_open(struct apply_journal *ret, const char *dir, const char *name,
		       enum apply_journal_use use, int seconds,
		       struct err *err) must_check;

/*
 * The lock of a name for longer than a run, given back with its release; nothing is read. Others
 * are told that it is followed.
 */
int apply_journal_hold(struct apply_journal *ret, const char *dir, const char *name,
		       int seconds, struct err *err) must_check;

/* May one place be in was twice? */
bool apply_journal_is_twice(const struct apply_journal *j);

/* Written ahead of all acts; record gets name, boot and namespace. */
int apply_journal_write(struct apply_journal *j, struct apply_record *record,
			struct err *err) must_check;
/* A line of it behind what is there, synced: ahead of the acts of who follows. */
int apply_journal_append(struct apply_journal *j, struct apply_record *record,
			 struct err *err) must_check;
/*
 * The end. record: what is ours now; after a run that was interrupted that is less than what the
 * journal had to hold. NULL: what was written is the record. Refused, the record before still
 * stands; a file beside it that cannot be removed is a warning.
 */
int apply_journal_commit(struct apply_journal *j, struct apply_record *record,
			 struct err *err) must_check;
/* All of it was taken back; what an interrupted run left is written down again. */
void apply_journal_drop(struct apply_journal *j);
/* Nothing is ours any more: record and journal go. */
int apply_journal_erase(struct apply_journal *j, struct err *err) must_check;
void apply_journal_release(struct apply_journal *j);

/*
 * The records and journals of all other names in that directory, of this boot, whatever their
 * namespace. What cannot be read is passed over, and is j->unread then: to be in nobody's
 * record is not known of anything.
 */
int apply_journal_each_other(struct apply_journal *j,
			     int (*fn)(const struct apply_record *record, void *ctx),
			     void *ctx);
/* They are read anew when they are asked for again. */
void apply_journal_forget_others(struct apply_journal *j);

#endif
