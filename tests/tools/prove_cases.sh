#!/bin/sh
# prove_cases.sh PROVE TESTDATA: the model's view of every trace of the test data.
set -eu
find "$2" -name '*.trace' | LC_ALL=C sort | xargs "$1"
