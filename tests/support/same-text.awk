# same-text.awk: do two texts say the same? Words must be equal, numbers nearly.
#
#   awk -f same-text.awk WANT GOT        status 0: the same; 1: not
#
# The last digits of a sum differ between computers, because OpenBLAS adds in another order on each kind
# of processor. Numbers with a decimal point may therefore differ by 1e-9 of their size, or by 1e-12 where
# they are nearly nothing; all else, whole numbers and the number of digits after a fixed point included,
# must be equal.

BEGIN {
  number = "[-+]?[0-9]+([.][0-9]*)?([eE][-+]?[0-9]+)?"
  want_file = ARGV[1]
  got_file = ARGV[2]
  while ((more = (getline want <want_file)) > 0) {
    if ((getline got <got_file) <= 0 || !same(want, got)) exit 1
  }
  if (more < 0 || (getline got <got_file) != 0) exit 1
  exit 0
}

# One number after the other is cut off the front of both lines; what stands before it must be equal.
function same(a, b,   x, y, at) {
  if (a == b) return 1
  while (match(a, number)) {
    at = RSTART
    x = substr(a, at, RLENGTH)
    if (substr(a, 1, at - 1) != substr(b, 1, at - 1)) return 0
    a = substr(a, at + RLENGTH)
    b = substr(b, at)
    if (match(b, "^" number) == 0) return 0
    y = substr(b, 1, RLENGTH)
    b = substr(b, 1 + RLENGTH)
    if (x != y && !near(x, y)) return 0
  }
  return a == b
}

function near(x, y,   gap, size) {
  if (x !~ /[.eE]/ && y !~ /[.eE]/) return 0
  gap = x - y < 0 ? y - x : x - y
  size = x < 0 ? -x : +x
  return gap <= 1e-12 + 1e-9 * size
}
