/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Every key of a file of apply, and every way to get one wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "apply_read.h"
#include "def/attach_types.h"
#include "netlink/nl_filter.h"

static const char whole[] =
	"name: acct-1.x_Y\n"
	"objects:\n"
	"  tc: { file: /usr/lib/acct/acct_tc.o }\n"
	"  cg: { file: lib/acct_cg.o, constants: { quota: 1000000, who: \"no\" } }\n"
	"maps:\n"
	"  usage: { shared: yes, on-change: refuse }\n"
	"  mine: { pin: none, max-entries: 0x10 }\n"
	"  there: { pin: /sys/fs/bpf/acct/there }\n"
	"  plain: { shared: no, pin: default }\n"
	"tc:\n"
	"  - { object: tc, program: acct_drop, interfaces: [ \"eth*\", veth-a ], hook: ingress,\n"
	"      preference: 10, handle: 1, clsact: yes }\n"
	"  - object: tc\n"
	"    section: classifier/x\n"
	"    interfaces: lo\n"
	"    netns: [ a, \"b*\" ]\n"
	"    hook: egress\n"
	"    protocol: ip\n"
	"    chain: 3\n"
	"    direct-action: no\n"
	"    clsact: no\n"
	"    attach: clsact\n"
	"    optional: yes\n"
	"    adopt: yes\n"
	"  - { object: cg, interfaces: [ x ], hook: ingress, protocol: 0x1234 }\n"
	"cgroups:\n"
	"  - { object: cg, type: egress, cgroups: [ \"app.slice/*\", /sys/fs/cgroup/x ], mode: multi }\n"
	"  - { object: cg, type: cgroup_inet4_connect, units: nginx.service, mode: link,\n"
	"      program: p, section: s, adopt: yes, limit: 7 }\n"
	"  - { object: tc, type: sock_ops, each: machine.slice, mode: exclusive }\n"
	"  - { object: tc, type: device, each: /, mode: override }\n";

static void objects_and_maps_of_the_whole_format(void **state)
{
	auto_apply_conf conf = APPLY_CONF_INIT;

	(void)state;
	assert_read(&conf, whole);
	assert_string_equal(conf.name.text, "acct-1.x_Y");
	assert_int_equal(conf.nr_objects, 2);
	assert_string_equal(conf.objects[0].key.text, "tc");
	assert_string_equal(conf.objects[0].file.text, "/usr/lib/acct/acct_tc.o");
	assert_int_equal(conf.objects[0].nr_constants, 0);
	assert_string_equal(conf.objects[1].file.text, "/etc/acct/lib/acct_cg.o");
	assert_int_equal(conf.objects[1].nr_constants, 2);
	assert_string_equal(conf.objects[1].constants[0].name.text, "quota");
	assert_string_equal(conf.objects[1].constants[0].value.text, "1000000");
	assert_string_equal(conf.objects[1].constants[1].value.text, "no");
	assert_int_equal(conf.nr_maps, 4);
	assert_string_equal(conf.maps[0].name.text, "usage");
	assert_true(conf.maps[0].shared);
	assert_int_equal(conf.maps[0].pin, APPLY_PIN_DEFAULT);
	assert_int_equal(conf.maps[0].max_entries, 0);
	assert_int_equal(conf.maps[0].on_change, APPLY_CHANGE_REFUSE);
	assert_int_equal(conf.maps[0].on_change_at.column, 36);
	assert_false(conf.maps[1].shared);
	assert_int_equal(conf.maps[1].pin, APPLY_PIN_NONE);
	assert_int_equal(conf.maps[1].max_entries, 16);
	assert_int_equal(conf.maps[2].pin, APPLY_PIN_PATH);
	assert_string_equal(conf.maps[2].pin_path.text, "/sys/fs/bpf/acct/there");
	assert_int_equal(conf.maps[3].pin, APPLY_PIN_DEFAULT);
	assert_null(conf.maps[3].pin_path.text);
}

