#!/bin/sh
# tests/support/same-text.awk, which judges golden cases and the documentation, sees what it must see.
source=${VALUEMAP_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
failed=0

judge() { # status, a line, another
  printf '%s\n' "$2" >same-text.want
  printf '%s\n' "$3" >same-text.got
  awk -f "$source/tests/support/same-text.awk" same-text.want same-text.got
  test $? -eq "$1" && return
  echo "FAIL: wanted $1 for '$2' and '$3'"
  failed=1
}

judge 0 'a 0.692980766199229 b' 'a 0.69298076619923 b'
judge 0 'r=-1.5e-16, n=3' 'r=0, n=3'
judge 0 '9.99999999999999' '10'
judge 1 'a 0.692980766199229 b' 'a 0.692980776199229 b'
judge 1 'a 0.123 b' 'a 0.124 b'
judge 1 'a 0.5 b' 'a -0.5 b'
judge 1 'n=100000000000' 'n=100000000001'
judge 1 'a 0.5 b' 'a 0.5 c'
judge 1 'a 0.5' 'a 0.5 0.5'
judge 1 'a 0.5' 'a NaN'
judge 1 'one' "one
two"
judge 1 "one
two" 'one'
awk -f "$source/tests/support/same-text.awk" same-text.want no-such-file && failed=1
rm -f same-text.want same-text.got
exit $failed
