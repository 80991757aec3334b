/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdio.h>
#include <sys/time.h>
#include <time.h>

#include <linux/netlink.h>

#include "base/utf8.h"
#include "print.h"
#include "tc.h"
#include "view/json_out.h"

const char *print_classid(uint32_t id, char buf[static PRINT_CLASSID_MAX])
{
	uint32_t major = id >> 16, minor = id & 0xffff;

	if (id == NL_PARENT_ROOT)
		return "root";
	if (id == 0)
		return "none";
	if (major == 0)
		snprintf(buf, PRINT_CLASSID_MAX, ":%x", minor);
	else if (minor == 0)
		snprintf(buf, PRINT_CLASSID_MAX, "%x:", major);
	else
		snprintf(buf, PRINT_CLASSID_MAX, "%x:%x", major, minor);
	return buf;
}

void print_rows(const struct tc *tc, struct json_object *array, struct strbuf *out)
{
	json_out(out, array, tc->tool.pretty ? JSON_TC : JSON_COMPACT);
}

void print_dev(const struct tc *tc, const char *dev, struct strbuf *out)
{
	auto_strbuf scratch = STRBUF_INIT;

	sb_addf(out, tc->color ? "dev \033[36m%s \033[0m" : "dev %s ",
		utf8_visible(dev, &scratch));
}

const char *print_newline(const struct tc *tc)
{
	return tc->oneline ? "\\" : "\n";
}

enum print_event print_event(bool removal, unsigned int nlmsg_flags)
{
	if (removal)
		return EVENT_DELETED;
	if (!(nlmsg_flags & NLM_F_CREATE))
		return EVENT_NONE;
	return nlmsg_flags & NLM_F_EXCL ? EVENT_ADDED : EVENT_REPLACED;
}

const char *print_event_word(enum print_event event)
{
	switch (event) {
	case EVENT_ADDED:
		return "added";
	case EVENT_REPLACED:
		return "replaced";
	case EVENT_DELETED:
		return "deleted";
	case EVENT_NONE:
		break;
	}
	return NULL;
}

void print_time(const struct tc *tc, const struct timeval *now, struct strbuf *out)
{
	char text[32];
	struct tm tm;

	if (!tc->timestamp && !tc->tshort)
		return;
	localtime_r(&now->tv_sec, &tm);
	strftime(text, sizeof(text), tc->tshort ? "%Y-%m-%dT%H:%M:%S" : "%a %b %e %T %Y",
		 &tm);
	sb_addf(out, tc->tshort ? "[%s.%06ld] " : "Timestamp: %s %ld usec\n", text,
		(long)now->tv_usec);
}
