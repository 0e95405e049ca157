# Everything of the library, internal names included: the tests link this.
noinst_LTLIBRARIES = src/libinternal.la
src_libinternal_la_SOURCES = \
  src/core/binormal.c src/core/binormal.h \
  src/core/buffer.c src/core/buffer.h \
  src/core/error.c \
  src/core/file.c src/core/file.h \
  src/core/memory.c src/core/memory.h \
  src/core/numeric.c src/core/numeric.h \
  src/core/parallel.c src/core/parallel.h \
  src/core/rng.c \
  src/core/text.c src/core/text.h \
  src/core/yaml.c src/core/yaml.h \
  src/data/answers.c \
  src/data/codebook.c \
  src/data/codebook_apply.c \
  src/data/codebook_json.c \
  src/data/csv_scan.c src/data/csv_scan.h \
  src/data/csv_sniff.c src/data/csv_sniff.h \
  src/data/ledger.c \
  src/data/read.c \
  src/data/table.c \
  src/factor/components.c \
  src/factor/varimax.c \
  src/moments/correlate.c \
  src/simulate/draw.c \
  src/simulate/model.c \
  src/simulate/simulate.c src/simulate/simulate_internal.h \
  src/simulate/truth.c \
  src/simulate/write.c \
  src/space/fit.c \
  src/space/inglehart_welzel.c \
  src/space/project.c \
  src/space/space.c \
  src/space/space_file.c src/space/space_internal.h
src_libinternal_la_LIBADD = $(DEPENDENCY_LIBS)

# What is installed exports only the public names.
lib_LTLIBRARIES = src/libvaluemap.la
src_libvaluemap_la_SOURCES =
src_libvaluemap_la_LIBADD = src/libinternal.la $(DEPENDENCY_LIBS)
src_libvaluemap_la_LDFLAGS = -version-info 0:0:0 -export-symbols-regex '^vmap_' -no-undefined
