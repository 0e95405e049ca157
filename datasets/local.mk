# Data that come with the program; the source tree is laid out as they are installed.
nobase_dist_pkgdata_DATA = \
  codebooks/iw-ivs.yaml \
  codebooks/iw-wvs7.yaml \
  codebooks/evs2017.yaml \
  codebooks/ivs.yaml \
  codebooks/personas.yaml \
  codebooks/wvb-adjusted.yaml \
  codebooks/wvb-probe.yaml \
  codebooks/wvs5.yaml \
  codebooks/wvs6.yaml \
  codebooks/wvs7.yaml \
  questionnaires/mfq2-blocked.yaml \
  questionnaires/mfq2.yaml \
  questionnaires/mfq20.yaml \
  questionnaires/mfq30.yaml \
  spaces/iw2023.json \
  datasets/factor-bfi/LICENSE \
  datasets/factor-bfi/README.md \
  datasets/factor-bfi/bfi.csv \
  datasets/factor-bfi/codebook.yaml \
  datasets/factor-harman74/LICENSE \
  datasets/factor-harman74/README.md \
  datasets/factor-harman74/correlations.csv \
  datasets/factor-holzinger-swineford/LICENSE \
  datasets/factor-holzinger-swineford/README.md \
  datasets/factor-holzinger-swineford/scores.csv \
  datasets/factor-thurstone/LICENSE \
  datasets/factor-thurstone/README.md \
  datasets/factor-thurstone/correlations.csv \
  datasets/compare-llm-personas/README.md \
  datasets/compare-llm-personas/official.yaml \
  datasets/compare-llm-personas/study.yaml \
  datasets/compare-simulated/README.md \
  datasets/compare-simulated/human.csv \
  datasets/compare-simulated/make.R \
  datasets/compare-simulated/persona.csv \
  datasets/compare-simulated/study.yaml \
  datasets/compare-simulated/truth.csv \
  datasets/map-llm-personas/LICENSE \
  datasets/map-llm-personas/README.md \
  datasets/map-llm-personas/clusters-items.yaml \
  datasets/map-llm-personas/clusters-map.yaml \
  datasets/map-llm-personas/gemma3-12b_output_inferred.csv \
  datasets/map-llm-personas/llama2-13b_output_inferred.csv \
  datasets/map-llm-personas/phi4-14b_output_inferred.csv \
  datasets/map-llm-personas/study.yaml \
  datasets/map-simulated/README.md \
  datasets/map-simulated/human.csv \
  datasets/map-simulated/persona.csv \
  datasets/map-simulated/persona_truth.csv \
  datasets/map-simulated/study.yaml \
  datasets/map-simulated/truth.csv \
  datasets/map2023/README.md \
  datasets/map2023/LICENSE \
  datasets/map2023/clusters.yaml \
  datasets/map2023/countries.csv \
  datasets/map2023/country_year.csv \
  datasets/map2023/moments_seven_countries.csv \
  datasets/map2023/projection.csv \
  datasets/morality-llm-personas/LICENSE \
  datasets/morality-llm-personas/README.md \
  datasets/morality-llm-personas/answers.csv \
  datasets/morality-llm-personas/clusters.yaml \
  datasets/morality-llm-personas/human_means.csv \
  datasets/morality-llm-personas/study.yaml

# Made by hand when its sources change: `make update-space`.
EXTRA_PROGRAMS += datasets/map2023/make-space
datasets_map2023_make_space_SOURCES = datasets/map2023/make-space.c
datasets_map2023_make_space_LDADD = src/libinternal.la $(DEPENDENCY_LIBS)
CLEANFILES += datasets/map2023/make-space$(EXEEXT)
.PHONY: update-space
update-space: datasets/map2023/make-space$(EXEEXT)
	datasets/map2023/make-space$(EXEEXT) $(srcdir) $(srcdir)/spaces/iw2023.json
