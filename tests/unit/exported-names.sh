#!/bin/sh
# The installed library exports the functions of the public headers and nothing else: names that
# begin with vmap_. No name of the library, exported or not, is also one of a library that it uses:
# linked statically, ours would be called in its place.
library=src/.libs/libvaluemap.so
archive=src/.libs/libinternal.a
headers=${VALUEMAP_SOURCE:-.}/include/valuemap

test -f $archive || archive=src/libinternal.a
if test ! -f $library || test ! -f $archive || ! command -v nm >/dev/null; then
  echo "skipped: no shared library or no nm"
  exit 77
fi
exported=$(nm -D --defined-only $library | awk '{print $NF}' | sort)
others=$(echo "$exported" | grep -v '^vmap_')
if test -n "$others"; then
  echo "names that do not begin with vmap_ are exported:" $others
  exit 1
fi
status=0
for name in $(sed 's|/\*.*||; /^ *\*/d' "$headers"/*.h | grep -o 'vmap_[a-z0-9_]*(' | tr -d '(' | sort -u); do
  if ! echo "$exported" | grep -qx "$name"; then
    echo "a public header declares $name, which is not exported"
    status=1
  fi
done
ours=$(nm -g --defined-only $archive 2>/dev/null | awk 'NF == 3 {print $3}')
for used in $(ldd $library | awk '/=> \//{print $3}'); do
  both=$({ echo "$ours" | sort -u; nm -D --defined-only "$used" | awk '{sub(/@.*/, "", $NF); print $NF}' |
    sort -u; } | sort | uniq -d)
  if test -n "$both"; then
    echo "names of the library that are also names in $used:" $both
    status=1
  fi
done
exit $status
