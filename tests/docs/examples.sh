#!/bin/sh
# The commands of the documentation work as printed, and print what stands below them.
#
# Every fenced block of README.md and docs/*.md that begins with "```sh check" is run, the blocks of one
# text in order and in one folder, which holds the data sets and examples of the source tree; the program
# is on the PATH. A block "```text output" behind it is what the commands write to standard output, up to
# the last digits of numbers (tests/support/same-text.awk).
# UPDATE_DOCS=1 puts what they write now into the texts of the source tree.
source=${VALUEMAP_SOURCE:-$PWD}
scratch=$PWD/docs-scratch
PATH=$PWD:$PATH
VALUEMAP_DATA=$source
LC_ALL=C
export PATH VALUEMAP_DATA LC_ALL
rm -rf "$scratch" && mkdir "$scratch" || exit 99
status=0

complain() {
  echo "$1"
  status=1
}

# N.sh and N.want for the Nth block; N.line is where it begins.
split() { # text folder
  awk -v folder="$2" '
    /^```sh check$/ { n++; print FNR + 1 >(folder "/" n ".line"); file = folder "/" n ".sh"; next }
    /^```text output$/ { file = folder "/" n ".want"; printf "" >file; next }
    /^```/ { file = ""; next }
    file { print >file }' "$1"
}

# The text with what was written in place of what was expected.
join() { # text folder
  awk -v folder="$2" '
    /^```sh check$/ { n++ }
    /^```text output$/ {
      print
      file = folder "/" n ".got"
      while ((getline line <file) > 0) print line
      close(file)
      skip = 1
      next
    }
    /^```/ { skip = 0 }
    !skip { print }' "$1"
}

run_block() { # text name folder number
  line=$(cat "$3/$4.line")
  (cd "$3/work" && sh -eu "../$4.sh" >"../$4.got" 2>"../$4.err" </dev/null) ||
    complain "$2:$line: failed: $(tail -n 3 "$3/$4.err")"
  if test -f "$3/$4.want" && test -z "$UPDATE_DOCS"; then
    awk -f "$source/tests/support/same-text.awk" "$3/$4.want" "$3/$4.got" || {
      diff -u "$3/$4.want" "$3/$4.got"
      complain "$2:$line: prints something else (- text, + now)"
    }
  fi
}

for text in "$source"/README.md "$source"/docs/*.md; do
  name=${text#"$source"/}
  folder=$scratch/$(basename "$text" .md)
  mkdir -p "$folder/work"
  ln -s "$source/codebooks" "$source/datasets" "$source/docs" "$source/spaces" "$folder/work"
  split "$text" "$folder"
  number=1
  while test -f "$folder/$number.sh"; do
    run_block "$text" "$name" "$folder" $number
    number=$((number + 1))
  done
  if test -n "$UPDATE_DOCS"; then
    join "$text" "$folder" >"$folder/new.md" && cat "$folder/new.md" >"$text"
  fi
done
test $status = 0 && rm -rf "$scratch"
exit $status
