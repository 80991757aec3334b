# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Completion of cgroup_loader for bash.

# The words of a line without options, cut to what stands in front of the cursor.
_cgroup_loader_words() {
	local i skip=
	words=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		if [[ $skip ]]; then
			skip=
		elif [[ ${COMP_WORDS[i]} == --@(pin-root|maps-layout|svg|state-dir) ]]; then
			skip=1
		elif [[ ${COMP_WORDS[i]} != -* ]]; then
			words+=("${COMP_WORDS[i]}")
		fi
	done
}

# _cgroup_loader_choose WORD…: those that begin with what was typed, quoted. compgen -W would
# run a $(…) inside of a word, and names of cgroups and units are other people's.
_cgroup_loader_choose() {
	local word quoted
	COMPREPLY=()
	for word; do
		printf -v quoted %q "$word"
		if [[ -n $word && ($word == "$cur"* || $quoted == "$cur"*) ]]; then
			COMPREPLY+=("$quoted")
		fi
	done
}

# Words of ours, in one text.
_cgroup_loader_offer() {
	local offered
	IFS=$' \t\n' read -rd '' -a offered <<<"$1"
	_cgroup_loader_choose "${offered[@]}"
}

_cgroup_loader_files() {
	compopt -o filenames
	mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}

_cgroup_loader_dirs() {
	compopt -o filenames
	mapfile -t COMPREPLY < <(compgen -d -- "$cur")
}

# Where cgroup2 is mounted, into the array mounts.
_cgroup_loader_mounts() {
	local dir type
	mounts=()
	while read -r _ dir type _; do
		[[ $type != cgroup2 ]] || mounts+=("$(printf %b "$dir")")
	done </proc/self/mounts
}

_cgroup_loader_units() {
	local mounts dirs
	_cgroup_loader_mounts
	mapfile -t dirs < <(find "${mounts[@]}" -name '*.service' -printf '%f\n' 2>/dev/null)
	_cgroup_loader_choose "${dirs[@]}"
}

