/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What map_dump.sh measures with. Needs libbpf only.
 *
 *	bare_dump make PIN u64|flow plain|typed ENTRIES     a hash of u32 keys, pinned
 *	bare_dump dump PIN u64|flow plain|typed text|json   the yardstick
 *	bare_dump run CMD...                                "WALL_MS CPU_MS PEAK_KIB"
 *
 * dump is the least a dump can do: batches into one buffer, digits by hand for exactly
 * this map, no options, no errors, nothing looked up. It prints the same bytes.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROWS = 4096, OUT = 64 * 1024, ROW_TEXT = 1024 };

struct flow {
	uint64_t packets, bytes;
	uint32_t src, dst;
	uint16_t sport, dport;
	uint8_t proto, flags;
	uint16_t pad;
	uint32_t state;
	char name[12];
	uint32_t ports[2];
	uint64_t seen;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* --- make ------------------------------------------------------------------------- */

static int flow_type(struct btf *btf, int u8, int u16, int u32, int u64)
{
	int letter = btf__add_int(btf, "char", 1, BTF_INT_SIGNED);
	int name = btf__add_array(btf, u32, letter, 12);
	int two = btf__add_array(btf, u32, u32, 2), state, flow;

	state = btf__add_enum(btf, "state", 4);
	btf__add_enum_value(btf, "STATE_NEW", 0);
	btf__add_enum_value(btf, "STATE_OPEN", 1);
	btf__add_enum_value(btf, "STATE_GONE", 2);
	flow = btf__add_struct(btf, "flow", sizeof(struct flow));
#define FIELD(type, member) \
	btf__add_field(btf, #member, type, 8 * __builtin_offsetof(struct flow, member), 0)
	FIELD(u64, packets);
	FIELD(u64, bytes);
	FIELD(u32, src);
	FIELD(u32, dst);
	FIELD(u16, sport);
	FIELD(u16, dport);
	FIELD(u8, proto);
	FIELD(u8, flags);
	FIELD(u16, pad);
	FIELD(state, state);
	FIELD(name, name);
	FIELD(two, ports);
	FIELD(u64, seen);
	return flow;
}

static uint64_t mixed(uint64_t x)
{
	x = (x + 0x9e3779b97f4a7c15) * 0xbf58476d1ce4e5b9;
	return x ^ x >> 29;
}

static void fill_value(void *value, int flows, uint32_t key)
{
	uint64_t m = mixed(key);
	struct flow flow = {
		.packets = m >> 40,
		.bytes = m >> 24,
		.src = (uint32_t)m,
		.dst = key,
		.sport = (uint16_t)(m >> 13),
		.dport = 443,
		.proto = m & 1 ? 6 : 17,
		.flags = (uint8_t)(m >> 7),
		.state = (uint32_t)(m >> 11) % 4,
		.ports = {80, (uint32_t)(m >> 50)},
		.seen = m,
	};

	snprintf(flow.name, sizeof(flow.name), "eth%u", key % 1000);
	if (flows)
		memcpy(value, &flow, sizeof(flow));
	else
		memcpy(value, &m, sizeof(m));
}

static void make(const char *pin, int flows, int typed, uint32_t entries)
{
	uint32_t size = flows ? sizeof(struct flow) : sizeof(uint64_t);
	struct btf *btf = btf__new_empty();
	int u8 = btf__add_int(btf, "unsigned char", 1, 0);
	int u16 = btf__add_int(btf, "unsigned short", 2, 0);
	int u32 = btf__add_int(btf, "unsigned int", 4, 0);
	int u64 = btf__add_int(btf, "unsigned long", 8, 0);
	int value_type = flows ? flow_type(btf, u8, u16, u32, u64) : u64;
	LIBBPF_OPTS(bpf_map_create_opts, opts);
	uint32_t *keys = calloc(ROWS, sizeof(*keys));
	char *values = calloc(ROWS, size);
	int fd;

	if (btf__load_into_kernel(btf))
		die("btf");
	if (typed) {
		opts.btf_fd = (uint32_t)btf__fd(btf);
		opts.btf_key_type_id = (uint32_t)u32;
		opts.btf_value_type_id = (uint32_t)value_type;
	}
	fd = bpf_map_create(BPF_MAP_TYPE_HASH, "bench", 4, size, entries, &opts);
	if (fd < 0)
		die("create");
	for (uint32_t key = 0; key < entries;) {
		uint32_t n = 0;

		for (; n < ROWS && key < entries; n++, key++) {
			keys[n] = key;
			fill_value(values + n * size, flows, key);
		}
		if (bpf_map_update_batch(fd, keys, values, &n, NULL))
			die("update");
	}
	if (bpf_obj_pin(fd, pin))
		die(pin);
	free(keys);
	free(values);
	btf__free(btf);
}

/* --- dump ------------------------------------------------------------------------- */

static char hex[512], two[200], out[OUT + ROW_TEXT], *at = out;

#define PUT(text) (memcpy(at, text, sizeof(text) - 1), at += sizeof(text) - 1)

static void put_number(uint64_t v)
{
	char digits[20], *p = digits + sizeof(digits);

	for (; v >= 100; v /= 100) {
		p -= 2;
		memcpy(p, two + 2 * (v % 100), 2);
	}
	if (v >= 10) {
		p -= 2;
		memcpy(p, two + 2 * v, 2);
	} else {
		*--p = (char)('0' + v);
	}
	memcpy(at, p, (size_t)(digits + sizeof(digits) - p));
	at += digits + sizeof(digits) - p;
}

static void put_text_bytes(const unsigned char *v, int n)
{
	for (int i = 0; i < n; i++) {
		memcpy(at, hex + 2 * v[i], 2);
		at[2] = i % 16 == 15 && i + 1 < n ? '\n' : ' ';
		at += 3;
		if (i % 16 == 7)
			*at++ = ' ';
	}
	at -= n % 16 == 8 ? 2 : 1;
}

static void put_json_bytes(const unsigned char *v, int n)
{
	for (int i = 0; i < n; i++) {
		memcpy(at, "\"0x00\",", 7);
		memcpy(at + 3, hex + 2 * v[i], 2);
		at += 7;
	}
	at--;
}

#define NAME(name)     (json ? PUT("\"" name "\":") : PUT("            \"" name "\": "))
#define NEXT           (json ? PUT(",") : PUT(",\n"))
#define NUMBER(member) (NAME(#member), put_number(f->member), NEXT)

static void put_flow(const struct flow *f, int json)
{
	static const char *const states[] = {"\"STATE_NEW\"", "\"STATE_OPEN\"",
					     "\"STATE_GONE\""};

	json ? PUT("{") : PUT("{\n");
	NUMBER(packets);
	NUMBER(bytes);
	NUMBER(src);
	NUMBER(dst);
	NUMBER(sport);
	NUMBER(dport);
	NUMBER(proto);
	NUMBER(flags);
	NUMBER(pad);
	NAME("state");
	if (f->state < 3) {
		size_t n = strlen(states[f->state]);

		memcpy(at, states[f->state], n);
		at += n;
	} else {
		put_number(f->state);
	}
	NEXT;
	NAME("name");
	*at++ = '"';
	for (int i = 0; f->name[i]; i++)
		*at++ = f->name[i];
	*at++ = '"';
	NEXT;
	NAME("ports");
	*at++ = '[';
	put_number(f->ports[0]);
	*at++ = ',';
	put_number(f->ports[1]);
	json ? PUT("]") : PUT("\n            ]");
	NEXT;
	NAME("seen");
	put_number(f->seen);
	json ? PUT("}") : PUT("\n        }");
}

static void put_typed(uint32_t key, const void *value, int flows, int json)
{
	uint64_t number;

	json ? PUT("{\"key\":") : PUT("{\n        \"key\": ");
	put_number(key);
	json ? PUT(",\"value\":") : PUT(",\n        \"value\": ");
	memcpy(&number, value, sizeof(number));
	if (flows)
		put_flow(value, json);
	else
		put_number(number);
	json ? PUT("}") : PUT("\n    }");
}

static void put_row(const unsigned char *key, const unsigned char *value, int flows,
		    int typed, int json)
{
	int size = flows ? sizeof(struct flow) : 8;
	uint32_t number;

	memcpy(&number, key, sizeof(number));
	if (json) {
		PUT("{\"key\":[");
		put_json_bytes(key, 4);
		PUT("],\"value\":[");
		put_json_bytes(value, size);
		*at++ = ']';
		if (typed) {
			PUT(",\"formatted\":");
			put_typed(number, value, flows, 1);
		}
		*at++ = '}';
	} else if (typed) {
		put_typed(number, value, flows, 0);
	} else {
		flows ? PUT("key:\n") : PUT("key: ");
		put_text_bytes(key, 4);
		flows ? PUT("\nvalue:\n") : PUT("  value: ");
		put_text_bytes(value, size);
		*at++ = '\n';
	}
}

static void flush(void)
{
	for (char *from = out; from < at;) {
		ssize_t n = write(1, from, (size_t)(at - from));

		if (n < 0)
			die("write");
		from += n;
	}
	at = out;
}

static void dump(const char *pin, int flows, int typed, int json)
{
	unsigned int size = flows ? sizeof(struct flow) : 8, listed = typed || json;
	unsigned char *keys = calloc(ROWS, 4), *values = calloc(ROWS, size);
	int fd = bpf_obj_get(pin), r = 0;
	uint32_t cursor = 0, total = 0;

	if (fd < 0)
		die(pin);
	for (int i = 0; i < 256; i++)
		memcpy(hex + 2 * i,
		       (char[]){"0123456789abcdef"[i >> 4], "0123456789abcdef"[i & 15]},
		       2);
	for (int i = 0; i < 100; i++)
		memcpy(two + 2 * i, (char[]){(char)('0' + i / 10), (char)('0' + i % 10)},
		       2);
	if (listed)
		PUT("[");
	for (int first = 1; r == 0; first = 0) {
		uint32_t n = ROWS;

		r = bpf_map_lookup_batch(fd, first ? NULL : &cursor, &cursor, keys,
					 values, &n, NULL);
		if (r && errno != ENOENT)
			die("lookup");
		for (uint32_t i = 0; i < n; i++) {
			if (listed && total + i)
				*at++ = ',';
			put_row(keys + 4 * i, values + size * i, flows, typed, json);
			if (at > out + OUT)
				flush();
		}
		total += n;
	}
	if (listed)
		json ? PUT("]\n") : PUT("\n]\n");
	else
		at += sprintf(at, "Found %u elements\n", total);
	flush();
}

/* --- run -------------------------------------------------------------------------- */

static double milliseconds(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

static int run(char **argv)
{
	struct timespec from, to;
	struct rusage usage;
	int status = 0;
	pid_t pid;

	clock_gettime(CLOCK_MONOTONIC, &from);
	pid = fork();
	if (pid == 0) {
		if (dup2(open("/dev/null", O_WRONLY), 1) < 0)
			die("/dev/null");
		execvp(argv[0], argv);
		die(argv[0]);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
		die("run");
	clock_gettime(CLOCK_MONOTONIC, &to);
	printf("%.1f %.1f %ld\n",
	       (double)(to.tv_sec - from.tv_sec) * 1e3 +
		       (double)(to.tv_nsec - from.tv_nsec) / 1e6,
	       milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime),
	       usage.ru_maxrss);
	return status != 0;
}

int main(int argc, char **argv)
{
	int flows = argc > 3 && !strcmp(argv[3], "flow");
	int typed = argc > 4 && !strcmp(argv[4], "typed");

	if (argc > 2 && !strcmp(argv[1], "run"))
		return run(argv + 2);
	if (argc != 6)
		return 2;
	if (!strcmp(argv[1], "make"))
		make(argv[2], flows, typed, (uint32_t)atoi(argv[5]));
	else
		dump(argv[2], flows, typed, !strcmp(argv[5], "json"));
	return 0;
}
