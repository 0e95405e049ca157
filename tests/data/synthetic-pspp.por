ASCII SPSS PORT FILE                    ASCII SPSS PORT FILE                    
ASCII SPSS PORT FILE                    ASCII SPSS PORT FILE                    
ASCII SPSS PORT FILE                    0000000000000000000000000000000000000000
0000000000000000000000000123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrst
uvwxyz .<(+|&[]!$*);^-/|,%_>?`:$@'="000000~-0000123456789000-()0{}\0000000000000
00000000000000000000000000000000000000000000000000000000SPSSPORTA8/202611266/233
9211E/GNU pspp 1.6.23J/x86_64-pc-linux-gnu45/5B/74/2/ID1/4/0/1/4/0/70/4/Q1645/8/
0/5/8/0/B-5/-1/839/CH/Importance of God70/8/Q182_A_L5/8/0/5/8/0/8-4/C1M/Justifia
ble: a long label with a comma, and "quotes"70/1/W5/9/4/5/9/4/7O/4/TOWN1/O/0/1/O
/0/D1/4/Q1644/-1/A/Don't know1/K/Not at all importantA/E/Very important39/3/OddD
1/8/Q182_A_L1/-4/9/Not askedF4/a   1/A/2.F/O/Zurich                  4/b   -1/*.
3/O/                        4/c   *.-4/2HNA/O/x y                     4/d   39/2
/-.3MF/O/say z                   4/e   A/5/*.O/1234567890 abcdefghij   ZZZZZZZZZ
