#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Lines as people get them wrong: a word, a file, an id, a place, the order, what is missing.
# Each is refused, in one line on stderr, with the words behind the second bar: the way out where
# there is one, else what is wrong with which value.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"
. "$TOP/tests/mistaken.sh"

cd "$TMP"
cp "$BUILD/bpf/counter_tc.o" tc.o
cp "$BUILD/bpf/counter_cgroup.o" cg.o
echo 'a text' >text.txt
printf 'name: [\n' >bad.yaml
printf 'name: u\nobjcts: {}\n' >unknown.yaml
printf '%s\n' '{name: u, objects: {o: {file: tc.o}}, maps: {trafic: {}},' \
	'tc: [{object: o, interfaces: [v0], hook: ingress}]}' >map.yaml
printf '%s\n' 'name: u' 'objects:' '	o: {file: tc.o}' >tab.yaml
printf '%s\n' 'name: u' 'name: u' >dup.yaml
printf '%s\n' 'objects: {o: {file: tc.o}}' >noname.yaml
printf '%s\n' 'name: u' 'objects: [tc.o]' >type.yaml
printf '%s\n' 'name: u' 'objects: {o: {file: tc.o}}' \
	'tc: [{object: o, interfaces: [v0], hook: ingres}]' >hook.yaml
: >empty.o
head -c 300 tc.o >short.o
printf 'int main(void) { return 0; }\n' | gcc -x c -c -o host.o -
cat >one.c <<'C'
struct {
	int (*type)[2], (*max_entries)[1], *key;
	long *value;
} hits __attribute__((section(".maps"), used));
__attribute__((section(SECTION), used)) int one(void *ctx)
{
	return ((void *(*)(void *, void *))1)(&hits, &hits) != 0;
}
C
printf 'int x = 1;\n' | clang -target bpf -O2 -g -x c -c -o noprog.o -
clang -target bpf -O2 -DSECTION='"classifier"' -c -o nog.o one.c
clang -target bpf -O2 -g -DSECTION='"xdp"' -c -o xdp.o one.c
other=bpfeb
[ "$("$LIB_PYTHON" -c 'import sys; print(sys.byteorder)')" = little ] || other=bpfel
clang -target $other -O2 -g -DSECTION='"classifier"' -c -o other_end.o one.c
dev_add v0
dev_add bare
cg_add c
tc qdisc add dev v0 clsact
bpftool map create "$BPFFS/m" type hash key 4 value 4 entries 4 name mist$$
bpftool map create "$BPFFS/full" type hash key 4 value 4 entries 1 name misf$$
bpftool map update pinned "$BPFFS/full" key 1 0 0 0 value 1 0 0 0
bpftool map create "$BPFFS/arr" type array key 4 value 4 entries 4 name misa$$
bpftool prog load cg.o "$BPFFS/taken" type cgroup_skb/egress

bpftool prog load cg.o "$BPFFS/again" type cgroup_skb/egress
called=$(bpftool -j prog show pinned "$BPFFS/again" | t_json .name)
tag=$(bpftool -j prog show pinned "$BPFFS/again" | t_json .tag)

