/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Any bytes as a file of apply: a value that holds what its header says, or one line. */
/* Reads: common/load/apply_files common/load/apply_yaml common/load/apply_json
 * common/load/apply_keys common/load/apply_value common/load/apply_node
 * common/load/apply_conf */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "load/apply_files.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

static void check_conf(const struct apply_conf *conf)
{
	check(conf->name.text && conf->name.at.line > 0 && !strchr(conf->name.text, '/'));
	for (size_t i = 0; i < conf->nr_objects; i++)
		check(conf->objects[i].key.text && conf->objects[i].file.text[0] == '/');
	for (size_t i = 0; i < conf->nr_maps; i++)
		check(conf->maps[i].name.text && (conf->maps[i].pin == APPLY_PIN_PATH) ==
							 !!conf->maps[i].pin_path.text);
	for (size_t i = 0; i < conf->nr_tc; i++)
		check(conf->tc[i].object < conf->nr_objects && conf->tc[i].parent &&
		      conf->tc[i].interfaces.nr);
	for (size_t i = 0; i < conf->nr_cgroups; i++)
		check(conf->cgroups[i].object < conf->nr_objects &&
		      conf->cgroups[i].type && conf->cgroups[i].where.nr &&
		      conf->cgroups[i].limit);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_apply_conf conf = APPLY_CONF_INIT;
	auto_err err = ERR_INIT;

	if (apply_files_read_text(&conf, "f", "/", (const char *)data, size, &err) == 0)
		check_conf(&conf);
	else
		check(err.code < 0 && strncmp(err.text, "f:", 2) == 0 &&
		      !strchr(err.text, '\n'));
	return 0;
}
