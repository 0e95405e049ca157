#!/bin/sh
# Every public header compiles alone, as C and, where a C++ compiler is at hand, as C++.
source=${VALUEMAP_SOURCE:-.}
status=0

try() { # compiler language header
  if ! printf '#include "%s"\n' "$3" |
    $1 $CPPFLAGS -I"$source/include" -x "$2" -Wall -Wextra -Werror -fsyntax-only -; then
    echo "$3 does not compile alone as $2"
    status=1
  fi
}

for header in valuemap.h $(cd "$source/include" && ls valuemap/*.h); do
  try "${CC:-cc}" c "$header"
  if command -v "${CXX:-g++}" >/dev/null; then
    try "${CXX:-g++}" c++ "$header"
  fi
done
exit $status