t_begin 'what several have, and what is no pin'
mistaken <<END
cgroup_loader|prog pin name $called $BPFFS/p|several programs have the name '$called': ids
cgroup_loader|prog pin tag $tag $BPFFS/p|several programs have the tag '$tag': ids
cgroup_loader|cgroup attach c egress name $called|'id N' names one
cgroup_loader|link show pinned $TMP/text.txt|'$TMP/text.txt' is not on a BPF file system
cgroup_loader|link show pinned $BPFFS|'$BPFFS' is a directory; name a link's pin in it
cgroup_loader|link show pinned $BPFFS/taken|pin '$BPFFS/taken' is not a link
cgroup_loader|prog show pinned $TMP/text.txt|'$TMP/text.txt' is not on a BPF file system
cgroup_loader|prog show pinned $BPFFS|'$BPFFS' is a directory; name a program's pin in it
cgroup_loader|prog show pinned $BPFFS/m|pin '$BPFFS/m' is not a program
cgroup_loader|map create $BPFFS/n type array_of_maps key 4 value 4 entries 1 inner_map pinned $BPFFS/arr inner_map pinned $BPFFS/arr|inner_map already specified
cgroup_loader|map create $BPFFS/n type hash key 4 value 4 entries 1 name a-b|the kernel takes letters, digits, '_' and '.' only
cgroup_loader|share check m --xyz|unknown option '--xyz'; use '--all' or '-v'|22
cgroup_loader|share show m --xyz|unknown option '--xyz'; use '--dot', '--svg FILE' or '-j'|22
cgroup_loader|share show m --svg=|unknown option '--svg='|22
cgroup_loader|share show m --dot --svg x.svg|one of -j, --dot and --svg, not two of them|22
cgroup_loader|share check m --all|'--all' stands for the maps: leave it out, or the names|22
cgroup_loader|share check m dev v0 more|what is 'more'? dev or cgroup may follow|22
cgroup_loader|share check m dev v0 netns nosuch|nosuch|2
cgroup_loader|share check id|no map named 'id'|2
cgroup_loader|share check pinned|no map named 'pinned'|2
cgroup_loader|share check name|no map named 'name'|2
cgroup_loader|share check dev|no map named 'dev'|2
END
# Words that are empty.
t_run 255 cgroup_loader share check ''
t_err_has 'which map? NAME, id N, pinned PATH or name NAME'
t_run 255 cgroup_loader share show m --svg ''
t_err_has "'--svg' needs a value: FILE"
t_run 255 cgroup_loader map create "$BPFFS/n" type hash key 4 value 4 entries 1 name ''
t_err_has 'map name not specified'
t_ok [ ! -e "$BPFFS/n" ]