static void tc_entries_of_the_whole_format(void **state)
{
	auto_apply_conf conf = APPLY_CONF_INIT;
	const struct apply_tc *tc;

	(void)state;
	assert_read(&conf, whole);
	assert_int_equal(conf.nr_tc, 3);
	tc = &conf.tc[0];
	assert_int_equal(tc->object, 0);
	assert_string_equal(tc->program.text, "acct_drop");
	assert_null(tc->section.text);
	assert_int_equal(tc->interfaces.nr, 2);
	assert_string_equal(tc->interfaces.items[0].text, "eth*");
	assert_string_equal(tc->interfaces.items[1].text, "veth-a");
	assert_int_equal(tc->netns.nr, 0);
	assert_int_equal(tc->parent, NL_PARENT_INGRESS);
	assert_int_equal(tc->preference, 10);
	assert_int_equal(tc->handle, 1);
	assert_int_equal(tc->protocol, 3);
	assert_int_equal(tc->chain, 0);
	assert_true(tc->direct_action && tc->clsact);
	assert_false(tc->optional || tc->adopt);
	tc = &conf.tc[1];
	assert_string_equal(tc->section.text, "classifier/x");
	assert_string_equal(tc->interfaces.items[0].text, "lo");
	assert_int_equal(tc->netns.nr, 2);
	assert_string_equal(tc->netns.items[1].text, "b*");
	assert_int_equal(tc->parent, NL_PARENT_EGRESS);
	assert_int_equal(tc->preference, 0);
	assert_int_equal(tc->handle, 0);
	assert_int_equal(tc->protocol, 0x0800);
	assert_int_equal(tc->chain, 3);
	assert_false(tc->direct_action || tc->clsact);
	assert_true(tc->optional && tc->adopt);
	assert_int_equal(conf.tc[2].protocol, 0x1234);
	assert_int_equal(conf.tc[2].object, 1);
}

static void cgroup_entries_of_the_whole_format(void **state)
{
	auto_apply_conf conf = APPLY_CONF_INIT;
	const struct apply_cgroup *cg;

	(void)state;
	assert_read(&conf, whole);
	assert_int_equal(conf.nr_cgroups, 4);
	cg = &conf.cgroups[0];
	assert_int_equal(cg->object, 1);
	assert_string_equal(cg->type->name, "cgroup_inet_egress");
	assert_int_equal(cg->place, APPLY_CGROUPS);
	assert_int_equal(cg->where.nr, 2);
	assert_string_equal(cg->where.items[0].text, "app.slice/*");
	assert_int_equal(cg->mode, APPLY_MULTI);
	assert_int_equal(cg->limit, 4096);
	assert_false(cg->adopt);
	cg = &conf.cgroups[1];
	assert_string_equal(cg->type->alias, "connect4");
	assert_int_equal(cg->place, APPLY_UNITS);
	assert_string_equal(cg->where.items[0].text, "nginx.service");
	assert_int_equal(cg->mode, APPLY_LINK);
	assert_string_equal(cg->program.text, "p");
	assert_string_equal(cg->section.text, "s");
	assert_true(cg->adopt);
	assert_int_equal(cg->limit, 7);
	assert_int_equal(conf.cgroups[2].place, APPLY_EACH);
	assert_string_equal(conf.cgroups[2].where.items[0].text, "machine.slice");
	assert_int_equal(conf.cgroups[2].mode, APPLY_EXCLUSIVE);
	assert_int_equal(conf.cgroups[3].mode, APPLY_OVERRIDE);
}

static void words_of_enums_are_those_of_the_file(void **state)
{
	(void)state;
	assert_string_equal(apply_mode_word(APPLY_MULTI), "multi");
	assert_string_equal(apply_mode_word(APPLY_OVERRIDE), "override");
	assert_string_equal(apply_mode_word(APPLY_EXCLUSIVE), "exclusive");
	assert_string_equal(apply_mode_word(APPLY_LINK), "link");
	assert_string_equal(apply_change_word(APPLY_CHANGE_REFUSE), "refuse");
	assert_string_equal(apply_change_word(APPLY_CHANGE_FRESH), "fresh");
	assert_string_equal(apply_change_word(APPLY_CHANGE_MIGRATE), "migrate");
}

