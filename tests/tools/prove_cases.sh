#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# prove_cases.sh PROVE FOLDER [OPTION...]: gives every trace below the folder to PROVE.
set -eu
prove=$1
folder=$2
shift 2
find "$folder" -name '*.trace' | LC_ALL=C sort | xargs "$prove" "$@"
