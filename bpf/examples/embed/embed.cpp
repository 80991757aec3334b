/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The same as embed.c, as C++ would have it. */
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <mapshare.h>

static void must(const mapshare *ms, int r)
{
	if (r < 0)
		throw std::runtime_error(mapshare_strerror(ms));
}

static bool joins(mapshare *ms, const char *path, const char *dev)
{
	MAPSHARE_OPTS(mapshare_link_opts, link);
	MAPSHARE_OPTS(mapshare_check_opts, where);
	const char *devs[] = {dev, nullptr};
	mapshare_object *object;
	mapshare_session *session;
	mapshare_check *check;

	link.dev = dev;
	link.hook = MAPSHARE_XDP;
	where.devs = devs;
	must(ms, mapshare_object_open(ms, path, nullptr, &object));
	must(ms, mapshare_session_new(object, &session));
	must(ms, mapshare_session_select(session, "xdp", nullptr));
	must(ms, mapshare_session_load(session));
	must(ms, mapshare_session_attach_link(session, &link));
	must(ms, mapshare_session_commit(session));
	must(ms, mapshare_check_new(ms, "frames", &where, &check));
	std::fputs(mapshare_check_text(check), stdout);
	return mapshare_check_verdict(check) == MAPSHARE_SHARED;
}

int main(int argc, char **argv)
{
	mapshare *raw = nullptr;

	if (argc != 3 || mapshare_new(&raw, nullptr) < 0)
		return 2;
	std::unique_ptr<mapshare, decltype(&mapshare_free)> ms(raw, mapshare_free);
	try {
		return joins(raw, argv[1], argv[2]) ? 0 : 1;
	} catch (const std::exception &error) {
		std::fprintf(stderr, "embed: %s\n", error.what());
		return 1;
	}
}
