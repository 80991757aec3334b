#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# share show: every edge of the graph beside what tc, bpftool and /proc say of it. The stock
# tools (and, where they cannot, bpf_links.c) load and attach; ours only look. Maps, programs
# and cgroups are the whole machine's: no other test may load graph.bpf.c.
#
# alone: twins, edges and names are those of all maps and programs of the machine
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

LINKS=$BUILD/tests/netns/bpf_links
PINS=$BPFFS/graph
TCX_INGRESS=46 TCX_EGRESS=47 XDP=37 CGROUP_EGRESS=1 FLOW_DISSECTOR=17

# show [ARG…]: both tools answer alike; the JSON is what the following checks read.
show() {
	t_run 0 tc_loader share show -j "$@"
	cp "$TMP/t_out" "$TMP/other"
	t_run 0 cgroup_loader share show "$@" -j
	cmp -s "$TMP/other" "$TMP/t_out" || t_fail 'the tools differ on stdout'
}

# edge EXPRESSION VALUE: a Python expression over P, the programs, and M, the maps, by name.
# Maps older than ours are left out: when a prog array is looked at while its last pin goes,
# Linux 6.18 may never free it, and an earlier run's would stand beside ours.
edge() {
	t_is "$("$LIB_PYTHON" -c '
import json, sys
g = json.load(open(sys.argv[1]))
first = int(sys.argv[3])
g["maps"] = [m for m in g["maps"] if m["id"] >= first]
for m in g["maps"]:
    m["twins"] = [t for t in m["twins"] if t >= first]
P = {p["name"]: p for p in g["programs"]}
M = {m["name"]: m for m in g["maps"]}
at = lambda name, **want: [a for a in P[name]["attachments"]
                           if all(a.get(k) == v for k, v in want.items())]
v = eval(sys.argv[2])
print(v if isinstance(v, str) else json.dumps(v, separators=(",", ":"), sort_keys=True))
' "$TMP/t_out" "$1" "$first")" "$2" "$1"
}

id_of() {
	bpftool -j prog show pinned "$1" | t_json .id
}

ns_add a
veth_add v0 10.9.1.1/24 a v0 10.9.1.2/24
dev_add w0 w1 w2
cg_add direct
cg_add linked
mkdir "$PINS" "$PINS/maps"
bpftool prog loadall "$OBJ/graph.o" "$PINS" pinmaps "$PINS/maps"
direct=$(map_id "$PINS/maps/graph_direct")
called=$(map_id "$PINS/maps/graph_called")
# By id from here on: kernels were seen that keep prog arrays which nothing holds any more.
calls=$(map_id "$PINS/maps/graph_calls")
outer=$(map_id "$PINS/maps/graph_outer")
inner=$(map_inner "$PINS/maps/graph_outer" 1)
caller=$(id_of "$PINS/graph_caller")
egress=$(id_of "$PINS/graph_egress")
first=$(printf '%s\n' "$direct" "$called" "$calls" "$outer" "$inner" | sort -n | sed -n 1p)

t_begin 'maps and programs are what bpftool shows'
show name graph_direct name graph_called id "$calls" id "$outer" id "$inner"
edge 'sorted(m["id"] for m in g["maps"])' "$(printf '%s\n' "$direct" "$called" "$calls" \
	"$outer" "$inner" | sort -n | paste -sd, | sed 's/.*/[&]/')"
edge 'sorted(P)' '["graph_callee","graph_caller","graph_egress","graph_xdp"]'
edge 'P["graph_caller"]["tag"]' "$(bpftool -j prog show id "$caller" | t_json .tag)"
edge 'P["graph_caller"]["maps"]' "$(bpftool -j prog show id "$caller" | t_json '.map_ids|sort')"
edge 'P["graph_caller"]["pinned"]' "[\"$PINS/graph_caller\"]"
edge 'M["graph_direct"]["pinned"]' "[\"$PINS/maps/graph_direct\"]"
edge '[M["graph_direct"][k] for k in ("type","key_size","value_size","max_entries","flags")]' \
	'["hash",4,8,8,0]'
edge 'M["graph_direct"]["btf_id"]' "$(bpftool -j map show id "$direct" | t_json .btf_id)"
edge 'M["graph_direct"]["twins"]' '[]'
edge 'at("graph_caller")' '[]'

t_begin 'how full a map is, when it is asked for'
edge 'M["graph_direct"]["entries"]' 0
bpftool map update pinned "$PINS/maps/graph_direct" key 1 0 0 0 value 1 0 0 0 0 0 0 0
show id "$direct"
edge 'M["graph_direct"]["entries"]' 1
edge 'g["maps"][0]["id"]' "$direct"

