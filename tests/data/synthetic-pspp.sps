* Writes synthetic-pspp.sav, .zsav and .por: made up, no survey. PSPP 1.6.2.
SET LOCALE='UTF-8'.
DATA LIST LIST /ID (A4) Q164 Q182_a_long_name (F8.0) W (F8.4) TOWN (A24).
BEGIN DATA
"a" 1 10 2.5 "Zurich"
"b" -1 . 3 ""
"c" . -4 70000 "x y"
"d" 99 2 -0.125 "say z"
"e" 10 5 . "1234567890 abcdefghij"
END DATA.
VARIABLE LABELS Q164 'Importance of God' Q182_a_long_name 'Justifiable: a long label with a comma, and "quotes"'.
VALUE LABELS Q164 1 'Not at all important' 10 'Very important' -1 "Don't know" 99 'Odd'
  /Q182_a_long_name -4 'Not asked'.
MISSING VALUES Q164 (-5 THRU -1, 99) /Q182_a_long_name (-4).
SAVE OUTFILE='synthetic-pspp.sav' /COMPRESSED.
SAVE OUTFILE='synthetic-pspp.zsav' /ZCOMPRESSED.
EXPORT OUTFILE='synthetic-pspp.por'.