t_begin 'mistakes'
mistaken <<'END'
tc_loader|fliter add dev v0 ingress bpf da obj tc.o|did you mean 'filter'?
tc_loader|filter ad dev v0 ingres bpf da obj tc.o|did you mean 'ingress'?
tc_loader|filter add dev v0 xdp bpf da obj tc.o|filters see incoming packets on 'ingress', XDP is attached
tc_loader|filter add ingress bpf da obj tc.o|add 'dev NAME'
tc_loader|filter add dev v0 ingress bpf da|add 'object-file FILE', 'object-pinned PATH' or 'bytecode
tc_loader|filter add dev v0 ingress bpf da obj|filter add dev 'v0': 'object-file' needs a value: FILE
tc_loader|filter add dev v0 ingress bpf da obj nosuch.o|the path begins in the directory this runs in
tc_loader|filter add dev v0 ingress bpf da obj text.txt|an object is what 'clang -target bpf -O2 -g -c' writes
tc_loader|filter add dev v0 ingress bpf da obj .|filter add dev 'v0': object '.': a directory; name the file in it
tc_loader|filter add dev nosuch ingress bpf da obj tc.o|'ip link' lists the interfaces there are
tc_loader|filter add dev bare ingress bpf da obj tc.o|add one: tc_loader qdisc add dev bare clsact
tc_loader|filter add dev v0 ingress bpf da obj tc.o section clasifier|did you mean 'classifier'?
tc_loader|filter add dev v0 ingress bpf da obj tc.o program count_tx|did you mean 'count_tc'?
tc_loader|filter add dev v0 ingress bpf da obj cg.o|'cgroup_loader cgroup attach CGROUP egress obj cg.o' takes
tc_loader|filter add dev v0 ingress bpf da obj tc.o map name trafic private|filter add dev 'v0': object 'tc.o': map 'trafic' is not in
tc_loader|filter add dev v0 ingress bpf da obj tc.o map name traffic id 4294967295|No such file or directory
tc_loader|filter add dev v0 ingress bpf da obj tc.o map traffic private|filter add dev 'v0': map: expected 'idx' or 'name', got 't
tc_loader|filter add dev v0 ingress bpf da obj tc.o set nosuch=1|filter add dev 'v0': object 'tc.o': set 'nosuch': the obje
tc_loader|filter add dev v0 ingress bpf da object-pinned /nosuch|filter add dev 'v0': object-pinned '/nosuch': No such file
tc_loader|filter add dev v0 ingress bpf da object-pinned MAP|fs/bpf/m' is not a program
tc_loader|filter add dev v0 ingress pref 70000 bpf da obj tc.o|filter add dev 'v0': pref '
tc_loader|filter add dev v0 ingress pref seven bpf da obj tc.o|filter add dev 'v0': pref 'seven': not a number from 0 to
tc_loader|filter add dev v0 ingress handle x bpf da obj tc.o|filter add dev 'v0': handle 'x': not a number from 0 to
tc_loader|filter add dev v0 ingress protocol ipx4 bpf da obj tc.o|filter add dev 'v0': protocol 'ipx4': neither a known name
tc_loader|filter add dev v0 ingress u32 match ip dst 1.2.3.4|use tc, or --hand-over
tc_loader|filter add dev v0 ingress bpf direct-acton obj tc.o|did you mean 'direct-action'?
tc_loader|filter add dev v0 dev v0 ingress bpf da obj tc.o|filter add dev 'v0': duplicate 'dev'
tc_loader|filter add dev v0 ingress egress bpf da obj tc.o|filter add dev 'v0': 'egress' is a second parent
tc_loader|filter add dev v0 ingress bpf da obj tc.o extra|see 'tc_loader filter help'
tc_loader|filter add v0 ingress bpf da obj tc.o|if it is an interface, 'dev' goes before it
tc_loader|filter del dev v0 ingress pref 99|filter delete dev 'v0': Cannot find specified filter chain
tc_loader|filter del dev bare ingress|filter delete dev 'bare': no clsact qdisc on 'bare', so no
tc_loader|filter get dev v0 ingress|filter get dev 'v0': say protocol
tc_loader|filter show dev nosuch ingress|'ip link' lists the interfaces there are
tc_loader|filter replace dev v0 ingress bpf da|add 'object-file FILE', 'object-pinned PATH' or 'bytecode
tc_loader|filter add devs nosuch* ingress bpf da obj tc.o|filter add devs 'nosuch*': no interface fits
tc_loader|filter add devs @nosuch.txt ingress bpf da obj tc.o|filter add devs '@nosuch.txt': open: No such file or direc
tc_loader|filter add dev v0 tcx bpf obj tc.o|filter add dev 'v0': 'tcx' takes ingress or egress
tc_loader|filter del dev v0 tcx ingress bpf after id 5|filter delete dev 'v0': 'after' has no meaning for delete
tc_loader|filter add dev v0 ingress bpf bytecode 1,6|filter add dev 'v0': bytecode: instruction 0 is not 'code
tc_loader|filter add dev v0 ingress bpf bytecode-file nosuch.txt|filter add dev 'v0': bytecode-file 'nosuch.txt': No such f
tc_loader|qdisc add dev v0 clsact|'qdisc replace' takes it as it is, with its filters
tc_loader|qdisc add dev v0 clsat|did you mean 'clsact'?
tc_loader|qdisc add dev v0 htb|use tc for other qdiscs, or --hand-over
tc_loader|qdisc add clsact|add 'dev NAME'
tc_loader|qdisc add dev nosuch clsact|'ip link' lists the interfaces there are
tc_loader|qdisc del dev bare clsact|qdisc delete dev 'bare': no clsact qdisc on 'bare'
tc_loader|qdisc add dev v0|use tc for other qdiscs, or --hand-over
tc_loader|class show dev v0|use tc, or --hand-over
tc_loader|qdsc show|did you mean 'qdisc'?
tc_loader|exec bpf graft /nosuch obj tc.o key 0|exec: graft '/nosuch': pinned map '/nosuch': No such file
tc_loader|exec bpf import|exec: 'import' needs a value: PATH
tc_loader|-n nosuch qdisc show|'ip netns' lists those with a name
tc_loader|-batch nosuch.txt|batch file 'nosuch.txt': No such file or directory
tc_loader|--pin-rot /x qdisc show|did you mean '--pin-root'?
tc_loader|--pin-root|'--pin-root' needs a value: DIR
tc_loader|--maps-layout elv qdisc show|known are elf, def and samples
tc_loader|-jsn qdisc show|did you mean '-json'?
cgroup_loader|prgo show|did you mean 'prog'?
cgroup_loader|prog shwo|did you mean 'show'?
cgroup_loader|prog load cg.o|'load' needs a value: OBJ PATH
cgroup_loader|prog load nosuch.o FS/p1|the path begins in the directory this runs in
cgroup_loader|prog load text.txt FS/p1|an object is what 'clang -target bpf -O2 -g -c' writes
cgroup_loader|prog load cg.o /tmp/p1|is not on a BPF file system; pins live below
cgroup_loader|prog load cg.o FS/taken|name another path, or remove that pin
cgroup_loader|prog load cg.o FS/p1 type cgroup/egres|types are written like section names: cgroup_skb/egress, c
cgroup_loader|prog load cg.o FS/p1 map name trafic pinned MAP|object 'cg.o': map 'trafic' is not in the object, which ha
cgroup_loader|prog load cg.o FS/p1 map name traffic pinned MAP|does not fit: type hash/array, value_size 4/16 (given/obje
cgroup_loader|prog load cg.o FS/p1 set nosuch=1|object 'cg.o': set 'nosuch': the object has no constants; 
cgroup_loader|prog show id x|id 'x': not a number from 0 to
cgroup_loader|prog show id 4294967295|'cgroup_loader prog show' lists the programs there are
cgroup_loader|prog show name nosuch|'cgroup_loader prog show' lists the programs there are
cgroup_loader|prog show pinned MAP|fs/bpf/m' is not a program
cgroup_loader|prog show tag 12|tag '12': not 16 hex digits
cgroup_loader|prog attach pinned FS/taken|'prog attach' is left to bpftool: bpftool prog attach ...
cgroup_loader|cgroup attach /nosuch egress obj cg.o|'cgroup tree' lists those with programs
cgroup_loader|cgroup attach /tmp egress obj cg.o|fs/cgroup/unified'
cgroup_loader|cgroup attach CG/c egrss obj cg.o|did you mean 'egress'?
cgroup_loader|cgroup attach egress CG/c obj cg.o|CGROUP comes before TYPE
cgroup_loader|cgroup attach CG/c egress cg.o|an object file must follow 'obj'
cgroup_loader|cgroup attach CG/c egress obj tc.o|classifiers are for 'tc_loader filter add dev DEV ingress
cgroup_loader|cgroup attach CG/c ingress obj cg.o section nosuch|it has 'count_cgroup' in section 'cgroup_skb/egress'
cgroup_loader|cgroup attach CG/c egress obj cg.o program count_cgrop|did you mean 'count_cgroup'?
cgroup_loader|cgroup attach CG/c egress obj cg.o mutli|did you mean 'multi'?
cgroup_loader|cgroup attach CG/c egress obj cg.o multi override|'multi' and 'override' exclude each other
cgroup_loader|cgroup attach CG/c egress|pinned PATH} or obj FILE
cgroup_loader|cgroup attach CG/c|'attach' needs a value: CGROUP TYPE PROG
cgroup_loader|cgroup attach CG/c connect4 obj cg.o|it has 'count_cgroup' (section 'cgroup_skb/egress')
cgroup_loader|cgroup attach unit nosuch.service egress obj cg.o|fs/cgroup/unified': it does not run
cgroup_loader|cgroup attach pid 4194305 egress obj cg.o|no process has the id
cgroup_loader|cgroup attach CG/c egress pinned MAP|fs/bpf/m' is not a program
cgroup_loader|cgroup detach CG/c egress obj cg.o|/c': nothing is attached to cgroup_inet_egress
cgroup_loader|cgroup detach CG/c egress id 4294967295|'cgroup_loader prog show' lists the programs there are
cgroup_loader|cgroup show /nosuch|'cgroup tree' lists those with programs
cgroup_loader|cgroup show|'show' needs a value: CGROUP
cgroup_loader|cgroup tree /tmp|fs/cgroup/unified'
cgroup_loader|link show id 4294967295|'link show' lists the links there are
cgroup_loader|link detach pinned /nosuch|'link show -f' lists links with their pins
cgroup_loader|link pin id 4294967295 FS/x|'link show' lists the links there are
cgroup_loader|map dump|expected 'id', 'name' or 'pinned', got: ''?
cgroup_loader|map dump nmae traffic|expected 'id', 'name' or 'pinned', got: 'nmae'?
cgroup_loader|map dump name nosuch|'map show' lists the maps there are
cgroup_loader|map dump name a_name_that_is_too_long|can't parse name 'a_name_that_is_too_long': the kernel kee
cgroup_loader|map dump id x|can't parse x as ID
cgroup_loader|map dump pinned FS/taken|fs/bpf/taken': incorrect object type: program
cgroup_loader|map update pinned MAP key 1 value 1 0 0 0|key expected 4 bytes got 1 before 'value'
cgroup_loader|map update pinned MAP key 1 0 0 0 value 1|value expected 4 bytes got 1
cgroup_loader|map update pinned MAP key 1 0 0 0 value 256 0 0 0|error parsing byte: 256 is not from 0 to 255
cgroup_loader|map update pinned MAP key 1 0 0 0|add 'value' and those bytes
cgroup_loader|map update pinned FULL key 9 0 0 0 value 1 0 0 0|is full: it has 1 of 1 entries
cgroup_loader|map update pinned ARR key 9 0 0 0 value 1 0 0 0|has 4 entries, the first is 0
cgroup_loader|map update pinned MAP key xyz value 1 0 0 0|a byte is 0 to 255, 0x0 to 0xff, or two digits after 'hex
cgroup_loader|map lookup pinned MAP kye 1 0 0 0|expected key or value, got: kye
cgroup_loader|map delete pinned MAP key 8 0 0 0|'map dump' lists those it has
cgroup_loader|map delete pinned ARR key 0 0 0 0|delete failed: elements of an array cannot be deleted, onl
cgroup_loader|map create FS/n type hsh key 4 value 4 entries 4|did you mean 'hash'?
cgroup_loader|map create FS/n type hash key 4 value 4|map create failed: a map of type hash needs 'entries N'
cgroup_loader|map create FS/n type lpm_trie key 8 value 4 entries 4|map create failed: a map of type lpm_trie needs 'flags 1'
cgroup_loader|map create FS/taken type hash key 4 value 4 entries 4 name x|name another path, or remove that pin
cgroup_loader|map create /tmp/n type hash key 4 value 4 entries 4 name x|is not on a BPF file system; pins live below
cgroup_loader|map pin pinned MAP /tmp/n|is not on a BPF file system; pins live below
cgroup_loader|map load pinned MAP nosuch.json|open 'nosuch.json': No such file or directory
cgroup_loader|map load pinned MAP text.txt|'text.txt': 0 elements are stored: element 1 (line 1): its
cgroup_loader|map export pinned MAP|'export' needs a format, of which there is one: --openmetr
cgroup_loader|map watch pinned MAP interval 0|interval '0': not a number of seconds from 0.1 to
cgroup_loader|map migrate pinned MAP to obj nosuch.o|the path begins in the directory this runs in
cgroup_loader|map pop pinned MAP|a map with keys has no element that comes first: use 'map
cgroup_loader|map push pinned MAP value 1|value expected 4 bytes got 1
cgroup_loader|share check|or --all
cgroup_loader|share check nosuch|no map named 'nosuch'
cgroup_loader|share check traffic dev nosuch|device 'nosuch': No such device
cgroup_loader|share check traffic cgroup /nosuch|'cgroup tree' lists those with programs
cgroup_loader|share show id 4294967295|'map show' lists the maps there are
cgroup_loader|share gc --delete /nosuch|pin '/nosuch': No such file or directory
cgroup_loader|share gc --force-unseen|'--force-unseen' has no meaning without --delete
cgroup_loader|object show|which object file?
cgroup_loader|object show nosuch.o|the path begins in the directory this runs in
cgroup_loader|object show text.txt|an object is what 'clang -target bpf -O2 -g -c' writes
cgroup_loader|object convert tc.o tc.o|name another one for the new object
cgroup_loader|object convert tc.o|two files are needed: the object and the new one
cgroup_loader|apply nosuch.yaml|nosuch.yaml: No such file or directory
cgroup_loader|apply bad.yaml|check quotes, brackets and indentation
cgroup_loader|apply|'apply' needs a file: apply FILE
cgroup_loader|plan unknown.yaml|did you mean 'objects'?
cgroup_loader|plan map.yaml|has a map 'trafic'; did you mean 'traffic'?
cgroup_loader|batch|'batch' needs 'file FILE'
cgroup_loader|batch file nosuch.txt|batch file 'nosuch.txt': No such file or directory
cgroup_loader|batch fiel x|'batch' needs 'file FILE'
cgroup_loader|net attach xdp id 1 dev v0|'net' is left to bpftool: bpftool net ...
cgroup_loader|feature shwo|did you mean 'show'?
cgroup_loader|--jsn map show|did you mean '--json'?
cgroup_loader|--pin-root|'--pin-root' needs a value: DIR
tc_loader|filter add dev v0 bpf ingress da obj tc.o|'ingress' goes before 'bpf'
tc_loader|filter add ingress dev v0 obj tc.o|'bpf' goes before 'obj'
tc_loader|filter dev v0 add ingress bpf da obj tc.o|use one of add, change, replace
tc_loader|filter add dev v0 ingress bpf tc.o|'obj' goes before a file
tc_loader|filter add dev v0 ingress bpf da obj tc.o sec nosuch|it has 'count_tc' in section 'classifier'
tc_loader|filter add dev v0 ingress bpf da obj host.o|not for BPF, but for 
tc_loader|filter add dev v0 ingress bpf da obj host.o|build it with 'clang -target bpf -O2 -g -c'
tc_loader|filter add dev v0 ingress bpf da obj empty.o|the file is empty; build the object again
tc_loader|filter add dev v0 ingress bpf da obj other_end.o|rebuild with -target bpfe
tc_loader|filter add dev v0 ingress bpf da obj noprog.o|as SEC("classifier") puts it
tc_loader|filter add dev v0 ingress bpf da obj short.o|copy or build it again
tc_loader|filter add dev v0 ingress bpf da obj nog.o|maps in section '.maps' need BTF, rebuild with -g
tc_loader|filter add dev v0 ingress bpf da obj xdp.o|'ip link set dev DEV xdp obj xdp.o sec xdp' takes it
tc_loader|filter add dev v0 ingress bpf da object-pinned FS/taken|'cgroup_loader cgroup attach' is for it
tc_loader|filter add dev v0 ingress bpf da object-pinned /etc/hosts|'obj' takes a file
tc_loader|filter add dev v0 ingress pref -1 bpf da obj tc.o|pref '-1': not a number from 0 to 65535
tc_loader|filter add dev v0 root bpf da obj tc.o|the hooks of clsact are 'ingress' and 'egress'
tc_loader|filter add dev v0 ingress bpf da obj tc.o map name traffic|expected 'id', 'pinned', 'name', 'private' or 'shared'
tc_loader|filter add dev v0 ingress bpf da obj tc.o map name traffic pinned MAP|value_size 4/16 (given/object)
tc_loader|filter add dev v0 ingress bpf da obj tc.o set x|expected NAME=VALUE in one word
tc_loader|filter del dev v0 ingress handle 5|'handle' must be followed by the kind
tc_loader|filter del dev v0|add 'ingress' or 'egress'
tc_loader|qdisc add dev v0 ingress|'qdisc del dev v0 clsact' removes it and its filters
tc_loader|-n /etc/hosts filter show dev v0 ingress|that file is none; 'ip netns' lists those with a name
tc_loader|--pin-root /tmp filter add dev v0 ingress bpf da obj tc.o|pins live below /sys/fs/bpf
tc_loader|exec bpf graft MAP key 0 obj tc.o|type hash/prog_array
tc_loader|add filter dev v0 ingress bpf da obj tc.o|another object goes before 'add'
cgroup_loader|prog load FS/p1 cg.o|the object comes before the pin
cgroup_loader|prog load cg.o p1|pins live below /sys/fs/bpf
cgroup_loader|prog load cg.o FS/with.dot|names in bpffs may not contain a dot
cgroup_loader|prog load cg.o FS/p1 map traffic pinned MAP|expected 'idx' or 'name', got 'traffic'
cgroup_loader|prog load cg.o FS/p1 map idx 9 pinned MAP|which has 1 maps: traffic
cgroup_loader|prog load host.o FS/p1|build it with 'clang -target bpf -O2 -g -c'
cgroup_loader|prog load noprog.o FS/p1|as SEC("cgroup_skb/egress") puts it
cgroup_loader|prog show pinned /etc/hosts|pins live below /sys/fs/bpf
cgroup_loader|prog show pinned FS/.|is a directory; name a program's pin in it
cgroup_loader|link show pinned FS/.|is a directory; name a link's pin in it
cgroup_loader|prog show 5|'id' goes before a number
cgroup_loader|prog unload FS/p1|did you mean 'load'?
cgroup_loader|cgroup attach CG/c/cgroup.procs egress obj cg.o|name the directory it is in
cgroup_loader|cgroup attach CG/c obj cg.o egress|attach type 'obj' is unknown: use one of ingress
cgroup_loader|cgroup attach CG/c egress obj host.o|build it with 'clang -target bpf -O2 -g -c'
cgroup_loader|cgroup attach CG/c egress obj|'obj' needs a value: FILE
cgroup_loader|cgroup attach CG/c sock_create obj cg.o|it has 'count_cgroup' (section 'cgroup_skb/egress')
cgroup_loader|cgroup attach pid x egress obj cg.o|pid 'x': not a number from 1 to
cgroup_loader|cgroup detach CG/c|'detach' needs a value: CGROUP TYPE PROG
cgroup_loader|map update pinned MAP 1 0 0 0 value 1 0 0 0|have 4 bytes, values 4
cgroup_loader|map update pinned MAP key 0a 0 0 0 value 1 0 0 0|or two digits after 'hex'
cgroup_loader|map update pinned MAP key 1 0 0 0 value 1 0 0 0 0 0 0 0|have 4 bytes, values 4
cgroup_loader|map update pinned MAP key 1 0 0 0 value 1 0 0 0 nonexist|'any', 'exist' or 'noexist' may stand here
cgroup_loader|map update pinned MAP key {a:1} value 1 0 0 0|the map has no BTF that says what its keys are; give 4 bytes
cgroup_loader|map update MAP key 1 0 0 0 value 1 0 0 0|'pinned' goes before a path
cgroup_loader|map dump 5|'id' goes before a number
cgroup_loader|map dump traffic|'name' goes before a name
cgroup_loader|map lookup pinned MAP|add 'key' and those bytes
cgroup_loader|map show pinned /etc/hosts|'share show' lists maps with their pins
cgroup_loader|map pin pinned MAP FS/a.b|names in bpffs may not contain a dot
cgroup_loader|map create FS/n type hash key 0 value 4 entries 4 name x|a map of this type needs 'key BYTES', at least 1
cgroup_loader|map create FS/n type array key 8 value 4 entries 4 name x|keys of a map of type array have 4 bytes, not 8
cgroup_loader|map create FS/n type hash key 4 value 4 entries many name x|can't parse many as max entries; give a number
cgroup_loader|map create FS/n type lpm_trie key 4 value 4 entries 4 flags 1 name x|8 for IPv4, 20 for IPv6
cgroup_loader|map create FS/n type hash_of_maps key 4 value 4 entries 4 name x|needs 'inner_map MAP', which says what it may hold
cgroup_loader|map create FS/n type hash key 4 value 4 entries 4 name has-dash|the kernel takes letters, digits, '_' and '.' only
cgroup_loader|map migrate pinned MAP to obj tc.o|'map NAME' says which one
cgroup_loader|share check traffic v0|'dev' goes before an interface
cgroup_loader|share check FS/m|'pinned' goes before a pin, 'cgroup' before a directory
cgroup_loader|share show nosuch|'map show' lists the maps there are
cgroup_loader|share gc --delete FS/taken|is not ours to remove
cgroup_loader|object show host.o|build it with 'clang -target bpf -O2 -g -c'
cgroup_loader|plan tab.yaml|check quotes, brackets and indentation
cgroup_loader|plan dup.yaml|set twice, first in line 1; keep one
cgroup_loader|plan noname.yaml|missing in a file; add name: NAME
cgroup_loader|plan type.yaml|a list in the place of a mapping
cgroup_loader|plan hook.yaml|did you mean 'ingress'?
cgroup_loader|plan tc.o|only printable UTF-8 is read
cgroup_loader|check nosuch.yaml|the path begins in the directory this runs in
cgroup_loader|apply -follow map.yaml|long options begin with two dashes
cgroup_loader|link detach name x|expected {id N|pinned PATH}
cgroup_loader|btf dump id 1|'btf' is left to bpftool: bpftool btf ...
END
t_ok [ "$mistaken_lines" -ge 200 ]
