#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Completion in bash, zsh and fish themselves. It offers names that others chose: of sections,
# interfaces, namespaces, cgroups and units. None of them is run, and each ends up on the line
# as the one word that it is. What is offered is of the kind that is wanted there.
set -eu
. "$(dirname "$0")/../../netns_scripts/lib.sh"
lib_private "$@"

for shell in zsh fish; do
	command -v "$shell" >/dev/null || t_skip shells "zsh and fish are asked what they offer"
done
mkdir "$TMP/cwd" "$TMP/fpath"
cd "$TMP/cwd"
cp "$TOP/common/verbs/mapshare.zsh" "$TMP/fpath/_mapshare"
export PATH=$MAPSHARE_BUILD/bin:$PATH TERM=dumb

# The line after TAB, word by word as the shell would run it, into $TMP/line.
cat >"$TMP/bash.rc" <<END
PS1= HISTFILE=
. '$TOP/common/verbs/mapshare.bash'
bind 'set bell-style none'
bind 'set completion-query-items 0'
show() { eval "words=(\$READLINE_LINE)"; printf '%s\n' "\${words[@]}" >'$TMP/line.new'; mv '$TMP/line.new' '$TMP/line'; }
bind -x '"\C-t": show'
END
cat >"$TMP/zsh.rc" <<END
PS1= HISTFILE= LISTMAX=0
fpath=('$TMP/fpath' \$fpath)
autoload -U compinit
compinit -u -d '$TMP/zcompdump'
show() { { eval "words_=(\$BUFFER)" || eval "words_=(\$BUFFER')"; } 2>/dev/null; print -rl -- "\${words_[@]}" >'$TMP/line.new'; mv '$TMP/line.new' '$TMP/line'; }
zle -N show
bindkey '^T' show
bindkey '^I' complete-word
END
cat >"$TMP/drive.zsh" <<'END'
zmodload zsh/zpty
case $1 in
bash) zpty one bash --noprofile --rcfile "$TMP/bash.rc" -i ;;
*) zpty one zsh -f -i ;;
esac
[[ $1 == bash ]] || zpty -w one ". '$TMP/zsh.rc'"
zpty -w one 'echo re""ady'
zpty -r one out '*ready*' || exit 1
for line in "${@[2,-1]}"; do
	rm -f "$TMP/line"
	zpty -w -n one "$line"$'\t\C-t'
	for ((i = 0; i < 3000; i++)); do
		[[ ! -e $TMP/line ]] || break
		zpty -r -t one out || :
		sleep 0.01
	done
	[[ -e $TMP/line ]] || exit 1
	sed '/^$/d' "$TMP/line" | tail -n 1 >>"$TMP/words"
	zpty -w -n one $'\C-e\C-u'
done
zpty -d one
END
export TMP

# completed SHELL LINE…: the last word that TAB makes of each line.
completed() {
	: >"$TMP/words"
	zsh "$TMP/drive.zsh" "$@" </dev/null >/dev/null || return 1
	cat "$TMP/words"
}

# fish_offers LINE…: what fish lists.
fish_offers() {
	fish --no-config -c 'source $argv[1]; for line in $argv[2..-1]; complete -C "$line"; end' \
		"$TOP/common/verbs/mapshare.fish" "$@" | cut -f 1
}

# becomes LINE WORD: TAB makes that of its last word.
lines=() words=
becomes() {
	lines+=("$1")
	words+=$2$'\n'
}

becomes 'tc_loader filter rep' replace
becomes 'cgroup_loader cgroup at' attach
becomes 'cgroup_loader share check --al' --all
becomes 'tc_loader --maps-layout sam' samples

# As long as an interface's may be.
name='$(>a)`>b`*'
dev_add "$name"
becomes 'tc_loader filter add dev '\'"${name%????}" "$name"
: >"/run/netns/$name"
becomes 'tc_loader -n '\'"${name%????}" "$name"
llvm-objcopy --rename-section "classifier=$name" "$LEGACY/tail_calls.o" "$TMP/hostile.o"
becomes "tc_loader filter add dev lo ingress bpf obj $TMP/hostile.o section '${name%????}" "$name"
cg_add "$name"
cg_add "$name.service"
becomes "cgroup_loader cgroup show unit '${name%?}" "$name.service"
cg_add "in/$name"
becomes "cgroup_loader cgroup attach $CG/in/" "$CG/in/$name/"