static void an_error_found_later_names_its_place(void **state)
{
	auto_apply_conf conf = APPLY_CONF_INIT;
	auto_err err = ERR_INIT;

	(void)state;
	assert_read(&conf, whole);
	err_say(&err, -EEXIST, "handle: taken");
	assert_int_equal(apply_conf_context(&err, &conf, conf.tc[1].at), -EEXIST);
	assert_string_equal(err.text, "f:13:5: handle: taken");
}

#define NAME \
	"cannot be a name; use up to 64 letters, digits, '.', '_' and '-', and begin with a letter or digit"
#define OBJECTS "name: a\nobjects: { o: { file: o } }\n"
#define TC      OBJECTS "tc: [ { object: o, interfaces: x, hook: ingress, "
#define CG      OBJECTS "cgroups: [ { object: o, type: egress, "

static const struct refusal files[] = {
	{"objects: {}", "f:1:1: name: missing in a file; add name: NAME"},
	{"name:", "f:1:6: name: needs a value: NAME"},
	{"name: ''", "f:1:7: name: needs a value: NAME"},
	{"name: [a]", "f:1:7: name: a list in the place of a text: NAME"},
	{"name: a/b", "f:1:7: name: 'a/b' " NAME},
	{"name: ..", "f:1:7: name: '..' " NAME},
	{"name: .a", "f:1:7: name: '.a' " NAME},
	{"name: -a", "f:1:7: name: '-a' " NAME},
	{"name: a\nobject: {}",
	 "f:2:1: object: unknown key of a file; did you mean 'objects'?"},
	{"name: a\n<<: {}",
	 "f:2:1: <<: unknown key of a file; known are name, objects, maps, tc, cgroups"},
	{"name: a\nobjects: []",
	 "f:2:10: objects: a list in the place of a mapping: {NAME: {file: PATH}, ...}"},
	{"name: a\nobjects: { o: o.o }",
	 "f:2:15: o: a text in the place of a mapping: {file: PATH}"},
	{"name: a\nobjects: { a/b: {} }",
	 "f:2:12: objects: 'a/b' cannot be a name; use letters, digits, '.', '_' and '-'"},
	{"name: a\nobjects: { o: {} }",
	 "f:2:15: file: missing in an object; add file: PATH"},
	{"name: a\nobjects: { o: { fil: x } }",
	 "f:2:17: fil: unknown key of an object; did you mean 'file'?"},
	{"name: a\nobjects: { o: { file: } }", "f:2:23: file: needs a value: PATH"},
	{"name: a\nobjects: { o: { file: x, constants: [ 1 ] } }",
	 "f:2:37: constants: a list in the place of a mapping: {NAME: VALUE, ...}"},
	{"name: a\nobjects: { o: { file: x, constants: { q: } } }",
	 "f:2:42: q: needs a value: VALUE"},
	{"name: a\nobjects: { o: { file: x, constants: { q: [ 1 ] } } }",
	 "f:2:42: q: a list in the place of a text: VALUE"},
	{"name: a\nmaps: { a/b: {} }",
	 "f:2:9: maps: 'a/b' cannot be the name of a map; it is a path: use pin: PATH below the name"},
	{"name: a\nmaps: { m: { shared: on } }", "f:2:22: shared: 'on' is not yes or no"},
	{"name: a\nmaps: { m: { shared: [ yes ] } }",
	 "f:2:22: shared: a list in the place of a text: yes|no"},
	{"name: a\nmaps: { m: { shared: '' } }", "f:2:22: shared: needs a value: yes|no"},
	{"name: a\nmaps: { m: { pin: [ x ] } }",
	 "f:2:19: pin: a list in the place of a text: PATH|default|none"},
	{"name: a\nmaps: { m: { max-entries: { n: 1 } } }",
	 "f:2:27: max-entries: a mapping in the place of a text: N"},
	{"name: a\nmaps: { m: { on-change: [ fresh ] } }",
	 "f:2:25: on-change: a list in the place of a text: refuse|fresh|migrate"},
	{"name: a\nmaps: { .: {} }",
	 "f:2:9: maps: '.' cannot be the name of a map; it is a path: use pin: PATH below the name"},
	{"name: a\nmaps: { ..: {} }",
	 "f:2:9: maps: '..' cannot be the name of a map; it is a path: use pin: PATH below the name"},
	{"name: a\nobjects: ''",
	 "f:2:10: objects: a text in the place of a mapping: {NAME: {file: PATH}, ...}"},
	{"name: a\nmaps: { m: { pin: x/y } }",
	 "f:2:19: pin: 'x/y' is not a path; write PATH|default|none, a path begins with '/'"},
	{"name: a\nmaps: { m: { max-entries: 0 } }",
	 "f:2:27: max-entries: '0' is not a number from 1 to 4294967295"},
	{"name: a\nmaps: { m: { max_entries: 1 } }",
	 "f:2:14: max_entries: unknown key of a map; did you mean 'max-entries'?"},
	{"name: a\nmaps: { m: { on-change: refse } }",
	 "f:2:25: on-change: 'refse' is not one of refuse|fresh|migrate; did you mean 'refuse'?"},
	{"name: a\nmaps: { m: { shared: yes, pin: none } }",
	 "f:2:32: pin: 'none' and shared: yes exclude each other; a shared map is found by its pin"},
};

