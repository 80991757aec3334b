# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# One makefile, not recursive. Everything built lands in $(B). `make help` lists the targets.

# Only a B of the command line counts: what an environment calls so is not ours to remove.
B       := build
V       ?= 0
CC      ?= gcc
CLANG   ?= clang
BPF_GCC ?= bpf-gcc
OBJCOPY ?= objcopy
PREFIX  ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
MANDIR  ?= $(PREFIX)/share/man/man8
COMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR ?= $(PREFIX)/share/zsh/vendor-completions
FISHDIR ?= $(PREFIX)/share/fish/vendor_completions.d
LIBDIR  ?= $(PREFIX)/lib
INCDIR  ?= $(PREFIX)/include
MAN3DIR ?= $(PREFIX)/share/man/man3
MAN5DIR ?= $(PREFIX)/share/man/man5
MAN7DIR ?= $(PREFIX)/share/man/man7
UNITDIR ?= $(PREFIX)/lib/systemd/system
PCDIR   ?= $(LIBDIR)/pkgconfig
DOCDIR  ?= $(PREFIX)/share/doc/mapshare
KITDIR  ?= $(PREFIX)/lib/mapshare

say = $(if $(filter 1,$(V)),,@printf '  %-4s %s\n' $(1) $(2);)
obj = $(patsubst %.c,$(B)/%.o,$(1))

# A library costs start-up time as a shared object, a third of a short command for all of them:
# it is taken from its archive if there is one; $(1) is the library, without "lib". Packages of
# a distribution say 'prefer_static=-l$$(1)', and so does who wants to run with another libbpf.
libdirs := $(shell $(CC) -print-search-dirs 2>/dev/null | sed -n 's/^libraries: =//p' | tr : ' ')
prefer_static = $(if $(wildcard $(addsuffix /lib$(1).a,$(libdirs))),-l:lib$(1).a,-l$(1))
# The archive of libbpf wants those behind it, and that of libelf may want zstd: tried once, when
# something is linked.
behind_bpf  = $(filter -l:%,$(call prefer_static,bpf))
bpf_archive = $(behind_bpf) $(call prefer_static,elf) $(call prefer_static,z) $(filter -l:%,$(call prefer_static,zstd))
bpf_links   = $(shell echo 'void *bpf_object__open(void); int main(void) { return !bpf_object__open(); }' | \
              $(CC) -w -x c - $(LDFLAGS) -o /dev/null $(bpf_archive) >/dev/null 2>&1 && echo yes)
LIBBPF      = $(eval LIBBPF := $(if $(behind_bpf),$(if $(bpf_links),$(bpf_archive),-lbpf -lelf),-lbpf -lelf))$(LIBBPF)

# Values of BTF have up to 128 bits. Empty where there is no compiler yet.
int128 := $(shell echo __SIZEOF_POINTER__ __SIZEOF_INT128__ | $(CC) $(CFLAGS) -E -P -x c - 2>/dev/null)
ifneq ($(filter __SIZEOF_INT128__,$(int128)),)
$(error '$(CC)' builds for a 32-bit machine, which has no 128-bit integers: mapshare needs a 64-bit one)
endif

VERSION  := 0.1.0
CFLAGS   ?= -O2 -g
WARN     := -Wall -Wextra -Wstrict-prototypes -Wmissing-prototypes -Wshadow -Wwrite-strings
# A row of a table ends where the rest of it is zero.
WARN     += -Wno-missing-field-initializers $(if $(WERROR),-Werror)
# Against what a bug in a tool that runs as root could be used for. The sanitizers bring their
# own checks; fortified calls need the optimizer, and -fcf-protection x86.
FORTIFY  := $(if $(SAN),,$(if $(filter -O1 -O2 -O3 -Os,$(CFLAGS)),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2))
HARDEN   := -fexceptions -fstack-protector-strong $(FORTIFY) \
            $(if $(filter x86_64%,$(shell $(CC) -dumpmachine 2>/dev/null)),-fcf-protection)
HARDEN_LD := -static-libgcc -pie -Wl,-z,relro,-z,now
# Tools are position independent programs. What they share with libmapshare fits both, and
# nothing of it can be replaced from outside. With exceptions, since scope attributes run when
# an allocation fails (common/base/alloc.h).
MODEL     = $(if $(filter common/%,$<),-fPIC -fvisibility=hidden,-fPIE)
# The same source gives the same bytes wherever it is built, build-ids included.
ANYWHERE  = '-ffile-prefix-map=$(CURDIR)=.'
OURFLAGS := -std=gnu11 -D_GNU_SOURCE -DMAPSHARE_VERSION='"$(VERSION)"' -Icommon $(WARN) $(SAN) $(ANYWHERE)
# dlopen() of libsmartcols; glibc has it apart before 2.34.
DL       := $(if $(wildcard $(addsuffix /libdl.a,$(libdirs))),-ldl)
LIBS      = $(LIBBPF) -lmnl $(call prefer_static,json-c) $(call prefer_static,md) \
            $(call prefer_static,cap-ng) $(call prefer_static,yaml) $(DL) -pthread
# Archives of a distribution need not be fit for a shared library.
DOOR_LIBS := -lbpf -lelf -lmnl -ljson-c -lmd -lcap-ng -lyaml -pthread
DOOR_PACKAGES := libbpf libelf libmnl json-c libmd libcap-ng yaml-0.1

