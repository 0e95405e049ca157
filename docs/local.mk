# Texts for users and developers, and what the program writes about itself: the manual page and the
# completion for bash. Where the program cannot run (cross builds) the last two are not made.
dist_doc_DATA = \
  %D%/checking.md \
  %D%/cluster.md \
  %D%/codebooks.md \
  %D%/compare.md \
  %D%/dimensions.md \
  %D%/factor-explained.md \
  %D%/factor.md \
  %D%/files.md \
  %D%/manual.md \
  %D%/map.png \
  %D%/methods.md \
  %D%/morality.md \
  %D%/simulation.md \
  %D%/space-file.md \
  %D%/studies.md \
  %D%/tables.md \
  %D%/tutorial.md

exampledir = $(docdir)/examples
dist_example_DATA = \
  %D%/examples/answers.csv \
  %D%/examples/answers.yaml \
  %D%/examples/distances.csv \
  %D%/examples/openness-personas.csv \
  %D%/examples/openness.csv \
  %D%/examples/openness.yaml

if CAN_RUN
man1_MANS = valuemap.1
completiondir = $(datadir)/bash-completion/completions
completion_DATA = completions/valuemap
CLEANFILES += valuemap.1 completions/valuemap
endif

valuemap.1: valuemap$(EXEEXT)
	$(AM_V_GEN)./valuemap$(EXEEXT) help man >$@.new && mv $@.new $@

completions/valuemap: valuemap$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) completions && ./valuemap$(EXEEXT) help completion >$@.new && mv $@.new $@