# Cgroups, and directories on the way to one: only cgroup2 has cgroup.controllers.
_cgroup_loader_cgroups() {
	local mounts dirs dir mount
	_cgroup_loader_mounts
	mapfile -t dirs < <(compgen -d -- "${cur:-${mounts[0]-}/}")
	compopt -o filenames
	for dir in "${dirs[@]}"; do
		if [[ -e $dir/cgroup.controllers ]]; then
			COMPREPLY+=("$dir")
			continue
		fi
		for mount in "${mounts[@]}"; do
			[[ $mount/ != "${dir%/}"/* ]] || COMPREPLY+=("$dir")
		done
	done
}

# CGROUP: a directory, or a word that names one otherwise.
_cgroup_loader_cgroup() {
	local pids=(/proc/[1-9]*)
	case ${words[-1]-} in
	pid) _cgroup_loader_choose "${pids[@]#/proc/}" ;;
	unit) _cgroup_loader_units ;;
	*)
		_cgroup_loader_offer "pid unit $1"
		_cgroup_loader_cgroups
		;;
	esac
}

# Offers what may stand behind a PROG or MAP keyword: 0 if the word before is one.
_cgroup_loader_reference() {
	case ${words[-1]-} in
	pinned) _cgroup_loader_files ;;
	id | tag | name | idx | section | program) COMPREPLY=() ;;
	*) return 1 ;;
	esac
}

# _cgroup_loader_constants FILE: NAME= of each constant.
_cgroup_loader_constants() {
	local names
	mapfile -t names < <(cgroup_loader -j object show "$1" 2>/dev/null |
		sed -e 's/.*"constants"://' |
		grep -o '{"name":"[^"]*","section":"\.rodata' | cut -d '"' -f 4 | sed 's/$/=/')
	compopt -o nospace
	_cgroup_loader_choose "${names[@]}"
}

# The word behind obj.
_cgroup_loader_object() {
	local i
	for ((i = 1; i < ${#words[@]}; i++)); do
		[[ ${words[i - 1]} != obj ]] || printf %s "${words[i]}"
	done
}

_cgroup_loader_load() {
	case ${#words[@]},${words[-1]} in
	2,* | 3,*) _cgroup_loader_files ;;
	*,pinmaps) _cgroup_loader_dirs ;;
	*,map) _cgroup_loader_offer 'idx name' ;;
	*,set) _cgroup_loader_constants "${words[2]}" ;;
	*,type) _cgroup_loader_offer "$sections" ;;
	*,cgroup) _cgroup_loader_cgroup ;;
	*) _cgroup_loader_reference ||
		_cgroup_loader_offer 'type map set pinmaps autoattach cgroup id name pinned private shared' ;;
	esac
}

_cgroup_loader_attach() {
	local verb=${words[1]} at=2 prog='id tag name pinned obj'
	[[ ${words[at]-} != each ]] || ((at++))
	[[ ${words[at]-} != @(pid|unit) ]] || ((at++))
	[[ $verb == attach ]] || prog+=' all link'
	case $((${#words[@]} - at)),${words[-1]} in
	[0-9]*,obj) _cgroup_loader_files ;;
	-1,* | 0,*) _cgroup_loader_cgroup each ;;
	1,*) _cgroup_loader_offer "$types" ;;
	2,*) _cgroup_loader_offer "$prog" ;;
	*,all) _cgroup_loader_offer obj ;;
	*,link) if [[ $verb == attach ]]; then
		_cgroup_loader_offer pinned
	else
		_cgroup_loader_offer 'id pinned'
	fi ;;
	*,map) _cgroup_loader_offer 'idx name' ;;
	*,set) _cgroup_loader_constants "$(_cgroup_loader_object)" ;;
	*) _cgroup_loader_reference || {
		local more='multi override replace link preorder before after id pinned'
		[[ $verb == attach ]] || more=
		[[ " ${words[*]} " != *' obj '* ]] || more+=' section program map set id pinned private shared'
		_cgroup_loader_offer "$more"
	} ;;
	esac
}

_cgroup_loader_verb() {
	case ${words[0]},${words[1]} in
	prog,load | prog,loadall) _cgroup_loader_load ;;
	prog,pin) if ((${#words[@]} > 3)); then
		_cgroup_loader_files
	else
		_cgroup_loader_offer 'id tag name pinned'
	fi ;;
	prog,*) _cgroup_loader_reference || _cgroup_loader_offer 'id tag name pinned' ;;
	cgroup,attach | cgroup,detach) _cgroup_loader_attach ;;
	cgroup,*) if ((${#words[@]} == 2)) || [[ ${words[-1]} == @(pid|unit) ]]; then
		_cgroup_loader_cgroup
	else
		_cgroup_loader_offer effective
	fi ;;
	link,pin) if ((${#words[@]} > 3)); then
		_cgroup_loader_files
	else
		_cgroup_loader_offer 'id pinned'
	fi ;;
	link,update) _cgroup_loader_reference ||
		_cgroup_loader_offer 'id tag name pinned old' ;;
	link,*) _cgroup_loader_reference || _cgroup_loader_offer 'id pinned' ;;
	batch,*) _cgroup_loader_files ;;
	object,*) _cgroup_loader_files ;;
	share,check) _cgroup_loader_reference ||
		_cgroup_loader_offer 'id name pinned dev netns cgroup' ;;
	share,show) _cgroup_loader_reference || _cgroup_loader_offer 'id name pinned' ;;
	share,gc) case $cur in
		-*) _cgroup_loader_offer '--delete --force-unseen' ;;
		*) _cgroup_loader_files ;;
		esac ;;
	map,create) _cgroup_loader_reference ||
		_cgroup_loader_offer 'type key value entries name flags inner_map' ;;
	map,load) if ((${#words[@]} == 4)); then
		_cgroup_loader_files
	else
		_cgroup_loader_reference || _cgroup_loader_offer 'id name pinned any exist noexist'
	fi ;;
	map,pin) if ((${#words[@]} == 4)); then
		_cgroup_loader_files
	else
		_cgroup_loader_reference || _cgroup_loader_offer 'id name pinned'
	fi ;;
	map,migrate) case ${words[-1]} in
		obj) _cgroup_loader_files ;;
		map) ;; # the name of one in the object
		set) _cgroup_loader_constants "$(_cgroup_loader_object)" ;;
		*) _cgroup_loader_reference || _cgroup_loader_offer 'id name pinned to obj map set' ;;
		esac ;;
	map,export) case ${words[-1]} in
		file) _cgroup_loader_files ;;
		*) _cgroup_loader_reference || _cgroup_loader_offer 'id name pinned file' ;;
		esac ;;
	map,*) _cgroup_loader_reference ||
		_cgroup_loader_offer 'id name pinned key value hex any exist noexist interval
			count cpu index' ;;
	esac
}

_cgroup_loader() {
	local cur=${COMP_WORDS[COMP_CWORD]} words
	local types='ingress egress sock_create sock_ops device bind4 bind6 connect4 connect6
		post_bind4 post_bind6 sendmsg4 sendmsg6 sysctl recvmsg4 recvmsg6 getsockopt
		setsockopt getpeername4 getpeername6 getsockname4 getsockname6 sock_release
		lsm_cgroup cgroup_unix_connect cgroup_unix_sendmsg cgroup_unix_recvmsg
		cgroup_unix_getpeername cgroup_unix_getsockname'
	local sections='cgroup_skb/ingress cgroup_skb/egress cgroup/sock sockops cgroup/dev
		cgroup/connect4 cgroup/connect6 cgroup/sysctl classifier action xdp socket'

	COMPREPLY=()
	if [[ $cur == -* ]]; then
		_cgroup_loader_words
		local own=
		case ${words[*]-} in
		'share check'*) own=--all ;;
		'share show'*) own='--dot --svg' ;;
		'map dump'* | 'map lookup'*) own=--sum ;;
		'map export'*) own=--openmetrics ;;
		'map migrate'*) own='--plan --drop --leave-behind --copy-prefix --merge' ;;
		'object convert'*) own=--private ;;
		apply*) own='--state-dir --follow' ;;
		plan* | check* | remove*) own=--state-dir ;;
		esac
		_cgroup_loader_offer "--json --pretty --bpffs --nomount --mapcompat --verbose --debug
			--version --help --pin-root --maps-layout --mount-bpffs --no-caller-pins --require-shared
			--no-layout-check --strict-names $own"
		return
	fi
	if [[ ${COMP_WORDS[COMP_CWORD - 1]} == --svg ]]; then
		_cgroup_loader_files
		return
	fi
	if [[ ${COMP_WORDS[COMP_CWORD - 1]} == --maps-layout ]]; then
		_cgroup_loader_offer 'elf def samples'
		return
	fi
	_cgroup_loader_words
	case ${#words[@]},${words[0]-} in
	0,*) _cgroup_loader_offer 'batch prog map link cgroup object share feature plan apply check remove
		version help' ;;
	1,prog) _cgroup_loader_offer 'show list pin load loadall help' ;;
	1,map) _cgroup_loader_offer 'show list dump update lookup getnext delete pin
		event_pipe create peek push enqueue pop dequeue freeze load export watch
		migrate clear help' ;;
	1,batch) _cgroup_loader_offer file ;;
	1,link) _cgroup_loader_offer 'show list pin detach update help' ;;
	1,cgroup) _cgroup_loader_offer 'show list tree attach detach help' ;;
	1,object) _cgroup_loader_offer 'show convert help' ;;
	1,share) _cgroup_loader_offer 'check show gc help' ;;
	1,feature) _cgroup_loader_offer 'show help' ;;
	*,plan | *,apply | *,check | *,remove) _cgroup_loader_files ;;
	*) _cgroup_loader_verb ;;
	esac
}

complete -F _cgroup_loader cgroup_loader