TOOLS := tc_loader cgroup_loader
BINS  := $(addprefix $(B)/bin/,$(TOOLS))
LIB   := $(B)/libcommon.a
# The scripts' own sender, which can say what it sent.
TRAFFIC := $(B)/netns_scripts/traffic
# What tests and benches do through bpf(2) and netlink alone.
HELPERS := $(patsubst %.c,$(B)/%,$(wildcard tests/netns/*.c tests/bench/*.c tests/hostile/*.c))

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all bins lib bpf help
all: bins lib bpf $(TRAFFIC) $(HELPERS)
bins: $(BINS)

help:
	@echo 'make                 the two tools, libmapshare and the BPF objects'
	@echo 'make demo            installs what it lacks, builds, runs the main job on real traffic'
	@echo 'make check           installs what tests and lints lack, builds, runs every test'
	@echo 'make deps            installs what is missing (apt, dnf, zypper, pacman, apk; else prints a list)'
	@echo 'make install         tools, library, header, pages: DESTDIR= PREFIX=$(PREFIX) LIBDIR=$(LIBDIR)'
	@echo 'make install-kit     lib.sh, the scenarios, their objects: for your own tests, in KITDIR=$(KITDIR)'
	@echo 'make unit            unit tests: no root, no clang'
	@echo 'make cli netns compat  one kind of test each; NAMES="one two" picks'
	@echo 'make lint            layout, floors, headers, shellcheck, cppcheck, clang-tidy, man pages'
	@echo 'make lint-full       the same and the analyzers of clang and gcc: minutes'
	@echo 'make check-asan      unit and cli tests under ASan and UBSan, as part of check'
	@echo 'make check-asan-root netns and compat tests under both'
	@echo 'make check-hostile   calls that fail, kills: a sample; HOSTILE_SECONDS=, FULL=1, SEED=, NAMES='
	@echo 'make check-apply     the same of apply and remove, whole, under traffic; HOSTILE_SECONDS='
	@echo 'make check-migrate   the same of map migrate; MOST=, SECONDS=, SEED=, NAMES='
	@echo 'make check-memory    a session of the library, each allocation failing once'
	@echo 'make check-properties  definitions and values at random, thousands of ROUNDS=; SEED='
	@echo 'make check-traffic   maps migrated under traffic, ROUNDS= (100) times each type; TYPES='
	@echo 'make check-storm     apply --follow while 10 000 things come and go: STORM=, SEED='
	@echo 'make check-valgrind  each command under memcheck: memory and descriptors; NAMES= picks'
	@echo 'make check-machines  compilers, libbpf, musl, cross, reproducible: NAMES= picks; minutes each'
	@echo 'make check-kernels   demo and tests on other kernels under qemu; NAMES= are the kernels'
	@echo 'make check-headers   every header compiles alone'
	@echo 'make mutate          changes our code, one thing at a time, and tells what no test notices'
	@echo 'make reach           which tests reach which line, for mutate: minutes'
	@echo 'make coverage        which lines and branches the tests reach: $(B)-coverage/report'
	@echo 'make check-clang     tools and objects with clang, warnings as errors; unit tests'
	@echo 'make nightly         all that CI samples, in full: hours; nightly-PART for one'
	@echo 'make fuzz            all fuzzers, FUZZ_SECONDS=$(FUZZ_SECONDS) each'
	@echo 'make fuzz-coverage   how much of what each fuzzer is about its inputs reach; CORPUS='
	@echo 'make bench           beside the real tc and bpftool: ratios, minutes; NAMES picks'
	@echo 'make compdb          compile_commands.json in $(B), for clangd and clang-tidy'
	@echo 'make dist            $(B)/dist: a tarball of the committed tree and its SHA-256'
	@echo 'make deb             packages for Debian from that tarball, into $(B)/deb'
	@echo 'V=1 shows commands, WERROR=1 makes warnings errors, B=DIR builds elsewhere.'

# --- C ------------------------------------------------------------------------------------

# What an object is made with, but for -Werror, which does not change it: another compiler or
# other flags make it anew. A directory that holds this file is ours, see clean.
quoted = '$(subst ','\'',$(1))'
flags  = $(CC) $(CPPFLAGS) $(CFLAGS) $(HARDEN) $(value MODEL) $(filter-out -Werror,$(OURFLAGS)) $(LDFLAGS) \
         $(HARDEN_LD) $(CLANG) $(BPF_FLAGS)
.PHONY: flags
$(B)/.flags: flags
	@mkdir -p $(@D); echo $(call quoted,$(flags)) | cmp -s - $@ || echo $(call quoted,$(flags)) >$@

$(LIB): $(call obj,$(wildcard common/*/*.c) $(ENDS))
	$(call say,AR,$@) mkdir -p $(@D) && rm -f $@ && $(AR) rcs $@ $^

$(B)/%.o: %.c Makefile $(B)/.flags
	$(call say,CC,$<) mkdir -p $(@D) && \
		$(CC) $(CPPFLAGS) $(CFLAGS) $(HARDEN) $(MODEL) $(OURFLAGS) -MMD -MP -c $< -o $@

