# --- house style of valuemap ---------------------------------------------------------------
# What stands above gives NAME, W and H (points) and FS, the smallest text size.
if (GPVAL_VERSION < 5.4) { print 'this figure needs gnuplot 5.4 or newer'; exit status 3 }
reset # 'reset session' would delete TERM and OUT
set encoding utf8
if (!exists('TERM')) TERM = 'pdf'
if (!exists('OUT')) OUT = NAME.'.'.TERM
if (!exists('FONT')) FONT = 'Arial' # the layout fits fonts of its widths: Helvetica, Liberation Sans
if (!exists('DPI')) DPI = 300
if (TERM ne 'pdf' && TERM ne 'svg' && TERM ne 'png') { print "TERM is one of 'pdf', 'svg', 'png'"; exit status 3 }
# The terminals disagree on what a point is: pdfcairo draws text 96/72 too large and a line of width 1
# half a point wide, pngcairo counts pixels, svg is right. Dashes and markers differ even more: they are
# drawn as lines and polygons. Bold: the svg terminal knows no ':Bold' but writes the name as it is.
BOLD = TERM eq 'svg' ? '" font-weight="bold' : ':Bold'
F(s) = sprintf('%s,%g', FONT, s)
FB(s) = sprintf('%s%s,%g', FONT, BOLD, s)
if (TERM eq 'pdf') { set terminal pdfcairo noenhanced color size W/72. in, H/72. in font F(FS) fontscale 0.75 linewidth 2 }
if (TERM eq 'svg') { set terminal svg noenhanced size W, H fixed font F(FS) linewidth 1 background '#ffffff' }
if (TERM eq 'png') { set terminal pngcairo noenhanced color size int(W*DPI/72. + 0.5), int(H*DPI/72. + 0.5) font F(FS) fontscale DPI/96. linewidth DPI/72. }
if (OUT ne '') { set output OUT } # OUT = '' writes to standard output

# Zones: after Okabe and Ito, yellow made olive and black brown; ZT are darker twins for text, all with
# a contrast of 4.5 to 1 or more on white and on their own hull.
array ZC[8] = ['#a89b00', '#d55e00', '#56b4e9', '#e69f00', '#009e73', '#cc79a7', '#0072b2', '#8c5a3c']
array ZT[8] = ['#5c5400', '#8f3f00', '#23618a', '#7d5500', '#006147', '#8a3d68', '#004f7c', '#5e3a24']
NOZONE = '#8a8a8a'; NOZONET = '#4d4d4d'
# Series: dark, so that they stand out from the countries; marker and dash tell them apart in grey.
array MC[8] = ['#000000', '#7b1fa2', '#b0002a', '#00504a', '#5d3a00', '#1a3a8f', '#6f6f00', '#00709a']
INK = '#1a1a1a'; GREY = '#555555'; LIGHT = '#767676'; PALE = '#a8a8a8'; GRID = '#e9e9e9'; AXIS = '#b5b5b5'
X(p) = p/(1.0*W); Y(p) = 1 - p/(1.0*H) # points from the upper left corner of the sheet
hex(c) = c[2:7]
tint(a, c) = '#'.a.hex(c) # alpha as two hexadecimal digits, 00 opaque
LINE = 0.5; THIN = 0.4; BOLDLINE = 0.9 # points

unset key; unset tics
set style fill solid noborder
set border 0
# -------------------------------------------------------------------------------------------