t_begin 'slots of prog arrays and of maps of maps'
bpftool map update pinned "$PINS/maps/graph_calls" key 2 0 0 0 value pinned "$PINS/graph_callee"
show graph_called id "$calls" graph_inner
edge 'P["graph_callee"]["via"]' "[{\"key\":2,\"map\":$calls}]"
edge 'P["graph_caller"]["via"]' "[{\"inner\":$inner,\"key\":1,\"map\":$outer}]"
edge 'M["graph_calls"]["entries"]' 1

t_begin 'tc filters: ours, a named namespace, a chain, a shared block'
tc qdisc add dev v0 clsact
tc filter add dev v0 ingress pref 1 handle 1 bpf da object-pinned "$PINS/graph_caller"
tc filter add dev v0 egress chain 3 pref 7 handle 0x20 bpf da object-pinned "$PINS/graph_caller"
ns_run a tc qdisc add dev v0 ingress
ns_run a tc filter add dev v0 ingress pref 3 bpf da object-pinned "$PINS/graph_caller"
ifindex=$(ip -j link show dev v0 | t_json '.[0].ifindex')
show graph_direct
edge 'at("graph_caller", netns=None)' "[{\"chain\":0,\"dev\":\"v0\",\"handle\":\"0x1\",\"hook\":\"ingress\",\"ifindex\":$ifindex,\"kind\":\"tc\",\"pref\":1},{\"chain\":3,\"dev\":\"v0\",\"handle\":\"0x20\",\"hook\":\"egress\",\"ifindex\":$ifindex,\"kind\":\"tc\",\"pref\":7}]"
edge '[a["pref"] for a in at("graph_caller", netns="a", dev="v0", hook="ingress")]' '[3]'
tc qdisc add dev w0 ingress_block 9 clsact
tc qdisc add dev w1 ingress_block 9 clsact
tc filter add block 9 pref 5 bpf da object-pinned "$PINS/graph_caller"
tc qdisc add dev w2 root handle 1: htb
tc filter add dev w2 parent 1: pref 6 bpf da object-pinned "$PINS/graph_caller"
tc class add dev w2 parent 1: classid 1:7 htb rate 1mbit
tc filter add dev w2 parent 1:7 pref 9 bpf da object-pinned "$PINS/graph_caller"
show graph_direct
edge '[(a["dev"], a.get("hook")) for a in at("graph_caller", pref=9)]' '[["w2",null]]'
t_is "$(tc -j filter show dev w2 parent 1:7 | t_json '.[options.prog.id]')" "[$caller]"
edge 'sorted(a["dev"] for a in at("graph_caller", pref=5))' '["w0","w1"]'
edge '[(a["dev"], a.get("hook")) for a in at("graph_caller", pref=6)]' '[["w2",null]]'
edge '[a["parent"] for p in (6, 9) for a in at("graph_caller", pref=p)]' '["1:","1:7"]'
edge '[a["block"] for a in at("graph_caller", pref=5)]' '[9,9]'
t_run 0 tc_loader share show graph_direct
t_out_has 'tc dev w2 parent 1:7 pref 9 handle 0x1'
t_out_has 'tc ingress dev w0 block 9 pref 5 handle 0x1'
t_run 0 tc_loader share show graph_direct --dot
t_out_has 'label="tc egress\nchain 3\npref 7"'
t_out_has 'label="tc 1:7\npref 9"'
t_out_has 'label="tc ingress\nblock 9\npref 5"'
t_is "$(tc -j filter show dev w2 parent 1: | t_json '.[options.prog.id]')" "[$caller]"

t_begin 'a namespace that only a process has'
start unshare -n sh -c 'ip link add u0 type veth peer name u1 && tc qdisc add dev u0 clsact &&
	tc filter add dev u0 ingress pref 8 bpf da object-pinned "$1" && : >"$2" && exec sleep 60' \
	sh "$PINS/graph_caller" "$TMP/ready"
t_ok wait_for 5 [ -e "$TMP/ready" ]
show graph_direct
edge '[a["netns"] for a in at("graph_caller", pref=8)]' "[\"/proc/$STARTED/ns/net\"]"
edge '[a["dev"] for a in at("graph_caller", pref=8)]' '["u0"]'

t_begin 'XDP: without and with a link'
ip link set dev w0 xdpgeneric pinned "$PINS/graph_xdp"
link=$("$LINKS" link "$PINS/graph_xdp" w1 $XDP "$PINS/link_xdp")
show graph_direct
edge '[(a["dev"], a["flags"], "link_id" in a) for a in at("graph_xdp", kind="xdp")][0]' \
	'["w0","skb",false]'
edge 'at("graph_xdp", dev="w1")[0]["link_id"]' "$link"
edge 'len(at("graph_xdp"))' 2
edge '{a["attach_type"] for a in at("graph_xdp")} == {"xdp"}' true

