#!/bin/sh
# gnuplot draws maps with ordinary and with hostile names: no name runs a command (they would make a
# file called canary), gnuplot says nothing, the SVG files are well-formed, the same twice and carry no
# path. Skipped without gnuplot. FIGURE_MAPS and FIGURE_STRINGS set how many random ones are tried.
if ! command -v gnuplot >/dev/null; then
  echo "skipped: gnuplot is not installed"
  exit 77
fi
here=$PWD
scratch=figure-scratch
rm -rf $scratch && mkdir $scratch || exit 99
tests/figures/draw-scenes $scratch "${FIGURE_MAPS:-8}" "${FIGURE_STRINGS:-3000}" || exit 1
cd $scratch || exit 99
status=0

complain() {
  echo "$1"
  status=1
}

for script in *.gp; do
  name=${script%.gp}
  gnuplot -d -e "TERM='svg'" "$script" >"$name.all" 2>&1 || complain "$script: gnuplot failed"
  # gnuplot says this in a C locale without gconv modules, whatever the script
  grep -v 'iconv failed to convert degree sign' "$name.all" >"$name.said"
  test -s "$name.said" && complain "$script: gnuplot said: $(head -c 300 "$name.said")"
  test -s "$name.svg" || complain "$script: no drawing"
  if command -v xmllint >/dev/null; then
    xmllint --noout "$name.svg" || complain "$name.svg is not well-formed"
  fi
  grep -q -F "$here" "$name.svg" && complain "$name.svg carries a path"
done
cmp strings.txt strings.out || complain "gnuplot reads strings differently"

for name in personas-page panels-page; do
  mv $name.svg first.svg
  gnuplot -d -e "TERM='svg'" $name.gp && cmp first.svg $name.svg || complain "$name.svg differs"
  gnuplot -d $name.gp && head -c 5 $name.pdf | grep -q '%PDF-' || complain "$name.pdf is none"
  gnuplot -d -e "TERM='png'; DPI=50" $name.gp && head -c 4 $name.png | grep -q PNG ||
    complain "$name.png is none"
done
gnuplot -d -e "TERM='emf'" plain-page.gp >/dev/null 2>&1 && complain "an unknown TERM was taken"

find . .. -maxdepth 1 -name 'canary*' | grep . && complain "a name ran a command"
cd .. && test $status = 0 && rm -rf $scratch
exit $status
