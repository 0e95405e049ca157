#!/bin/sh
# Tests of the command line. Every NAME.cmd beside this script is a shell script; it runs in a folder of
# its own, and what it prints, standard error included, must be NAME.out up to the last digits of numbers
# (tests/support/same-text.awk). Its first line tells the exit status that it must have: "# exit 65". A
# case that fails with a status must leave no folder `out`.
#
#   tests/cli/run.sh [NAME...]               in the build folder; all cases when none is named
#   UPDATE_GOLDEN=1 make check               write NAME.out anew: read the difference before committing
#
# A case that cannot run here says why and exits with 77. Simulated data lie in ../sim.
source=$(cd "$(dirname "$0")/../.." && pwd)
build=$(pwd)
cases=$source/tests/cli
scratch=$build/cli-scratch

VALUEMAP_DATA=$source
LIB=$cases/lib.sh
SOURCE=$source
LC_ALL=C
OPENBLAS_NUM_THREADS=1
PATH=$build:$PATH
export VALUEMAP_DATA LIB SOURCE LC_ALL OPENBLAS_NUM_THREADS PATH
unset LANG LANGUAGE VALUEMAP_SOURCE

rm -rf "$scratch"
mkdir -p "$scratch"
cd "$scratch" || exit 99
valuemap simulate --countries 4 --respondents 150 --personas 40 --seed 3 --quiet --output sim || exit 99

passed=0 failed=0 skipped=0
run() { # name
  want=$(sed -n '1s/^# exit \([0-9]*\)$/\1/p' "$cases/$1.cmd")
  if test -z "$want"; then
    echo "FAIL $1: the first line of $1.cmd is not '# exit N'"
    return 1
  fi
  if ! grep -q "/$1\( \|\$\)" "$cases/local.mk"; then
    echo "FAIL $1: it is not listed in tests/cli/local.mk, so that it would not be distributed"
    return 1
  fi
  mkdir "$1" && cd "$1" || return 1
  sh "$cases/$1.cmd" >"../$1.raw" 2>&1 </dev/null
  status=$?
  cd ..
  sed "s|$source/|SOURCE/|g" "$1.raw" >"$1.got"
  if test $status -eq 77; then
    echo "SKIP $1: $(cat "$1.got")"
    return 77
  fi
  bad=
  if test $status -ne "$want"; then
    bad="exit status $status, want $want"
  elif test $status -ne 0 && test -e "$1/out"; then
    bad="a failed run left its folder behind"
  elif test -n "$(find "$1" -name '.valuemap-*')"; then
    bad="hidden files were left behind"
  fi
  if test -n "$UPDATE_GOLDEN"; then
    cp "$1.got" "$cases/$1.out"
  elif ! awk -f "$source/tests/support/same-text.awk" "$cases/$1.out" "$1.got"; then
    bad="${bad:+$bad; }it printed something else"
    diff -u "$cases/$1.out" "$1.got"
  fi
  test -z "$bad" && return 0
  echo "FAIL $1: $bad"
  return 1
}

if test $# -eq 0; then
  set -- $(cd "$cases" && ls *.cmd | sed 's/\.cmd$//')
fi
for name in "$@"; do
  run "$name"
  case $? in
    0) passed=$((passed + 1)) ;;
    77) skipped=$((skipped + 1)) ;;
    *) failed=$((failed + 1)) ;;
  esac
done
echo "command line: $passed passed, $failed failed, $skipped skipped"
test $failed -eq 0 && cd "$build" && rm -rf "$scratch"
test $failed -eq 0
