# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# bash completion of tc_loader: verbs, interfaces, object files, and what is inside an object.

# _tc_loader_members FILE KEY: section or name of each program, asked of tc_loader itself.
_tc_loader_members() {
	tc_loader -j object show "$1" 2>/dev/null |
		sed -e 's/.*"programs"://' -e 's/"slots":.*//' |
		grep -o "\"$2\":\"[^\"]*\"" | cut -d '"' -f 4 | sort -u
}

# _tc_loader_constants FILE: NAME= of each constant.
_tc_loader_constants() {
	tc_loader -j object show "$1" 2>/dev/null | sed -e 's/.*"constants"://' |
		grep -o '{"name":"[^"]*","section":"\.rodata' | cut -d '"' -f 4 | sed 's/$/=/'
}

# The word behind the last object-file (or a short form of it) on the line.
_tc_loader_object() {
	local i
	for ((i = COMP_CWORD - 1; i > 1; i--)); do
		case ${COMP_WORDS[i - 1]} in
		o | ob | obj | obje | objec | object | object- | object-f*)
			printf '%s' "${COMP_WORDS[i]}"
			return
			;;
		esac
	done
}

# _tc_loader_offer WORD…: those that begin with what was typed, quoted. compgen -W would run
# a $(…) inside of a word, and names of sections and interfaces are other people's.
_tc_loader_offer() {
	local cur=${COMP_WORDS[COMP_CWORD]} word quoted
	COMPREPLY=()
	for word; do
		printf -v quoted %q "$word"
		if [[ -n $word && ($word == "$cur"* || $quoted == "$cur"*) ]]; then
			COMPREPLY+=("$quoted")
		fi
	done
}

# Words of ours, in one text.
_tc_loader_words() {
	local words
	IFS=$' \t\n' read -rd '' -a words <<<"$1"
	_tc_loader_offer "${words[@]}"
}

# Names that may hold anything but a newline.
_tc_loader_lines() {
	local lines
	mapfile -t lines <<<"$1"
	_tc_loader_offer "${lines[@]}"
}

_tc_loader_files() {
	compopt -o filenames
	mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
}

# Where the map of "map name M" or "map idx N" is to be; status 1: the line is not behind one.
_tc_loader_target() {
	local at=$((COMP_CWORD - 3))
	((at > 1)) || return 1
	[[ ${COMP_WORDS[at]} == map && ${COMP_WORDS[at + 1]} == @(idx|name) ]] || return 1
	_tc_loader_words 'id name pinned private shared'
}

# What a value of the word before may be; status 1: that word takes none.
_tc_loader_value() {
	_tc_loader_target && return
	case ${COMP_WORDS[COMP_CWORD - 1]} in
	dev | devs) _tc_loader_lines "$(ls /sys/class/net 2>/dev/null)" ;;
	-n | -netns) _tc_loader_lines "$(ls /run/netns 2>/dev/null)" ;;
	o | obj | object-file | object-pinned | pinned | fd | bytecode-file | bcf | -b | -batch | \
		export | import | graft)
		_tc_loader_files
		;;
	section | sec) _tc_loader_lines "$(_tc_loader_members "$(_tc_loader_object)" section)" ;;
	program) _tc_loader_lines "$(_tc_loader_members "$(_tc_loader_object)" name)" ;;
	set)
		compopt -o nospace
		_tc_loader_lines "$(_tc_loader_constants "$(_tc_loader_object)")"
		;;
	protocol) _tc_loader_words 'all ip ipv6 arp 802.1Q 802.1ad LLDP' ;;
	netkit) _tc_loader_words 'primary peer' ;;
	before | after) _tc_loader_words 'id link pinned' ;;
	link) _tc_loader_words 'pinned' ;;
	id) ;;
	parent) _tc_loader_words 'ffff: ffff:fff2 ffff:fff3' ;;
	map) _tc_loader_words 'idx name' ;;
	type) _tc_loader_words 'cls act xdp lwt_in lwt_out lwt_xmit lwt_seg6local' ;;
	key) ;;
	--maps-layout) _tc_loader_words 'elf def samples' ;;
	--pin-root | --svg | --hand-over) _tc_loader_files ;;
	pref | preference | prio | priority | handle | chain | block | classid | flowid | \
		bytecode | bc | ingress_block | egress_block) ;;
	*) return 1 ;;
	esac
}