# The door to it for other programs: what it needs of the archive and not one name more than
# those that begin with mapshare_, so that nothing of ours meets a function of the program's.
SONAME  := libmapshare.so.0
SHLIB   := $(B)/lib/libmapshare.so.$(VERSION)
ARCHIVE := $(B)/lib/libmapshare.a
door    := $(call obj,$(wildcard common/door/*.c))
lib: $(SHLIB) $(ARCHIVE)
$(SHLIB): $(door) $(LIB) common/door/mapshare.map
	$(call say,LD,$@) mkdir -p $(@D) && $(CC) $(CFLAGS) $(SAN) -shared -Wl,-z,relro,-z,now $(LDFLAGS) \
		-Wl,-soname,$(SONAME) -Wl,--version-script,common/door/mapshare.map \
		$(if $(SAN),,-Wl,--no-undefined) -Wl,--as-needed -o $@ $(door) $(LIB) $(DOOR_LIBS)
	@ln -sf $(@F) $(@D)/$(SONAME) && ln -sf $(SONAME) $(@D)/libmapshare.so
$(ARCHIVE): $(door) $(LIB)
	$(call say,AR,$@) mkdir -p $(@D) && $(CC) -r -nostdlib -o $(B)/lib/mapshare.o $(door) $(LIB) && \
		$(OBJCOPY) -w --keep-global-symbol='mapshare_*' $(B)/lib/mapshare.o && \
		rm -f $@ && $(AR) rcs $@ $(B)/lib/mapshare.o

# A tool's objects without main are an archive too, so that parsers can be tested and fuzzed.
define tool_rules
$(B)/lib$(1).a: $(call obj,$(filter-out $(1)/main.c,$(wildcard $(1)/*.c)))
	$$(call say,AR,$$@) rm -f $$@ && $(AR) rcs $$@ $$^
$(B)/bin/$(1): $(B)/$(1)/main.o $(B)/lib$(1).a $(LIB)
	$$(call say,LD,$$@) mkdir -p $$(@D) && $(CC) $(CFLAGS) $(SAN) $(HARDEN_LD) $(LDFLAGS) -o $$@ $$^ $(LIBS)
endef
$(foreach t,$(TOOLS),$(eval $(call tool_rules,$(t))))

# Drivers of tests and benches may stand on the floors they look at.
$(TRAFFIC) $(HELPERS): %: %.o $(LIB)
	$(call say,LD,$@) $(CC) $(CFLAGS) $(SAN) $(HARDEN_LD) $(LDFLAGS) -o $@ $^ $(LIBS)

# --- BPF: each legacy object and fixture with and without -g; BTF-defined ones need -g -------

# Where Debian has asm/types.h: gcc says x86_64-linux-gnu, clang x86_64-pc-linux-gnu.
machine   := $(subst -unknown-,-,$(subst -pc-,-,$(shell $(CC) -dumpmachine 2>/dev/null)))
BPF_FLAGS := -O2 -target bpf -mcpu=v3 -Wall -Wno-unused-function -Ibpf $(ANYWHERE) \
             -idirafter /usr/include/$(machine)
bpf_src   := $(wildcard bpf/*.bpf.c)
legacy_src := $(wildcard bpf/legacy/*.bpf.c tests/fixtures/*.bpf.c)
BPF_OBJS  := $(patsubst %.bpf.c,$(B)/%.o,$(bpf_src) $(legacy_src)) \
             $(patsubst %.bpf.c,$(B)/%.nog.o,$(legacy_src))
# The tests want some without local symbols and one of the other byte order, too.
BPF_OBJS  += $(addprefix $(B)/tests/fixtures/,statics.bare.o statics.nog.bare.o \
               own_sections.nog.bare.o elf36.eb.o)
# A map of each type in each build of an upgrade: all of one source.
chain_types := hash percpu_hash lru_hash lru_percpu_hash lpm_trie array percpu_array \
               hash_of_maps array_of_maps
chain_objs  := $(foreach t,$(chain_types),$(foreach step,1 2 3 4 5 6, \
               $(B)/tests/fixtures/moved_chain.$(t).$(step).o))
BPF_OBJS    += $(chain_objs)
# And what the other compiler makes of the legacy ones, where it is installed.
gcc_src   := $(addprefix tests/fixtures/,$(addsuffix .bpf.c,elf36 elf28 def20 statics \
               longnames own_sections many nested_elf nested_samples tailcalls))
BPF_OBJS  += $(if $(shell command -v $(BPF_GCC) 2>/dev/null),$(patsubst %.bpf.c,$(B)/%.gcc.o, \
               $(gcc_src) tests/fixtures/layout_u64.bpf.c) $(patsubst %.bpf.c,$(B)/%.gcc.nog.o,$(gcc_src)))
bpf: $(BPF_OBJS)

bpf_cc = mkdir -p $(@D) && $(CLANG) $(BPF_FLAGS) $(1) -MMD -MP -MF $(@:.o=.d) -MT $@ -c $< -o $@
$(B)/%.o: %.bpf.c $(B)/.flags
	$(call say,BPF,$<) $(call bpf_cc,-g)
$(B)/%.nog.o: %.bpf.c $(B)/.flags
	$(call say,BPF,$<) $(call bpf_cc,)
$(chain_objs): $(B)/tests/fixtures/moved_chain.%.o: tests/fixtures/moved_chain.bpf.c $(B)/.flags
	$(call say,BPF,$@) $(call bpf_cc,-g -DCHAIN_$(basename $*) -DCHAIN_STEP=$(subst .,,$(suffix $*)))
$(B)/%.eb.o: %.bpf.c $(B)/.flags
	$(call say,BPF,$<) $(call bpf_cc,-g --target=$(if $(filter bpfeb,$(BPF_FLAGS)),bpfel,bpfeb))
bpf_gcc = mkdir -p $(@D) && $(BPF_GCC) -O2 -mcpu=v3 -Wall -Wno-unused-function $(1) -Ibpf \
	-include tests/fixtures/gcc_helpers.h -idirafter /usr/include \
	-idirafter /usr/include/$(machine) \
	-MMD -MP -MF $(@:.o=.d) -MT $@ -c $< -o $@
$(B)/%.gcc.o: %.bpf.c tests/fixtures/gcc_helpers.h
	$(call say,GCC,$<) $(call bpf_gcc,-gbtf)
$(B)/%.gcc.nog.o: %.bpf.c tests/fixtures/gcc_helpers.h
	$(call say,GCC,$<) $(call bpf_gcc,)
$(B)/%.bare.o: $(B)/%.o
	$(call say,BARE,$@) llvm-objcopy --discard-all $< $@

# --- tests ----------------------------------------------------------------------------------

.PHONY: check check-root unit netns cli compat lint check-headers check-asan fuzz
UNIT := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/test_*.c))
FUZZERS := $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SECONDS ?= 600

# Built as the user who called; only the tests themselves run as root.
check: deps
	@$(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc)) check-root
	@$(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc)) check-asan

check-root: all lint $(UNIT) $(FUZZERS)
	$(run_as_root) all

run = MAPSHARE_BUILD=$(B) V=$(V) tests/run.sh
run_as_root = MAPSHARE_BUILD=$(B) V=$(V) tests/as_root.sh tests/run.sh

# What a unit test may not do is ask for root; it finds objects below $$MAPSHARE_BUILD.
$(B)/tests/unit/test_%: $(B)/tests/unit/test_%.o $(B)/libtc_loader.a $(B)/libcgroup_loader.a $(LIB)
	$(call say,LD,$@) $(CC) $(CFLAGS) $(SAN) $(HARDEN_LD) $(LDFLAGS) -o $@ $^ -lcmocka $(LIBS)
# Fuzzers are built by clang and later: here they only have to fit what they call.
$(B)/tests/fuzz/%.ok: tests/fuzz/%.c Makefile
	$(call say,OK,$<) mkdir -p $(@D) && \
		$(CC) $(OURFLAGS) -fsyntax-only -MMD -MP -MF $(@:.ok=.d) -MT $@ $< && touch $@
unit: $(UNIT) $(patsubst %.c,$(B)/%.ok,$(wildcard tests/fuzz/fuzz_*.c))
	$(run) unit $(NAMES)
cli: all
	$(run) $@ $(NAMES)
netns compat: all
	$(run_as_root) $@ $(NAMES)

# Every system call of a command made to fail, or the command killed there: a sample of it.
.PHONY: check-hostile
check-hostile: all
	MAPSHARE_BUILD=$(B) V=$(V) tests/as_root.sh tests/hostile/run.sh $(NAMES)

# The same of apply and remove, whole and under traffic; HOSTILE_SECONDS= has it end earlier.
.PHONY: check-apply
check-apply: all
	MAPSHARE_BUILD=$(B) V=$(V) $(if $(HOSTILE_SECONDS),,FULL=1) \
		tests/as_root.sh tests/hostile/run.sh apply apply_replace apply_fresh apply_remove

# The same of migrations: kills and errors, before, under way and half done. Of a call that comes
# more often MOST= times are tried; SECONDS= has it end earlier.
.PHONY: check-migrate
check-migrate: all
	MAPSHARE_BUILD=$(B) V=$(V) MOST='$(or $(MOST),20)' CLASSES='$(or $(CLASSES),kill errno term)' \
		$(if $(SECONDS),HOSTILE_SECONDS=$(SECONDS),FULL=1) tests/as_root.sh tests/hostile/run.sh \
		$(if $(NAMES),$(NAMES),migrate_tc migrate_cgroup migrate_half migrate_apply)

# Other compilers, libraries and machines; other kernels. Both bring what they need beside the
# build, and neither is part of check.
.PHONY: check-machines check-kernels
check-machines: all
	status=0; for name in $(if $(NAMES),$(NAMES),$(basename $(notdir $(wildcard tests/machines/*.sh)))); do \
		MAPSHARE_BUILD=$(B) bash tests/machines/$$name.sh || [ $$? = 77 ] || status=1; done; exit $$status
check-kernels: all
	MAPSHARE_BUILD=$(B) tests/as_root.sh tests/kernels/run.sh $(NAMES)

check-headers: $(patsubst %,$(B)/%.ok,$(wildcard common/*.h) $(wildcard common/*/*.h *_loader/*.h))
$(B)/%.h.ok: %.h Makefile
	$(call say,HDR,$<) mkdir -p $(@D) && $(CC) $(OURFLAGS) -fsyntax-only -x c $< && touch $@

# A file is looked at again when its object is made again. The analyzer follows paths through
# functions, and takes some forty times as long: it has a target of its own.
tidy_src := $(wildcard common/*/*.c *_loader/*.c)
tidy      = mkdir -p $(@D) && clang-tidy --quiet $(1) $< -- $(OURFLAGS) && touch $@
$(B)/%.tidy: %.c $(B)/%.o .clang-tidy
	$(call say,TIDY,$<) $(call tidy,--checks=-clang-analyzer-*)
$(B)/%.analyzed: %.c $(B)/%.o .clang-tidy
	$(call say,TIDY,$<) $(call tidy)
# gcc's sees one file at a time: what a function of another one has returned by a pointer, when it
# returned 0, is to it neither set nor more than NULL. Those three were read; the others are errors.
other_file = -Wno-analyzer-null-dereference -Wno-analyzer-null-argument \
	-Wno-analyzer-use-of-uninitialized-value
$(B)/%.gcc_analyzed: %.c $(B)/%.o
	$(call say,ANA,$<) mkdir -p $(@D) && \
		gcc -O2 $(OURFLAGS) -fanalyzer $(other_file) -Werror -c $< -o /dev/null && touch $@

.PHONY: lint-full
lint: check-headers bins $(patsubst %.c,$(B)/%.tidy,$(tidy_src))
	B=$(B) tests/lint/run.sh
lint-full: lint $(foreach kind,analyzed gcc_analyzed,$(patsubst %.c,$(B)/%.$(kind),$(tidy_src)))

# Nothing about layout changes with the sanitizers, and the fuzzers have them already.
with_asan = $(MAKE) --no-print-directory B=$(B)-asan \
	SAN='-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer'
.PHONY: check-asan-run check-asan-root check-asan-root-run check-valgrind
check-asan check-asan-root:
	+@$(with_asan) $@-run
check-asan-run: all $(UNIT)
	$(run) unit,cli
check-asan-root-run coverage-run: export MAPSHARE_PATIENCE := $(or $(MAPSHARE_PATIENCE),4)
check-asan-root-run: export MAPSHARE_EXPECT_SKIP := $(MAPSHARE_EXPECT_SKIP) \
	asan embed library_links library_odd library_quiet token_library
check-asan-root-run: all
	$(run_as_root) netns,compat $(NAMES)

check-valgrind: all
	MAPSHARE_BUILD=$(B) V=$(V) NAMES='$(NAMES)' tests/as_root.sh bash tests/valgrind.sh

# A session of the library with each of its allocations failing once, not only some.
.PHONY: check-memory
check-memory: all
	FULL=1 MAPSHARE_PATIENCE=40 $(run_as_root) netns library_memory

# Maps of each type migrated under traffic until luck has had its chances.
.PHONY: check-traffic
check-traffic: all
	for type in $(or $(TYPES),hash array percpu_hash percpu_array lru percpu_lru locked); do \
		TYPES=$$type ROUNDS=$(or $(ROUNDS),100) MAPSHARE_PATIENCE=20 \
			$(run_as_root) netns migrate_traffic || exit 1; done

# Definitions and values at random, against a plain model: many more than make check does.
.PHONY: check-properties
check-properties: PROPERTIES_SEED := $(or $(SEED),$(shell od -An -N3 -tu4 /dev/urandom | tr -d ' '))
check-properties: all $(UNIT)
	@echo 'SEED=$(PROPERTIES_SEED)'
	MAPSHARE_SEED=$(PROPERTIES_SEED) MAPSHARE_ROUNDS=$(or $(ROUNDS),50000) MAPSHARE_PATIENCE=20 \
		$(run) unit element_random element_merge
	SEED=$(PROPERTIES_SEED) ROUNDS=$(or $(ROUNDS),20000) MAPSHARE_PATIENCE=20 \
		$(run_as_root) netns migrate_adds

# What comes and goes while a file is followed: ten thousand times, not some hundreds.
.PHONY: check-storm
check-storm: all
	STORM=$(or $(STORM),10000) SEED=$(SEED) MAPSHARE_PATIENCE=20 $(run_as_root) netns follow_storm

# Tests of every kind and a sample of calls that fail, the same one each time; a test that fails
# costs no report.
with_coverage = $(MAKE) --no-print-directory B=$(B)-coverage CFLAGS='-O0 -g' \
	SAN='--coverage -fprofile-update=atomic' ENDS=tests/coverage_end.c \
	LDFLAGS='$(LDFLAGS) -Wl,--wrap=_exit,--wrap=fexecve,--wrap=confine_to_memory,--undefined=__wrap__exit'
coverage_kinds = $(if $(KINDS),$(KINDS),unit,cli,netns,compat,hostile)
coverage_tests = $(shell echo '$(coverage_kinds)' | tr , '\n' | grep -vx hostile | paste -sd ,)
coverage_faults = MAPSHARE_BUILD=$(B) V=$(V) SEED=$(or $(SEED),1) HOSTILE_TRIES=$(or $(HOSTILE_TRIES),8) \
	HOSTILE_SECONDS=$(or $(HOSTILE_SECONDS),7200) CLASSES='errno streams environ caps' \
	tests/as_root.sh tests/hostile/run.sh $(NAMES)
.PHONY: coverage coverage-run
coverage:
	+@$(with_coverage) coverage-run
# Who runs without privilege may count: the files are there, for everybody. To gcov an empty one
# is an error.
coverage-run: all $(UNIT)
	find $(B) -name '*.gcda' -delete
	find $(B) -name '*.gcno' | sed 's/gcno$$/gcda/' | xargs -d '\n' -n 1 install -m 0666 /dev/null
	status=0; \
	$(if $(coverage_tests),$(run_as_root) $(coverage_tests) $(NAMES) || status=1;) \
	$(if $(findstring hostile,$(coverage_kinds)),$(coverage_faults) || status=1;) \
	find $(B) -name '*.gcda' -empty -delete; \
	tests/coverage.py $(B) && exit $$status

# Which tests reach which line, for mutate: the same build, and each test's counts apart.
.PHONY: reach reach-run
reach:
	+@$(with_coverage) reach-run
reach-run: all $(UNIT)
	rm -rf $(B)/reach
	-RUN_REACH=$(abspath $(B))/reach $(run_as_root) $(if $(KINDS),$(KINDS),unit,cli,netns,compat) $(NAMES)

# One thing of our code changed at a time, and the tests near it run: who does not notice?
.PHONY: mutate
mutate: all $(UNIT)
	MUTANTS=$(MUTANTS) SEED=$(SEED) NAMES='$(NAMES)' AT='$(AT)' V=$(V) \
		tests/as_root.sh python3 tests/mutate.py $(B)

# What CI has no time for, one part after the other, and at the end which of them failed; JOBS= as
# everywhere. .github/workflows/nightly.yml gives each part a machine of its own.
NIGHTLY_SECONDS ?= 3600
NIGHTLY := check lint-full check-clang check-asan-root check-memory check-properties check-traffic \
           check-storm check-machines check-kernels check-valgrind check-hostile check-apply \
           check-migrate mutate fuzz coverage
NIGHTLY_WORDS_check-hostile := HOSTILE_SECONDS=$(NIGHTLY_SECONDS)
NIGHTLY_WORDS_check-apply   := HOSTILE_SECONDS=$(NIGHTLY_SECONDS)
NIGHTLY_WORDS_mutate        := MUTANTS=150
.PHONY: nightly nightly-parts check-clang $(addprefix nightly-,$(NIGHTLY))
nightly:
	@failed=; for part in $(NIGHTLY); do \
		$(MAKE) --no-print-directory nightly-$$part || failed="$$failed $$part"; done; \
		[ -z "$$failed" ] || { echo "nightly: failed:$$failed" >&2; exit 1; }
nightly-parts:
	@printf '%s\n' $(NIGHTLY)
$(addprefix nightly-,$(NIGHTLY)): nightly-%:
	$(MAKE) $* $(NIGHTLY_WORDS_$*)
check-clang:
	$(MAKE) WERROR=1 CC=clang B=$(B)-clang bins bpf
	$(MAKE) WERROR=1 CC=clang B=$(B)-clang unit

# Each fuzzer is linked with everything but a main, built once with its instruments. The tools
# have functions of the same names.
fuzz_cc  = clang -g -O1 $(OURFLAGS) -fno-sanitize-recover=all
# Where its counters are: one that forks shares them.
fuzz_ld  = -Wl,--defsym=fuzz_counters=__start___sancov_cntrs,--defsym=fuzz_counters_end=__stop___sancov_cntrs
fuzz_src = $(wildcard common/*/*.c) $(filter-out %/main.c,$(wildcard tc_loader/*.c))
$(B)/fuzz/%.o: %.c Makefile
	$(call say,FUZZ,$<) mkdir -p $(@D) && \
		$(fuzz_cc) -fsanitize=fuzzer-no-link,address,undefined -MMD -MP -c $< -o $@
$(B)/tests/fuzz/fuzz_%: $(B)/fuzz/tests/fuzz/fuzz_%.o $(patsubst %.c,$(B)/fuzz/%.o,$(fuzz_src))
	$(call say,LD,$@) mkdir -p $(@D) && $(fuzz_cc) -fsanitize=fuzzer,address,undefined $(fuzz_ld) -o $@ $^ $(LIBS)
# The same target without libFuzzer, by whatever compiler.
$(B)/tests/fuzz/replay_%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/replay.o $(B)/libtc_loader.a $(LIB)
	$(call say,LD,$@) $(CC) $(CFLAGS) $(SAN) $(HARDEN_LD) $(LDFLAGS) -o $@ $^ $(LIBS)
# How much of what each target is about its seeds and corpus reach, and what is in CORPUS=DIR/NOUN.
.PHONY: fuzz-coverage fuzz-coverage-run
fuzz-coverage:
	+@$(with_coverage) fuzz-coverage-run
fuzz-coverage-run: bpf $(FUZZERS:$(B)/tests/fuzz/fuzz_%=$(B)/tests/fuzz/replay_%)
	CORPUS='$(CORPUS)' tests/fuzz/coverage.sh $(B)
fuzz: $(FUZZERS) bpf
	$(run_as_root) fuzz $(FUZZ_SECONDS) $(NAMES)

# Ratios against the machine's own tc and bpftool; minutes, gigabytes, no verdict.
.PHONY: bench
bench: all
	@rm -f $(B)/bench.runs
	for b in $(if $(NAMES),$(NAMES:%=tests/bench/%.sh),$(wildcard tests/bench/*.sh)); do \
		BENCH_RUNS=$(abspath $(B))/bench.runs MAPSHARE_BUILD=$(B) tests/as_root.sh $$b || exit; done
	@! command -v python3 >/dev/null || PATH=$(abspath $(B))/bin:$$PATH python3 tests/bench/report.py \
		$(B)/bench.runs --json $(B)/bench.json --svg $(B)/bench.svg --stored tests/bench/figures.json

# What clangd, clang-tidy and cscope want to know of each file.
.PHONY: compdb dist
compdb_src := $(wildcard common/*/*.c *_loader/*.c tests/unit/*.c tests/fuzz/*.c tests/netns/*.c \
              tests/hostile/*.c)
compdb:
	@mkdir -p $(B)
	@{ sep='['; for f in $(compdb_src); do \
		printf '%s\n{"directory": "%s", "file": "%s", "arguments": [' "$$sep" '$(CURDIR)' $$f; \
		for w in $(CC) $(CPPFLAGS) $(CFLAGS) $(subst ",\",$(OURFLAGS)); do printf '"%s", ' "$$w"; done; \
		printf '"-c", "%s"]}' $$f; sep=,; \
	done; printf '\n]\n'; } >$(B)/compile_commands.json
	@echo '  $(B)/compile_commands.json'

# The same commit gives the same bytes: git writes the commit's time, gzip no name.
DIST := mapshare-$(VERSION)
dist:
	@mkdir -p $(B)/dist
	git archive --format=tar --prefix=$(DIST)/ HEAD | gzip -9n >$(B)/dist/$(DIST).tar.gz
	cd $(B)/dist && sha256sum $(DIST).tar.gz >$(DIST).tar.gz.sha256 && cat $(DIST).tar.gz.sha256

# Packages of that tarball for Debian, by the templates in .ci/package.
.PHONY: deb
deb: dist
	@.ci/package/deb.sh $(B) $(VERSION)

# --- install --------------------------------------------------------------------------------

.PHONY: deps demo install uninstall clean
deps:
	@tests/deps.sh check

# It needs the tools and four objects, not what the tests and lints do.
DEMO_OBJS := $(addprefix $(B)/bpf/legacy/,counter_elf.o counter_def.o) \
	$(addprefix $(B)/bpf/,upgrade_old.o upgrade_new.o)
demo:
	@tests/deps.sh demo
	@$(MAKE) --no-print-directory bins $(TRAFFIC) $(DEMO_OBJS)
	@MAPSHARE_BUILD=$(B) tests/as_root.sh netns_scripts/demo.sh

# What pkg-config tells: the library alone, and for the archive all that stands behind it.
define pc_text
Name: mapshare
Description: BPF maps shared by programs of every loader
Version: $(VERSION)
Cflags: -I$(INCDIR)
Libs: -L$(LIBDIR) -lmapshare
Requires.private: $(DOOR_PACKAGES)
Libs.private: -pthread
endef
export pc_text

# Files only, below the names they have here.
EXAMPLES := $(wildcard bpf/examples/*.c bpf/examples/*.h bpf/examples/*/*.c bpf/examples/*/*.cpp \
	bpf/examples/*/*.yaml) bpf/examples/Makefile bpf/examples/embed/Makefile bpf/examples/bpf_pinning
BPF_HEADERS := bpf/shared_maps.h bpf/legacy/legacy_maps.h
UNITS := mapshare@.service mapshare-follow@.service
install: bins lib
	install -d "$(DESTDIR)$(SBINDIR)" "$(DESTDIR)$(MANDIR)" "$(DESTDIR)$(COMPDIR)" \
		"$(DESTDIR)$(LIBDIR)" "$(DESTDIR)$(INCDIR)/mapshare" "$(DESTDIR)$(PCDIR)" \
		"$(DESTDIR)$(MAN3DIR)" "$(DESTDIR)$(MAN5DIR)" "$(DESTDIR)$(MAN7DIR)" \
		"$(DESTDIR)$(DOCDIR)/examples/embed" "$(DESTDIR)$(DOCDIR)/examples/fleet"
	install -m 0755 $(BINS) "$(DESTDIR)$(SBINDIR)"
	install -m 0644 $(foreach t,$(TOOLS),$(t)/$(t).8) common/verbs/mapshare.8 "$(DESTDIR)$(MANDIR)"
	install -d "$(DESTDIR)$(ZSHDIR)" "$(DESTDIR)$(FISHDIR)"
	install -m 0644 common/verbs/mapshare.zsh "$(DESTDIR)$(ZSHDIR)/_mapshare"
	for t in $(TOOLS); do \
		install -m 0644 common/verbs/mapshare.bash "$(DESTDIR)$(COMPDIR)/$$t" && \
		install -m 0644 common/verbs/mapshare.fish "$(DESTDIR)$(FISHDIR)/$$t.fish" || exit; done
	install -m 0644 $(SHLIB) $(ARCHIVE) "$(DESTDIR)$(LIBDIR)"
	ln -sf $(notdir $(SHLIB)) "$(DESTDIR)$(LIBDIR)/$(SONAME)"
	ln -sf $(SONAME) "$(DESTDIR)$(LIBDIR)/libmapshare.so"
	install -m 0644 common/mapshare.h common/mapshare_apply.h common/mapshare_migrate.h \
		"$(DESTDIR)$(INCDIR)"
	install -m 0644 $(BPF_HEADERS) "$(DESTDIR)$(INCDIR)/mapshare"
	printf '%s\n' "$$pc_text" >"$(DESTDIR)$(PCDIR)/mapshare.pc"
	install -m 0644 common/door/mapshare.3 "$(DESTDIR)$(MAN3DIR)"
	install -m 0644 common/load/mapshare.conf.5 "$(DESTDIR)$(MAN5DIR)"
	install -m 0644 common/mapshare.7 "$(DESTDIR)$(MAN7DIR)"
	install -d "$(DESTDIR)$(UNITDIR)"
	install -m 0644 common/load/mapshare.target "$(DESTDIR)$(UNITDIR)"
	for u in $(UNITS); do sed 's|@SBINDIR@|$(SBINDIR)|' "common/load/$$u.in" \
		>"$(DESTDIR)$(UNITDIR)/$$u" && chmod 0644 "$(DESTDIR)$(UNITDIR)/$$u" || exit; done
	for file in $(EXAMPLES:bpf/%=%); do \
		install -m 0644 "bpf/$$file" "$(DESTDIR)$(DOCDIR)/$$file" || exit; done

# What a test author needs, with the scenarios as examples: lib.sh, their objects and sender.
KIT_OBJS := $(patsubst %.bpf.c,$(B)/%.o,$(bpf_src) $(wildcard bpf/legacy/*.bpf.c))
KIT := $(wildcard netns_scripts/*.sh) tests/asserts.sh
.PHONY: install-kit uninstall-kit
install-kit: $(TRAFFIC) $(KIT_OBJS)
	install -d "$(DESTDIR)$(KITDIR)/netns_scripts" "$(DESTDIR)$(KITDIR)/tests" \
		"$(DESTDIR)$(KITDIR)/bpf/legacy"
	for file in $(KIT); do install -m "$$([ -x $$file ] && echo 0755 || echo 0644)" "$$file" \
		"$(DESTDIR)$(KITDIR)/$$file" || exit; done
	sed -i 's|^LIB_KIT=$$|LIB_KIT=$(KITDIR)|' "$(DESTDIR)$(KITDIR)/netns_scripts/lib.sh"
	install -m 0755 $(TRAFFIC) "$(DESTDIR)$(KITDIR)/netns_scripts"
	for file in $(KIT_OBJS:$(B)/%=%); do \
		install -m 0644 "$(B)/$$file" "$(DESTDIR)$(KITDIR)/$$file" || exit; done
uninstall-kit:
	for file in $(KIT) netns_scripts/traffic $(KIT_OBJS:$(B)/%=%); do \
		rm -f "$(DESTDIR)$(KITDIR)/$$file"; done

uninstall:
	rm -f "$(DESTDIR)$(LIBDIR)"/libmapshare.a "$(DESTDIR)$(LIBDIR)"/libmapshare.so* \
		"$(DESTDIR)$(INCDIR)/mapshare.h" "$(DESTDIR)$(INCDIR)/mapshare_apply.h" \
		"$(DESTDIR)$(INCDIR)/mapshare_migrate.h" \
		$(foreach h,$(BPF_HEADERS),"$(DESTDIR)$(INCDIR)/mapshare/$(notdir $(h))") \
		"$(DESTDIR)$(PCDIR)/mapshare.pc" "$(DESTDIR)$(MAN3DIR)/mapshare.3" \
		"$(DESTDIR)$(MAN5DIR)/mapshare.conf.5" "$(DESTDIR)$(MAN7DIR)/mapshare.7" \
		"$(DESTDIR)$(MANDIR)/mapshare.8" \
		$(foreach u,mapshare.target $(UNITS),"$(DESTDIR)$(UNITDIR)/$(u)")
	for file in $(EXAMPLES:bpf/%=%); do rm -f "$(DESTDIR)$(DOCDIR)/$$file"; done
	for t in $(TOOLS); do rm -f "$(DESTDIR)$(SBINDIR)/$$t" "$(DESTDIR)$(MANDIR)/$$t.8" \
		"$(DESTDIR)$(COMPDIR)/$$t" "$(DESTDIR)$(FISHDIR)/$$t.fish"; done
	rm -f "$(DESTDIR)$(ZSHDIR)/_mapshare"

clean:
	@for dir in $(B) $(B)-asan $(B)-clang $(B)-coverage $(B)-machines $(B)-kernels; do \
		[ -d "$$dir" ] || continue; \
		[ -e "$$dir/.flags" ] || { echo "clean: '$$dir' was not built here: it stays" >&2; exit 1; }; \
		rm -rf "$$dir" || exit; done

# Beside it a package may be built, whose objects are its own.
-include $(shell find $(B) -path '$(B)/deb' -prune -o -type f -name '*.d' -print 2>/dev/null)
