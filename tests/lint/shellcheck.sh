#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Every shell script, in the dialect its first line names.
set -eu
cd "$(dirname "$0")/../.."

# shellcheck disable=SC2046 # names without blanks
shellcheck $(git ls-files '*.sh' .ci/run)
# Completions are sourced by bash and have no #! line.
for file in $(git ls-files '*.bash'); do
	shellcheck --shell=bash "$file"
done
