/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <fcntl.h>

#include "kernel/libbpf_words.h"
#include "share/object_private.h"

/*
 * libbpf's link detaches when it is destroyed; disconnected, the fd alone says how long
 * it lasts.
 */
int object_autoattach(struct object *obj, const struct object_program *prog,
		      int *ret_link_fd, struct err *err)
{
	struct bpf_program *program = obj->bpf_programs[prog - obj->programs];
	auto_strbuf words = STRBUF_INIT;
	struct bpf_link *link;
	int fd, r;

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
	fd = fcntl(bpf_link__fd(link), F_DUPFD_CLOEXEC, 0);
	r = -errno;
	bpf_link__disconnect(link);
	bpf_link__destroy(link);
	if (fd < 0)
		return err_set(err, r, "program '%s': keep its link", prog->name);
	*ret_link_fd = fd;
	return 0;
}
