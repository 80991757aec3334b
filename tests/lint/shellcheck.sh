#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Every shell script, in the dialect its first line names.
set -eu
cd "$(dirname "$0")/../.."

# Most of the time goes into what each of them sources.
git ls-files '*.sh' .ci/run | xargs -P "$(nproc)" -n 8 shellcheck
# Completions are sourced by bash and have no #! line.
for file in $(git ls-files '*.bash'); do
	shellcheck --shell=bash "$file"
done
