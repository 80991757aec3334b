# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Completion of tc_loader and cgroup_loader for fish: the tools know what may follow. What a
# function prints is offered as it stands, quoted where that is needed.

function __mapshare_complete
	set -l words (commandline -opc)
	set -l word (string unescape -- (commandline -ct))
	set -l tool (string replace -r '.*/' '' -- $words[1])
	set -e words[1]
	for line in (command $tool --complete $words "$word" 2>/dev/null)
		switch $line
			case \tfiles
				__fish_complete_path "$word"
			case \tdirs
				__fish_complete_directories "$word"
			case \tnospace
			case '*'
				printf '%s\n' $line
		end
	end
end

complete -c tc_loader -f -k -a '(__mapshare_complete)'
complete -c cgroup_loader -f -k -a '(__mapshare_complete)'
