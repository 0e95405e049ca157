# Functions of the cases.

# columns FILE NAME...: these columns of a TSV table, numbers rounded to three decimals
columns() {
  file=$1
  shift
  awk -F '\t' -v want="$*" '
    function round(v) {
      if (v !~ /^-?[0-9.]+(e[-+]?[0-9]+)?$/ || v !~ /[.e]/) return v
      v = sprintf("%.3f", v)
      return v == "-0.000" ? "0.000" : v
    }
    /^#/ { next }
    !n {
      n = split(want, name, " ")
      for (i = 1; i <= NF; i++) at[$i] = i
      for (i = 1; i <= n; i++) if (!(name[i] in at)) print "no column " name[i]
      next
    }
    {
      line = ""
      for (i = 1; i <= n; i++) line = line (i > 1 ? " " : "") round($(at[name[i]]))
      print line
    }' "$file"
}

# numbers FILE: the rows of a TSV table without comments, for comparing two runs
rows() {
  grep -v '^#' "$1"
}

# near FILE FILE TOLERANCE: two TSV tables have the same cells, numbers within the tolerance
near() {
  rows "$1" >one.tmp
  rows "$2" >two.tmp
  paste one.tmp two.tmp | awk -F '\t' -v tolerance="$3" '
    function number(v) { return v ~ /^-?[0-9.]+(e[-+]?[0-9]+)?$/ }
    {
      for (i = 1; i <= NF / 2; i++) {
        a = $i; b = $(i + NF / 2)
        if (number(a) && number(b)) { d = a - b; if (d < 0) d = -d; if (d > tolerance) bad++ }
        else if (a "" != b "") bad++
        cells++
      }
    }
    END { if (!cells) print "nothing to compare"; else if (bad) print bad " of " cells " cells differ"; else print "the same" }'
  rm -f one.tmp two.tmp
}

# try COMMAND...: run it and show the command and the status
try() {
  echo "\$ $*"
  "$@"
  echo "[$?]"
}

# against TABLE REFERENCE PREFIX: each quantity PREFIX.COLUMN of a file of tests/reference, row by row, is the column
# COLUMN of a TSV table
against() {
  rows "$1" >one.tmp
  grep -v '^#' "$2" | awk -F '\t' -v prefix="$3." '
    FNR == NR && FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    FNR == NR { for (c in at) cell[c, FNR - 1] = $(at[c]); n = FNR - 1; next }
    index($1, prefix) == 1 {
      c = substr($1, length(prefix) + 1)
      if (!(c in at)) { print "no column " c; next }
      if ($2 > rows) rows = $2
      got = cell[c, $2]; cells++
      if ($4 == "nan" || got == "NA" || got == "") { if ($4 != "nan" || got != "NA") print c, $2, "is", got, "want", $4; next }
      d = got - $4; if (d < 0) d = -d
      size = $4 < 0 ? -$4 : $4
      if (d > $5 * (size > 1 ? size : 1)) print c, $2, "is", got, "want", $4
    }
    END { print cells + 0 " numbers of " rows + 0 " rows are compared" (rows == n ? "" : "; the table has " n " rows") }' one.tmp -
  rm -f one.tmp
}
