/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/outbuf.h"

/* What a pipe takes at once; larger buffers only fall out of the cache. */
enum { OUTBUF_SIZE = 64 * 1024 };

void outbuf_init(struct outbuf *o, FILE *file)
{
	char *bytes = xcalloc(1, OUTBUF_SIZE + OUTBUF_ROOM);

	*o = (struct outbuf){
		.at = bytes,
		.limit = bytes + OUTBUF_SIZE,
		.bytes = bytes,
		.file = file,
	};
	if (fflush(file))
		o->error = -errno;
}

static int outbuf_write_all(int fd, const char *from, size_t n)
{
	while (n) {
		ssize_t done = write(fd, from, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		from += done;
		n -= (size_t)done;
	}
	return 0;
}

int outbuf_flush(struct outbuf *o)
{
	size_t n = (size_t)(o->at - o->bytes);
	int fd = fileno(o->file);

	o->at = o->bytes;
	if (o->error || !n)
		return o->error;
	o->written = true;
	if (fd >= 0)
		o->error = outbuf_write_all(fd, o->bytes, n);
	else if (fwrite(o->bytes, 1, n, o->file) != n || fflush(o->file))
		o->error = errno ? -errno : -EIO; /* a stream in memory has no fd */
	return o->error;
}

void outbuf_release(struct outbuf *o)
{
	free(o->bytes);
	*o = (struct outbuf){.bytes = NULL};
}

void outbuf_add(struct outbuf *o, const char *text, size_t n)
{
	while (n > OUTBUF_ROOM) {
		memcpy(outbuf_room(o, OUTBUF_ROOM), text, OUTBUF_ROOM);
		o->at += OUTBUF_ROOM;
		text += OUTBUF_ROOM;
		n -= OUTBUF_ROOM;
	}
	if (n)
		memcpy(outbuf_room(o, n), text, n);
	o->at += n;
}

void outbuf_puts(struct outbuf *o, const char *text)
{
	outbuf_add(o, text, strlen(text));
}