t_begin 'tcx: without and with a link'
"$LINKS" attach "$PINS/graph_caller" w0 $TCX_INGRESS
link=$("$LINKS" link "$PINS/graph_caller" w1 $TCX_EGRESS "$PINS/link_tcx")
show graph_direct
edge '[(a["dev"], a["hook"], a["attach_type"]) for a in at("graph_caller", kind="tcx")]' \
	'[["w0","ingress","tcx_ingress"],["w1","egress","tcx_egress"]]'
edge '[a.get("link_id") for a in at("graph_caller", kind="tcx")]' "[null,$link]"
edge '[a["order"] for a in at("graph_caller", kind="tcx")]' '[1,1]'

t_begin 'cgroups: a query and a link of one attachment are one entry'
bpftool cgroup attach "$CG/direct" egress pinned "$PINS/graph_egress" multi
link=$("$LINKS" link "$PINS/graph_egress" "$CG/linked" $CGROUP_EGRESS "$PINS/link_cgroup")
show graph_direct
edge 'at("graph_egress", path="'"$CG"'/direct")' "[{\"attach_type\":\"cgroup_inet_egress\",\"cgroup_id\":$(stat -c %i "$CG/direct"),\"flags\":\"multi\",\"kind\":\"cgroup\",\"path\":\"$CG/direct\"}]"
edge '[a["link_id"] for a in at("graph_egress", path="'"$CG"'/linked", kind="cgroup")]' "[$link]"
edge 'len(at("graph_egress"))' 2
t_is "$(bpftool -j link show id "$link" | t_json .prog_id)" "$egress"
"$LINKS" link "$PINS/graph_egress" "$CG/direct" $CGROUP_EGRESS "$PINS/link_second" >"$TMP/second"
show graph_direct
edge '[a.get("link_id") for a in at("graph_egress", path="'"$CG"'/direct")]' "[null,$(cat "$TMP/second")]"

t_begin 'links of other kinds, and programs that use no map'
link=$("$LINKS" netns $FLOW_DISSECTOR "$PINS/link_netns")
# The whole machine: others come and go, so only what stood still is compared.
bpftool -j prog show >"$TMP/before"
t_run 0 cgroup_loader -j share show
bpftool -j prog show >"$TMP/after"
edge 'at("in_netns")' "[{\"attach_type\":\"flow_dissector\",\"kind\":\"link\",\"link_id\":$link}]"
edge 'P["in_netns"]["maps"]' '[]'
edge 'set.intersection(*[{(p["id"], p["tag"]) for p in json.load(open("'"$TMP"'/" + f))}
	for f in ("before", "after")]) <= {(p["id"], p["tag"]) for p in g["programs"]}' true
show graph_direct
edge '"in_netns" in P' false

t_begin 'who has it open'
start "$LINKS" hold "$PINS/graph_xdp" "$PINS/link_cgroup" "$PINS/maps/graph_called" -- sleep 60
t_ok wait_for 5 sh -c "readlink /proc/$STARTED/exe | grep -q sleep"
show graph_direct
edge 'P["graph_xdp"]["holders"]' "[{\"comm\":\"sleep\",\"pid\":$STARTED}]"
edge 'P["graph_egress"]["holders"]' "[{\"comm\":\"sleep\",\"pid\":$STARTED}]"
edge 'P["graph_caller"]["holders"]' '[]'
t_run 0 cgroup_loader share show graph_called
t_out_has "open in process $STARTED"

t_begin 'a link whose cgroup is gone is dead'
cg_add dead
link=$("$LINKS" link "$PINS/graph_egress" "$CG/dead" $CGROUP_EGRESS "$PINS/link_dead")
rmdir "$CG/dead"
is_severed() {
	[ "$("$LINKS" target "$PINS/link_dead")" = 0 ]
}
t_ok wait_for 10 is_severed
show graph_direct
edge 'at("graph_egress", dead=True)' "[{\"attach_type\":\"cgroup_inet_egress\",\"dead\":true,\"kind\":\"cgroup\",\"link_id\":$link}]"

t_begin 'the JSON is of the schema in the man page, and uses all of it'
mkdir "$PINS/maps/mapshare_migrates_graph_direct"
show graph_direct graph_called id "$calls" id "$outer"
rmdir "$PINS/maps/mapshare_migrates_graph_direct"
sed -n '/^\$$/,/^\.Ed/p' "$TOP/common/verbs/mapshare.8" >"$TMP/schema"
t_ok [ -s "$TMP/schema" ]
t_run 0 "$LIB_PYTHON" -c '
import json, sys
schema, seen, name = {}, set(), None
for line in open(sys.argv[1]):
    if line.startswith("."): break
    if not line.startswith(" "): name = line.strip()
    else: key, kind = line.split(None, 1); schema.setdefault(name, {})[key] = kind.strip()
