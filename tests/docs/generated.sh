#!/bin/sh
# What the program writes about itself: the manual page has no fault that mandoc knows, every command
# and option is in it, and the completion for bash offers commands, options and values.
PATH=$PWD:$PATH
VALUEMAP_DATA=${VALUEMAP_SOURCE:-$PWD}
export PATH VALUEMAP_DATA
status=0

complain() {
  echo "$1"
  status=1
}

page=$(valuemap help man) || complain "valuemap help man failed"
if command -v mandoc >/dev/null; then
  printf '%s\n' "$page" | mandoc -Tlint || complain "mandoc finds faults in the manual page"
fi
for command in $(valuemap help | awk '/^  [a-z]+ / { print $1 }'); do
  printf '%s\n' "$page" | grep -q "^.SS valuemap $command\$" || complain "no $command in the manual page"
  grep -q "valuemap $command" "$VALUEMAP_DATA"/docs/*.md || complain "no text in docs/ explains valuemap $command"
  for option in $(valuemap help "$command" | sed -n 's/^  \(-.,\|   \) --\([a-z-]*\).*/\2/p'); do
    test "$option" = help && continue
    roff=$(printf '%s' "--$option" | sed 's/-/\\-/g')
    printf '%s\n' "$page" | grep -q -F -e "$roff" || complain "no --$option in the manual page"
  done
done

if command -v bash >/dev/null; then
  offered() { # words of a command line, the last one to be completed
    bash -c 'source <(valuemap help completion); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _valuemap;
      echo ${COMPREPLY[*]}' bash "$@"
  }
  expect() { # what, words
    want=$1
    shift
    got=$(offered "$@")
    test "$got" = "$want" || complain "completion of '$*': '$got' instead of '$want'"
  }
  expect "project plot" valuemap p
  expect "--format" valuemap run --fo
  expect "means" valuemap fit --incomplete m
  expect "iw2023" valuemap distance -s iw
  expect "reasons" valuemap list r
  expect "man" valuemap help ma
fi
exit $status
