/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which program of an object is meant, and what is said where none or several are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include "base/log.h"
#include "def/attach_types.h"
#include "elf_build.h"
#include "legacy/tail_calls.h"
#include "load/object.h"
#include "load/select.h"

static const struct bpf_insn code[2] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K},
					{.code = BPF_JMP | BPF_EXIT}};

static struct strbuf warnings;

static void keep_line(enum log_level level, const char *line)
{
	(void)level;
	sb_addf(&warnings, "%s\n", line);
}

static char path[] = "/tmp/select.XXXXXX";

static int setup(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	libbpf_set_print(NULL);
	log_to(keep_line, LOG_WARN);
	return fd < 0 ? -1 : close(fd);
}

static int teardown(void **state)
{
	(void)state;
	sb_release(&warnings);
	return unlink(path);
}

/* Programs a, b, ... in these sections, parted by blanks. */
static void write_object(const char *sections)
{
	struct elf_build b = {.nr_sections = 0};
	auto_free char *copy = xstrdup(sections);
	auto_free unsigned char *bytes = NULL;
	char name[2] = "a";
	size_t size;
	FILE *f;

	for (char *s = strtok(copy, " "); s; s = strtok(NULL, " "), name[0]++)
		elf_build_symbol(&b, name, STB_GLOBAL, STT_FUNC,
				 elf_build_code(&b, s, code, sizeof(code)), 0,
				 sizeof(code));
	bytes = elf_build_finish(&b, &size);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

/* The object's path as FILE. */
static void add_by_name(struct strbuf *out, const char *text)
{
	for (const char *at; (at = strstr(text, path)) != NULL;
	     text = at + strlen(path)) {
		sb_add_mem(out, text, (size_t)(at - text));
		sb_add(out, "FILE");
	}
	sb_add(out, text);
}

struct choice {
	const char *sections;
	const char *type; /* of a cgroup's programs; NULL: a classifier */
	const char *section, *program;
	const char *want; /* the program and its type, or the error */
};

/* jumps: the last program is one that others jump to. */
static void check(const struct choice *c, bool jumps)
{
	static const struct tail_call slot = {.map = -1};
	const struct share_opts opts = {.reader = MAPS_READER_TC};
	auto_object *obj = NULL;
	struct object_program *prog = NULL, *progs;
	auto_strbuf out = STRBUF_INIT;
	auto_err err = ERR_INIT;
	size_t nr;
	int r;

	write_object(c->sections);
	r = object_open(&obj, path, &opts, &err);
	if (r < 0)
		fail_msg("%s: %s", c->sections, err.text);
	progs = object_programs(obj, &nr);
	if (jumps && nr)
		progs[nr - 1].tail_call = &slot;
	r = c->type ? select_for_type(obj, attach_type_by_name(c->type), c->section,
				      c->program, &prog, &err)
		    : select_for_tc(obj, c->section, c->program, BPF_PROG_TYPE_SCHED_CLS,
				    &prog, &err);
	if (r == 0)
		sb_addf(&out, "%s %u", prog->name, prog->prog_type);
	else
		add_by_name(&out, err.text);
	if (jumps && nr)
		progs[nr - 1].tail_call = NULL;
	assert_string_equal(sb_text(&out), c->want);
}

static const struct choice choices[] = {
	{"cgroup_skb/egress", "egress", NULL, NULL, "a 8"},
	{"cgroup_skb/ingress cgroup_skb/egress", "egress", NULL, NULL, "b 8"},
	{"cgroup/skb cgroup_skb/egress", "egress", NULL, NULL,
	 "object 'FILE': several programs are for cgroup_inet_egress: 'a' (section 'cgroup/skb'), 'b' (section 'cgroup_skb/egress'); 'section' or 'program' says which one to take"},
	{"cgroup/skb cgroup/skb/other", "egress", NULL, NULL,
	 "object 'FILE': several programs are for cgroup_inet_egress: 'a' (section 'cgroup/skb'), 'b' (section 'cgroup/skb/other'); 'section' or 'program' says which one to take"},
	{"?cgroup_skb/egress", "egress", NULL, NULL,
	 "object 'FILE': no section in it is for cgroup_inet_egress; it has 'a' (section 'cgroup_skb/egress'); 'section' or 'program' says which one to take"},
	{"classifier", "egress", NULL, NULL,
	 "object 'FILE': no section in it is for cgroup_inet_egress; it has 'a' (section 'classifier'); classifiers are for 'tc_loader filter add dev DEV ingress bpf da obj'"},
	{"xdp", "egress", NULL, NULL,
	 "object 'FILE': no section in it is for cgroup_inet_egress; it has 'a' (section 'xdp')"},
	{"mine", "egress", NULL, NULL,
	 "object 'FILE': no section in it is for cgroup_inet_egress; it has 'a' (section 'mine'); 'section' or 'program' says which one to take"},
	{"mine", "egress", "mine", NULL, "a 8"},
	{"xdp", "egress", "xdp", NULL,
	 "object 'FILE': program 'a' is in section 'xdp', which is for xdp, not for cgroup_inet_egress"},
	{"classifier", "egress", NULL, "a",
	 "object 'FILE': program 'a' is in section 'classifier', which is for sched_cls, not for cgroup_inet_egress; classifiers are for 'tc_loader filter add dev DEV ingress bpf da obj'"},
	{"cgroup/connect4", "egress", "cgroup/connect4", NULL,
	 "object 'FILE': program 'a' is in section 'cgroup/connect4', which is for cgroup_inet4_connect, not for cgroup_inet_egress"},
	{"cgroup_skb/egress mine", "egress", "nothing", NULL,
	 "object 'FILE': no section 'nothing'; it has 'a' in section 'cgroup_skb/egress', 'b' in section 'mine'"},
	{"classifier", NULL, NULL, NULL, "a 3"},
	{"mine classifier", NULL, NULL, NULL, "b 3"},
	{"mine tc", NULL, NULL, NULL, "b 3"},
	{"tc tcx/ingress", NULL, NULL, NULL,
	 "object 'FILE': several programs, say which section or program: 'a' in section 'tc', 'b' in section 'tcx/ingress'"},
	{"mine", NULL, NULL, NULL, "a 3"},
	{"mine other", NULL, NULL, NULL,
	 "object 'FILE': several programs, say which section or program: 'a' in section 'mine', 'b' in section 'other'"},
	{"action", NULL, NULL, NULL, "a 3"},
	{"xdp", NULL, NULL, NULL,
	 "object 'FILE': its program 'a' is of type xdp (section 'xdp'), not sched_cls; 'ip link set dev DEV xdp obj FILE sec xdp' takes it, and 'section xdp' loads it as sched_cls all the same"},
	{"cgroup_skb/egress", NULL, NULL, NULL,
	 "object 'FILE': its program 'a' is of type cgroup_skb (section 'cgroup_skb/egress'), not sched_cls; 'cgroup_loader cgroup attach CGROUP egress obj FILE' takes it, and 'section cgroup_skb/egress' loads it as sched_cls all the same"},
	{"sockops", NULL, NULL, NULL,
	 "object 'FILE': its program 'a' is of type sock_ops (section 'sockops'), not sched_cls; 'cgroup_loader cgroup attach CGROUP sock_ops obj FILE' takes it, and 'section sockops' loads it as sched_cls all the same"},
	{"lwt_in", NULL, NULL, NULL,
	 "object 'FILE': its program 'a' is of type lwt_in (section 'lwt_in'), not sched_cls; 'cgroup_loader prog load FILE PATH' takes it, and 'section lwt_in' loads it as sched_cls all the same"},
	{"xdp", NULL, "xdp", NULL, "a 3"},
	{"xdp", NULL, NULL, "a", "a 3"},
	{"action", NULL, "action", NULL, "a 3"},
};

#define WARNED \
	"object 'FILE': program 'a' in section 'xdp' is of type xdp and loaded as sched_cls; what it returns is read as a verdict of that type\n"

static void one_is_meant(void **state)
{
	auto_strbuf said = STRBUF_INIT;

	(void)state;
	for (size_t i = 0; i < array_size(choices); i++)
		check(&choices[i], false);
	add_by_name(&said, sb_text(&warnings));
	assert_string_equal(said.text, WARNED WARNED);
}

static const struct choice jumps[] = {
	{"cgroup_skb/egress cgroup/skb", "egress", NULL, NULL, "a 8"},
	{"cgroup_skb/egress", "egress", NULL, NULL,
	 "object 'FILE': no section in it is for cgroup_inet_egress; it has 'a' (section 'cgroup_skb/egress')"},
	{"tc classifier/1", NULL, NULL, NULL, "a 3"},
	{"xdp", NULL, NULL, NULL,
	 "object 'FILE': no program to load; a function is one in a section, as SEC(\"classifier\") puts it"},
};

static void what_is_jumped_to_is_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_size(jumps); i++)
		check(&jumps[i], true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_is_meant),
		cmocka_unit_test(what_is_jumped_to_is_not),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