static void errors_of_files_objects_and_maps(void **state)
{
	(void)state;
	assert_refused(files, array_size(files));
}

static const struct refusal tcs[] = {
	{OBJECTS "tc: { object: o }",
	 "f:3:5: tc: a mapping in the place of a list: [{object: NAME, ...}, ...]"},
	{OBJECTS "tc: [ o ]",
	 "f:3:7: tc: a text in the place of a mapping: [{object: NAME, ...}, ...]"},
	{OBJECTS "tc: [ { object: [ o ], hook: ingress, interfaces: x } ]",
	 "f:3:17: object: a list in the place of a text: NAME"},
	{TC "protocol: [ ip ] } ]",
	 "f:3:60: protocol: a list in the place of a text: NAME|N"},
	{OBJECTS "tc: [ {} ]", "f:3:7: object: missing in a tc entry; add object: NAME"},
	{OBJECTS "tc: [ { object: o, hook: ingress } ]",
	 "f:3:7: interfaces: missing in a tc entry; add interfaces: [NAME|PATTERN, ...]"},
	{OBJECTS "tc: [ { object: o, interfaces: x } ]",
	 "f:3:7: hook: missing in a tc entry; add hook: ingress|egress"},
	{OBJECTS "tc: [ { object: p, interfaces: x, hook: ingress } ]",
	 "f:3:17: object: 'p' is not defined under objects, which has o"},
	{OBJECTS "tc: [ { object: o, interfaces: x, hook: ingres } ]",
	 "f:3:41: hook: 'ingres' is not one of ingress|egress; did you mean 'ingress'?"},
	{OBJECTS "tc: [ { object: o, interfaces: [], hook: ingress } ]",
	 "f:3:32: interfaces: an empty list; it needs [NAME|PATTERN, ...]"},
	{OBJECTS "tc: [ { object: o, interfaces: [ a, a ], hook: ingress } ]",
	 "f:3:37: interfaces: 'a' is listed twice, first in line 3; keep one"},
	{OBJECTS "tc: [ { object: o, interfaces: [ [ a ] ], hook: ingress } ]",
	 "f:3:34: interfaces: a list in the place of a text: [NAME|PATTERN, ...]"},
	{OBJECTS "tc: [ { object: o, interfaces: a/b, hook: ingress } ]",
	 "f:3:32: interfaces: 'a/b' cannot be a name; write [NAME|PATTERN, ...]"},
	{TC "netns: /run/netns/x } ]",
	 "f:3:57: netns: '/run/netns/x' cannot be a name; write [NAME|PATTERN, ...]"},
	{TC "preference: 65536 } ]",
	 "f:3:62: preference: '65536' is not a number from 1 to 65535"},
	{TC "preference: 1x } ]",
	 "f:3:62: preference: '1x' is not a number from 1 to 65535"},
	{TC "pref: 1 } ]",
	 "f:3:50: pref: unknown key of a tc entry; did you mean 'preference'?"},
	{TC "handle: -1 } ]",
	 "f:3:58: handle: '-1' is not a number from 1 to 4294967295"},
	{TC "protocol: ipx9 } ]",
	 "f:3:60: protocol: 'ipx9' is not a protocol: all, ip, ipv6 and other names of tc, or a number from 1 to 65535"},
	{TC "chain: 0x10000000 } ]",
	 "f:3:57: chain: '0x10000000' is not a number from 0 to 268435455"},
	{TC "direct-action: null } ]", "f:3:65: direct-action: 'null' is not yes or no"},
	{TC "attach: tcx, handle: 1 } ]",
	 "f:3:7: tc: 'handle' has no meaning with 'attach: tcx': its programs are a list, and what they return is the verdict"},
	{TC "attach: x } ]", "f:3:58: attach: 'x' is not one of clsact|tcx"},
	{TC "program: {} } ]",
	 "f:3:59: program: a mapping in the place of a text: FUNCTION"},
};