_tc_loader_filter() {
	case " ${COMP_WORDS[*]} " in
	*' bpf '*)
		_tc_loader_words 'direct-action object-file object-pinned bytecode bytecode-file
			section program export verbose map set classid skip_hw skip_sw tcx netkit
			clsact before after replace link id help'
		;;
	*)
		_tc_loader_words 'dev devs block ingress egress parent root pref handle protocol chain
			tcx netkit bpf help'
		;;
	esac
}

_tc_loader_exec() {
	case " ${COMP_WORDS[*]} " in
	*' run '*) _tc_loader_files ;;
	*' import '*) _tc_loader_words 'run' ;;
	*' graft '*)
		_tc_loader_words 'key object-file object-pinned type section program verbose map set'
		;;
	*) _tc_loader_words 'import debug graft help' ;;
	esac
}

_tc_loader() {
	local i object='' verb=''
	COMPREPLY=()
	# The object and the verb: the first two words that are no options.
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-n | -netns | -b | -batch | --pin-root | --maps-layout | --hand-over) ((i++)) ;;
		-*) ;;
		*)
			if [ -z "$object" ]; then
				object=${COMP_WORDS[i]}
			elif [ -z "$verb" ]; then
				verb=${COMP_WORDS[i]}
			fi
			;;
		esac
	done
	if [ -z "$object" ]; then
		_tc_loader_value && return
		_tc_loader_words 'qdisc filter monitor exec object map share feature plan apply check remove help -V -s -d -j -p -o -N -n -b -force -t -echo
			--hand-over --pin-root --maps-layout --mount-bpffs --no-caller-pins --require-shared --no-layout-check --strict-names'
		return
	fi
	case $object/$verb in
	qdisc/) _tc_loader_words 'add change replace delete show help' ;;
	filter/) _tc_loader_words 'add change replace delete get show help' ;;
	exec/) _tc_loader_words 'bpf help' ;;
	object/) _tc_loader_words 'show convert help' ;;
	feature/) _tc_loader_words 'show help' ;;
	map/)
		_tc_loader_words 'show list dump update lookup getnext delete pin event_pipe create
			peek push enqueue pop dequeue freeze load export watch migrate clear help'
		;;
	map/export) _tc_loader_value || _tc_loader_words 'id name pinned file --openmetrics' ;;
	map/load)
		_tc_loader_value || _tc_loader_words 'id name pinned any exist noexist'
		[ "${#COMPREPLY[@]}" -gt 0 ] || _tc_loader_files
		;;
	map/migrate)
		case ${COMP_WORDS[COMP_CWORD - 1]}/${COMP_WORDS[COMP_CWORD]} in
		map/*) ;; # the name of one in the object
		--merge/*) ;;
		*/-*) _tc_loader_words '--plan --drop --leave-behind --copy-prefix --merge' ;;
		*) _tc_loader_value || _tc_loader_words 'id name pinned to obj map set' ;;
		esac
		;;
	map/create) _tc_loader_words 'type key value entries name flags inner_map' ;;
	share/) _tc_loader_words 'check show gc help' ;;
	object/*) _tc_loader_files ;;
	plan/* | apply/* | check/* | remove/*)
		case ${COMP_WORDS[COMP_CWORD]} in
		-*) _tc_loader_words '-j -p --state-dir --follow --pin-root --require-shared --strict-names' ;;
		*) _tc_loader_files ;;
		esac
		;;
	share/gc)
		case ${COMP_WORDS[COMP_CWORD]} in
		-*) _tc_loader_words '--delete --force-unseen' ;;
		*) _tc_loader_files ;;
		esac
		;;
	share/show) _tc_loader_value || _tc_loader_words 'id name pinned -j --dot --svg' ;;
	share/*) _tc_loader_value || _tc_loader_words 'id name pinned dev netns cgroup -j -v --all' ;;
	qdisc/*)
		_tc_loader_value ||
			_tc_loader_words 'dev devs clsact ingress ingress_block egress_block help'
		;;
	exec/*) _tc_loader_value || _tc_loader_exec ;;
	filter/*) _tc_loader_value || _tc_loader_filter ;;
	esac
}

complete -F _tc_loader tc_loader