# Pins below the right mount, names, ids, programs of the object, members of its BTF.
PINS=$BPFFS/t_
mkdir "$PINS"
t_run 0 cgroup_loader prog loadall "$OBJ/moved_key_old.o" "$PINS/progs"
t_run 0 tc_loader map create "$PINS/counts" type hash key 4 value 8 entries 4 name "c_$$"
keyed=$(echo "$BPFFS/tc/globals"/*)
id=$(bpftool -j map show pinned "$PINS/counts" | t_json id)
named=c_$$
becomes "tc_loader map show pinned $PINS/cou" "$PINS/counts"
becomes "tc_loader map dump name ${named%?}" "c_$$"
becomes "cgroup_loader map show id $id" "$id"
becomes "tc_loader filter add dev lo ingress bpf da obj $LEGACY/tail_calls.o program ent" entry
# There is more to type behind it: zsh leaves the quote open.
becomes "tc_loader map lookup pinned $keyed key '{pro" '{proto:'

for shell in bash zsh; do
	t_begin "verbs, options, what others named, and places named $name: $shell"
	t_is "$(completed "$shell" "${lines[@]}")" "${words%?}"
	t_is "$(ls -A "$TMP/cwd")" '' 'made by completing'
done
t_begin "verbs, options, what others named, and places named $name: fish"
t_is "$(fish_offers "${lines[@]}")" "${words%?}"
t_is "$(ls -A "$TMP/cwd")" '' 'made by completing'
rm "/run/netns/$name"

# offered TOOL WORD…: the candidates for the last word.
offered() {
	t_run 0 "$1" --complete "${@:2}"
	cut -f 1 "$TMP/t_out" | sed '/^$/d' >"$TMP/offered"
	cp "$TMP/offered" "$TMP/t_out"
}

t_begin 'maps: pins of maps alone, ids, names, members'
mkdir "$PINS/dir"
offered tc_loader map show pinned "$PINS/"
t_is "$(sort "$TMP/t_out")" "$PINS/counts
$PINS/dir/
$PINS/progs/"
offered cgroup_loader prog show pinned "$PINS/"
t_is "$(sort "$TMP/t_out")" "$PINS/dir/
$PINS/progs/"
offered cgroup_loader prog show pinned "$PINS/progs/"
t_is "$(sort "$TMP/t_out")" "$(printf '%s\n' "$PINS/progs"/* | sort)"
offered tc_loader map show id "$id"
t_out_has "$id"
offered tc_loader map dump name "c_$$"
t_out_is "c_$$"
offered tc_loader map create "$PINS/d"
t_out_is "$PINS/dir/"
offered tc_loader map show pinned /sy
t_out_is /sys/

offered tc_loader map lookup pinned "$keyed" key '{'
t_out_is '{proto:
{address:'
offered cgroup_loader map update pinned "$keyed" key '{proto:6,a'
t_out_is '{proto:6,address:'
offered cgroup_loader map lookup pinned "$keyed" key '{proto:6,address:'
t_out_is ''

t_begin 'devices of the namespace that the line names'
ns_add other
ip -n other link add v_there type veth peer name p_there
offered tc_loader -n other filter add dev v_
t_out_is v_there
offered tc_loader filter add dev v_t
t_out_is ''
offered cgroup_loader share check x dev v_t
t_out_is ''

# shows TOOL WORD…: the last word but one becomes the last one; it is one of those offered.
shows() {
	offered "${@:1:$#-1}"
	t_ok grep -Fqx -- "${!#}" "$TMP/offered"
}

t_begin 'programs by id, tag and name, links by id and pin, each where it is meant'
bpftool -j prog show pinned "$PINS/progs/$(cd "$PINS/progs" && set -- * && echo "$1")" >"$TMP/prog.json"
prog=$(t_json .id <"$TMP/prog.json")
tag=$(t_json .tag <"$TMP/prog.json")
called=$(t_json .name <"$TMP/prog.json")
t_run 0 cgroup_loader cgroup attach "$CG/$name" ingress obj "$OBJ/only_cgroup.o" multi link pinned "$PINS/link"
link=$(bpftool -j link show pinned "$PINS/link" | t_json .id)
shows cgroup_loader prog show id "$prog" "$prog"
t_run 0 cgroup_loader --complete prog show id "$prog"
t_out_has "$prog	$called, "
shows cgroup_loader prog show tag "${tag%?}" "$tag"
shows cgroup_loader cgroup detach /cg egress name "${called%?}" "$called"
shows tc_loader filter add dev lo ingress bpf da obj x.o before id "$prog" "$prog"
shows tc_loader filter add dev lo ingress bpf da obj x.o after link "$link" "$link"
shows cgroup_loader link show id "$link" "$link"
offered cgroup_loader link show pinned "$PINS/"
t_is "$(sort "$TMP/t_out")" "$PINS/dir/
$PINS/link
$PINS/progs/"
offered cgroup_loader prog show tag no_tag
t_out_is ''

t_begin 'places of pins that are to be: any directory, any pin'
offered cgroup_loader prog pin id "$prog" "$PINS/"
t_is "$(sort "$TMP/t_out")" "$PINS/counts
$PINS/dir/
$PINS/link
$PINS/progs/"

t_begin 'what a table has: protocols, parents, types of maps, programs and attachments'
offered tc_loader filter add dev lo protocol 802.1
t_out_is '802.1Q
802.1ad'
offered tc_loader filter show dev lo parent ''
t_out_is 'ffff:fff2
ffff:fff3
ffff:'
offered tc_loader -j map create "$PINS/new" type lru_
t_out_is 'lru_hash
lru_percpu_hash'
offered cgroup_loader prog load x.o "$PINS/new" type cl
t_out_is classifier
shows cgroup_loader prog load x.o "$PINS/new" type cgroup/con cgroup/connect4
offered cgroup_loader cgroup attach "$CG/$name" cgroup_inet_sock_
t_out_is 'cgroup_inet_sock_create
cgroup_inet_sock_release'

t_begin 'maps of an object, and members of those that are'
offered tc_loader filter add dev lo ingress bpf da obj "$LEGACY/tail_calls.o" map name ''
t_run 0 tc_loader object show "$LEGACY/tail_calls.o"
while read -r map; do
	t_out_has "$map"
done <"$TMP/offered"
t_ok [ -s "$TMP/offered" ]
offered cgroup_loader map migrate pinned "$keyed" to obj x.o --merge ''
t_out_is ''
t_run 0 cgroup_loader --pin-root "$PINS/root" prog loadall "$OBJ/moved_hash_old.o" "$PINS/sum"
summed=$(echo "$PINS/root"/*)
offered cgroup_loader map migrate pinned "$summed" to obj x.o --merge ''
t_out_is 'packets=
quota=
bytes='
offered cgroup_loader map watch pinned "$summed" by ''
t_out_is 'packets
quota
bytes'
offered tc_loader map lookup pinned "$PINS/counts" key '{'
t_out_is ''
offered tc_loader map lookup pinned "$PINS/none" key '{'
t_out_is ''
offered tc_loader map lookup id none key '{'
t_out_is ''
offered tc_loader map watch pinned "$PINS/none" by ''
t_out_is ''
offered tc_loader map lookup pinned "$keyed" key '{proto'
t_out_is '{proto:'

t_begin 'what is not there offers nothing'
offered tc_loader -n nosuch filter add dev ''
t_out_is ''
offered tc_loader map show pinned "$PINS/none/"
t_out_is ''
offered tc_loader filter add dev lo ingress bpf da obj "$PINS/none" map name ''
t_out_is ''

t_begin 'nothing typed yet: where pins and cgroups can be, the short names of types, what a line begins with'
shows tc_loader map show pinned '' "$BPFFS/"
shows cgroup_loader cgroup show '' "$(lib_cgroup2_mount)/"
offered cgroup_loader cgroup attach "$CG/$name" ''
t_ok grep -qx ingress "$TMP/offered"
t_out_lacks cgroup_inet_ingress
t_run 0 tc_loader --complete
t_ok grep -q '^filter' "$TMP/t_out"
cg_add "$name.other"
offered cgroup_loader cgroup show unit "$name"
t_out_is "$name.service"