static void errors_of_tc_entries(void **state)
{
	(void)state;
	assert_refused(tcs, array_size(tcs));
}

static const struct refusal cgroups[] = {
	{OBJECTS "cgroups: [ o ]",
	 "f:3:12: cgroups: a text in the place of a mapping: [{object: NAME, ...}, ...]"},
	{CG "cgroups: [ /a, \"/b/../c\" ] } ]",
	 "f:3:54: cgroups: '/b/../c' goes up by '..'; write the path without it"},
	{OBJECTS "cgroups: [ { object: o, cgroups: x } ]",
	 "f:3:12: type: missing in a cgroups entry; add type: ATTACH_TYPE"},
	{OBJECTS "cgroups: [ { object: o, type: egres, cgroups: x } ]",
	 "f:3:31: type: 'egres' is not an attach type of cgroups, see mapshare.conf(5); did you mean 'egress'?"},
	{OBJECTS "cgroups: [ { object: o, type: [ x ], cgroups: x } ]",
	 "f:3:31: type: a list in the place of a text: ATTACH_TYPE"},
	{OBJECTS "cgroups: [ { object: o, type: egress } ]",
	 "f:3:12: cgroups: missing in a cgroups entry; add cgroups: [PATH|PATTERN, ...], units: or each:"},
	{CG "cgroups: x, units: y } ]",
	 "f:3:51: units: cgroups is set already, in line 3; keep one, or make two entries"},
	{CG "each: y, units: x } ]",
	 "f:3:39: each: units is set already, in line 3; keep one, or make two entries"},
	{CG "cgroups: [ a, b/../c ] } ]",
	 "f:3:53: cgroups: 'b/../c' goes up by '..'; write the path without it"},
	{CG "each: .. } ]",
	 "f:3:45: each: '..' goes up by '..'; write the path without it"},
	{CG "each: 'a*' } ]",
	 "f:3:45: each: 'a*' is a pattern; each takes one path, use cgroups for patterns"},
	{CG "each: [ a ] } ]", "f:3:45: each: a list in the place of a text: PATH"},
	{CG "units: a/b } ]",
	 "f:3:46: units: 'a/b' is not the name of a unit; use cgroups for paths"},
	{CG "cgroups: x, mode: mutli } ]",
	 "f:3:57: mode: 'mutli' is not one of multi|override|exclusive|link; did you mean 'multi'?"},
	{CG "cgroups: x, limit: 0 } ]",
	 "f:3:58: limit: '0' is not a number from 1 to 1000000"},
	{CG "cgroups: x, adopt: maybe } ]", "f:3:58: adopt: 'maybe' is not yes or no"},
	{CG "cgroups: x, cgroup: x } ]",
	 "f:3:51: cgroup: unknown key of a cgroups entry; did you mean 'cgroups'?"},
};

static void errors_of_cgroup_entries(void **state)
{
	(void)state;
	assert_refused(cgroups, array_size(cgroups));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_and_maps_of_the_whole_format),
		cmocka_unit_test(tc_entries_of_the_whole_format),
		cmocka_unit_test(cgroup_entries_of_the_whole_format),
		cmocka_unit_test(words_of_enums_are_those_of_the_file),
		cmocka_unit_test(an_error_found_later_names_its_place),
		cmocka_unit_test(errors_of_files_objects_and_maps),
		cmocka_unit_test(errors_of_tc_entries),
		cmocka_unit_test(errors_of_cgroup_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
