#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What cppcheck can prove. Left out: what it cannot see (system headers; that a scope attribute
# releases: memleak and resourceLeak are the sanitizers' part), readdir, which is safe on a
# stream of one's own, and ignored results, which the compiler watches where we ask for it.
set -eu
cd "$(dirname "$0")/../.."

# shellcheck disable=SC2046 # names without blanks
cppcheck --quiet --error-exitcode=1 -j "$(nproc)" --std=c11 --platform=unix64 --library=gnu,posix \
	--enable=warning,performance,portability --inline-suppr --inconclusive \
	--suppress=memleak --suppress=resourceLeak --suppress=readdirCalled \
	--suppress=ignoredReturnValue --suppress=missingIncludeSystem --suppress=unknownMacro --suppress=normalCheckLevelMaxBranches \
	-Icommon -D_GNU_SOURCE -D'MAPSHARE_VERSION="0"' -D__x86_64__ \
	$(git ls-files 'common/*.c' '*_loader/*.c' 'netns_scripts/*.c')
