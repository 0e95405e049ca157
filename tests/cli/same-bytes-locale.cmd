# exit 0
# A locale with decimal commas changes nothing.
mkdir locales
localedef -i de_DE -f UTF-8 locales/de_DE.UTF-8 >/dev/null 2>&1
LOCPATH=$(pwd)/locales
export LOCPATH
if test "$(LC_ALL=de_DE.UTF-8 locale decimal_point 2>/dev/null)" != ,; then
  echo "the locale de_DE.UTF-8 cannot be made here"
  exit 77
fi
valuemap run ../sim/study.yaml -o a -q
LC_ALL=de_DE.UTF-8 valuemap run ../sim/study.yaml -o b -q
diff -r -x '*.pdf' a b && echo same
LC_ALL=de_DE.UTF-8 valuemap simulate --countries 4 --respondents 150 --personas 40 --seed 3 -q -o c
diff -r c ../sim && echo same
