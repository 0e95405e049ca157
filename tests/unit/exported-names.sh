#!/bin/sh
# The installed library exports the functions of the public headers and nothing else: names that
# begin with vmap_.
library=src/.libs/libvaluemap.so
headers=${VALUEMAP_SOURCE:-.}/include/valuemap

if test ! -f $library || ! command -v nm >/dev/null; then
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
exit $status
