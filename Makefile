# Two targets for a newcomer: `make run` and `make test`. Both install what they need.

ADDR ?= 127.0.0.1:8000
DATA ?= data
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

# Who builds once builds whole: what later builds would save costs the first one a third of our crates' time, and so do
# line tables. `cargo build` alone, while one edits, is as usual.
export CARGO_INCREMENTAL ?= 0
export CARGO_PROFILE_DEV_DEBUG ?= 0

.PHONY: run release test check written page demo-data test-parts conformance bench clean

run: ## Builds and serves, with a demo on offer
	@# The first build takes minutes: it begins while the page is made, and needs that only at its end.
	@{ [ -e target/debug/vizroom ] || cargo build & }; $(MAKE) page demo-data && wait
	cargo build
	@echo
	@echo "  Open http://$(ADDR) and try the demo."
	@echo "  More data to drop on a room: examples/demo-data/files/more/"
	@echo
	target/debug/vizroom serve --listen $(ADDR) --data-dir $(DATA) --demo examples/demo-data/files

release: page ## The binary for those who deploy: target/release/vizroom
	cargo build --release

# Lints and documentation are checked by what builds for the tests: on its own, either would check each dependency anew.
test: export RUSTC_WORKSPACE_WRAPPER = clippy-driver
test: export CLIPPY_ARGS = -D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__
test: export RUSTDOC = $(CURDIR)/.cargo/rustdoc
test: ## Everything CI runs
	@# As in `run`, the first build begins before the rest is there.
	@{ [ -e target/debug/vizroom ] || cargo test --workspace --features vizroom-protocol/client --no-run & }; \
	  $(MAKE) page demo-data test-parts written && wait
	cargo test --workspace --features vizroom-protocol/client
	tests/load/smoke.sh
	tests/autobahn/run.sh
	. .venv/bin/activate && python tests/conformance/clients.py
	npm --prefix protocol/typescript test
	npm --prefix examples/web-room test
	cargo run --quiet --example specs | node tests/page/specs.test.mjs
	. .venv/bin/activate && python tests/prompts/run.py --held-out
	. .venv/bin/activate && python tests/guard/check.py
	.venv/bin/openapi-spec-validator protocol/generated/openapi.json
	npm --prefix examples/api-pages run check
	tests/http/run.sh
	node tests/page/walk.mjs
	node tests/page/manage.mjs
	node tests/page/sign-in.mjs
	node tests/page/public.mjs
	node tests/page/filters.mjs
	node tests/page/charts.mjs
	node tests/tus/resume.mjs
	node tests/page/docs.mjs
	@echo all tests passed

conformance: ## The whole Autobahn suite against the codec; takes long
	tests/autobahn/run.sh all

bench: page ## vizroom beside other servers under load; PEERBENCH=FOLDER names the load generator
	tests/load/run.sh

check: written ## Formatting, lints and documentation, warnings denied
	cargo clippy --workspace --all-targets --features vizroom-protocol/client -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --quiet

written: page
	cargo fmt --all --check
	npm --prefix examples/web-room run check

# The page is embedded into the binary.
page: examples/web-room/dist/index.html examples/api-pages/dist/docs.html.gz

examples/api-pages/dist/docs.html.gz: $(shell find examples/api-pages/src examples/api-pages/*.json examples/api-pages/build.mjs -type f) examples/web-room/src/styles/base.css
	npm --prefix examples/api-pages ci --omit=dev --no-audit --no-fund
	npm --prefix examples/api-pages run build
	@touch $@ src/transport/http/documents/pages.rs

examples/web-room/dist/index.html: $(shell find examples/web-room/src examples/web-room/index.html examples/web-room/package-lock.json protocol/typescript/src -type f)
	npm --prefix protocol/typescript ci --no-audit --no-fund
	npm --prefix examples/web-room ci --no-audit --no-fund
	npm --prefix examples/web-room run build
	@touch $@ src/transport/http/assets.rs

demo-data: examples/demo-data/files/.fetched

examples/demo-data/files/.fetched: examples/demo-data/fetch.mjs examples/demo-data/package-lock.json
	npm --prefix examples/demo-data ci --no-audit --no-fund
	npm --prefix examples/demo-data run fetch
	@touch $@

# What only the tests need: PostgreSQL, Redis, a browser, a mail server, a provider to sign in by, an upload client, an
# independent query engine.
test-parts: .venv/.ready tests/prompts/data/.fetched examples/api-pages/node_modules/.ready $(addsuffix /node_modules/.ready,$(addprefix tests/,page mail oidc tus))
	@{ ls /usr/lib/postgresql/*/bin/initdb && ls /usr/bin/chromium /usr/bin/redis-server /usr/sbin/mariadbd /usr/bin/jq /usr/bin/pdftotext; } >/dev/null 2>&1 || \
	  { $(SUDO) apt-get update -q && $(SUDO) apt-get install -qy --no-install-recommends postgresql mariadb-server redis-server chromium jq poppler-utils; }

.venv/.ready: tests/prompts/requirements.txt tests/http/requirements.txt
	python3 -m venv .venv
	.venv/bin/pip install --quiet -r tests/prompts/requirements.txt -r tests/http/requirements.txt
	@touch $@

# Data sets of the prompts kept aside.
tests/prompts/data/.fetched: tests/prompts/fetch.py .venv/.ready
	.venv/bin/python tests/prompts/fetch.py
	@touch $@

# What checks the documents, beside what shows them.
examples/api-pages/node_modules/.ready: examples/api-pages/package-lock.json | page
	npm --prefix examples/api-pages ci --no-audit --no-fund
	@touch $@

tests/%/node_modules/.ready: tests/%/package-lock.json
	npm --prefix tests/$* ci --no-audit --no-fund
	@touch $@

clean:
	cargo clean
	rm -rf .venv tests/prompts/data examples/*/dist examples/*/node_modules tests/*/node_modules protocol/typescript/node_modules