types = {"number": int, "string": str, "boolean": bool}
def check(name, value):
    rows = schema[name]
    for key, kind in rows.items():
        plain = key.rstrip("?")
        if plain not in value:
            assert key.endswith("?"), "%s: no %s" % (name, plain)
            continue
        seen.add((name, key))
        v = value[plain]
        if kind in types: assert type(v) is types[kind], (name, key, v)
        else: assert type(v) is list, (name, key, v)
        if kind.startswith("array of"): assert all(type(x) is types[kind[9:]] for x in v), (name, key, v)
        if kind == "array": [check(plain, x) for x in v]
    extra = set(value) - {k.rstrip("?") for k in rows}
    assert not extra, "%s: not in the man page: %s" % (name, extra)
check("$", json.load(open(sys.argv[2])))
rare = ("more_twins?", "more_via?")
missing = [(n, k) for n in schema for k in schema[n] if (n, k) not in seen and k not in rare]
assert not missing, "never printed: %s" % missing
' "$TMP/schema" "$TMP/other"

t_begin 'a program that only a tail call leads to counts'
t_run 1 cgroup_loader share check graph_called -j
t_is "$(t_json '.verdicts[0].verdict' <"$TMP/t_out")" single
t_run 1 cgroup_loader share check graph_called dev v0
t_out_has "by tail call from program $caller (map $calls slot 2)"
t_run 0 cgroup_loader share check graph_direct graph_direct
t_run 1 tc_loader share check graph_direct graph_called -j
t_is "$(t_json '.verdicts[0].verdict' <"$TMP/t_out")" shared
t_is "$(t_json '.verdicts[1].name' <"$TMP/t_out")" graph_called
t_run 1 cgroup_loader share check graph_inner
t_out_has "through map $outer slot 1"

t_begin 'text: one line per user, no colour, nothing cut; what keeps a link is told'
show graph_direct
edge 'len([a for p in g["programs"] for a in p["attachments"]])' 16
t_run 0 tc_loader share show graph_direct
t_is "$(grep -c 'program *[0-9]' "$TMP/t_out")" 16
t_out_has "cgroup $CG/linked cgroup_inet_egress link "
t_out_has "pinned $PINS/link_cgroup"
t_out_lacks "$(printf '\033')"
t_run 0 env COLUMNS=20 cgroup_loader share show graph_direct
t_out_has "cgroup $CG/direct cgroup_inet_egress"

t_begin 'on a terminal: colour and Unicode, unless NO_COLOR; as wide as that is'
t_run 0 script -qec "stty cols 200; LC_ALL=C.UTF-8 TERM=xterm cgroup_loader share show graph_direct" /dev/null
t_out_has "$(printf '\033[1m')"
t_out_has '├─'
t_run 0 script -qec "stty cols 200; NO_COLOR=1 LC_ALL=C TERM=xterm cgroup_loader share show graph_direct" /dev/null
t_out_lacks "$(printf '\033[1m')"
t_out_lacks '├─'
t_out_has "pinned $PINS/link_cgroup"

t_begin 'a cgroup is asked once for each type'
command -v strace >/dev/null || t_skip strace 'strace is not installed'
# Others make cgroups too: only the questions about one of ours count.
# (The leak check of a sanitizer build does not work under ptrace.)
t_run 0 env ASAN_OPTIONS=detect_leaks=0 strace -qq -e trace=openat,bpf -o "$TMP/trace" cgroup_loader share show graph_direct
asked=$(awk -v dir="\"$CG/direct\"" 'index($0, dir) && /^openat/ { n = 1; next }
	n && /^openat/ { exit }
	n && /PROG_QUERY/ { match($0, /attach_type=[A-Za-z0-9_]+/); print substr($0, RSTART, RLENGTH) }' \
	"$TMP/trace" | sort)
t_ok [ "$(echo "$asked" | wc -l)" -ge 20 ]
t_is "$(echo "$asked" | uniq -d)" ''

t_begin 'refusals'
t_run 255 cgroup_loader share show nothing_of_this_name
t_err_has "no map named 'nothing_of_this_name'"
t_run 255 tc_loader share show id 4000000000
t_run 255 cgroup_loader share show --dot -j
t_run 255 tc_loader share show --svg
t_run 255 cgroup_loader share show --all
t_run 255 cgroup_loader share check --all graph_direct
t_run 255 setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin cgroup_loader share show
t_err_has 'CAP_SYS_ADMIN'

t_begin 'what may not be seen is said'
without_ptrace() {
	t_run 0 setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace "$@"
}
without_ptrace cgroup_loader -j share show graph_direct
edge 'sum("missing CAP_SYS_PTRACE" in h for h in g["hidden"])' 3
edge 'at("graph_caller", pref=8)' '[]'
edge 'P["graph_xdp"]["holders"]' '[]'
without_ptrace tc_loader share show graph_direct
t_err_has 'not seen: open files of '
t_err_has 'not seen: network namespace of '
