#!/bin/sh
# What the documentation points to is there: links to files and headings; and every name of a function,
# a table or a test between `back-ticks` in docs/methods.md and HACKING.md is one of the source.
source=${VALUEMAP_SOURCE:-$PWD}
scratch=$PWD/links-scratch
rm -rf "$scratch" && mkdir "$scratch" || exit 99
status=0

complain() {
  echo "$1"
  status=1
}

# The anchors that a renderer makes of the headings of a text; fenced blocks have none.
anchors() {
  awk '/^```/ { fenced = !fenced } !fenced && /^#+ / { sub(/^#+ /, ""); print tolower($0) }' "$1" |
    sed 's/[^[:alnum:] _-]//g; s/ /-/g'
}

links() {
  awk '/^```/ { fenced = !fenced } !fenced' "$1" | tr '\n' ' ' | grep -o '](\([^)]*\))' | sed 's/^](//; s/)$//'
}

for text in "$source"/README.md "$source"/HACKING.md "$source"/NEWS.md "$source"/docs/*.md; do
  name=${text#"$source"/}
  for link in $(links "$text"); do
    case $link in http*) continue ;; esac
    file=${link%%#*}
    anchor=
    case $link in *'#'*) anchor=${link#*#} ;; esac
    target=$text
    test -z "$file" || target=$(dirname "$text")/$file
    if test ! -e "$target"; then
      complain "$name: $link: there is no such file"
    elif test -n "$anchor" && ! anchors "$target" | grep -qx -e "$anchor"; then
      complain "$name: $link: there is no such heading"
    fi
  done
done

# Who begins with README finds every text.
for text in "$source"/docs/*.md; do
  grep -q "](docs/$(basename "$text"))" "$source/README.md" || complain "README.md does not link to docs/$(basename "$text")"
done

cat "$source"/include/valuemap/*.h "$source"/src/*/*.[ch] "$source"/tests/unit/*.c "$source"/tests/support/*.[ch] |
  grep -o '[A-Za-z_][A-Za-z0-9_]*' | sort -u >"$scratch/known"
(cd "$source/tests/unit" && ls -- *.c) | sed 's/\.c$//' >>"$scratch/known"
for text in docs/methods.md HACKING.md; do
  for word in $(tr '\n' ' ' <"$source/$text" | grep -o '`[a-z][a-z0-9]*_[a-z0-9_]*[a-z0-9]\(()\)\{0,1\}`' | tr -d '`()'); do
    grep -qx -e "$word" "$scratch/known" || complain "$text: \`$word\` is no name of the source"
  done
  for path in $(grep -o '`\(src\|include\|tests\|docs\|spaces\|codebooks\|datasets\|plots\)/[a-zA-Z0-9_./-]*`' "$source/$text" | tr -d '`'); do
    test -e "$source/$path" || case $path in
      tests/unit/unit-tests) ;; # made by the build
      tests/bench/*) test -e "$source/$path.c" || complain "$text: there is no $path" ;;
      *[A-Z]*) ;;                                      # stands for any name
      *) complain "$text: there is no $path" ;;
    esac
  done
done
test $status = 0 && rm -rf "$scratch"
exit $status
