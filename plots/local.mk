# The house style becomes a C string, so that the program needs no file at run time.
EXTRA_DIST += %D%/style.gp
nodist_src_libinternal_la_SOURCES = src/figure/style.c
CLEANFILES += src/figure/style.c

src/figure/style.c: $(top_srcdir)/plots/style.gp
	$(AM_V_GEN)$(MKDIR_P) src/figure && { \
	  echo '/* Made from plots/style.gp. */'; \
	  echo '#include <config.h>'; \
	  echo '#include "figure/script.h"'; \
	  echo 'const char figure_style[] ='; \
	  sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/    "/' -e 's/$$/\\n"/' $(top_srcdir)/plots/style.gp; \
	  echo '    ;'; } >$@.new && mv $@.new $@
