#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# clang-format is the only judge of layout: clang-format -i FILE settles it.
set -eu
cd "$(dirname "$0")/../.."

# shellcheck disable=SC2046 # names without blanks
clang-format --dry-run -Werror $(git ls-files '*.c' '*.h')
