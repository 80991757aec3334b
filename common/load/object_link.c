/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel/libbpf_words.h"
#include "load/object_private.h"

/* Descriptors that libbpf opens beside the link are found among the low ones only. */
enum { FDS_LOOKED_AT = 256 };

struct fds_open {
	bool fds[FDS_LOOKED_AT];
};

static void fds_note(struct fds_open *ret)
{
	for (int fd = 0; fd < FDS_LOOKED_AT; fd++)
		ret->fds[fd] = fcntl(fd, F_GETFD) >= 0;
}

/*
 * The event behind a link on a probe or tracepoint: the kernel's link holds it, and libbpf
 * closes its own descriptor only together with the attachment.
 */
static void close_new_event(const struct fds_open *before, int link_fd)
{
	for (int fd = 0; fd < FDS_LOOKED_AT; fd++) {
		char path[32], what[32] = "";

		if (before->fds[fd] || fd == link_fd)
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		if (readlink(path, what, sizeof(what) - 1) > 0 &&
		    strcmp(what, "anon_inode:[perf_event]") == 0)
			close(fd);
	}
}

/*
 * libbpf's link detaches when it is destroyed; disconnected, its fd is ours and alone says
 * how long it lasts.
 */
int object_autoattach(struct object *obj, const struct object_program *prog,
		      int *ret_link_fd, struct err *err)
{
	struct bpf_program *program = obj->bpf_programs[prog - obj->programs];
	auto_strbuf words = STRBUF_INIT;
	struct fds_open before;
	struct bpf_link *link;
	int r;

	fds_note(&before);
	libbpf_words_begin(&words);
	link = bpf_program__attach(program);
	r = -errno;
	libbpf_words_end();
	if (!link && r == -EOPNOTSUPP)
		return err_say(
			err, r,
			"program '%s': its section does not say where to attach it",
			prog->name);
	if (!link) {
		libbpf_words_err(err, r, &words, "attach");
		return err_context(err, "program '%s'", prog->name);
	}
	*ret_link_fd = bpf_link__fd(link);
	bpf_link__disconnect(link);
	bpf_link__destroy(link);
	close_new_event(&before, *ret_link_fd);
	return 0;
}
