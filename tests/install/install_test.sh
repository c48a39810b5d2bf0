#!/usr/bin/env bash
# Installs a build into a folder, builds docs/own-strategy against what was installed, and runs it beside the installed program:
# the strategy takes part, and all that both programs know gives the same results. Usage: install_test.sh SOURCE BUILD COMPILER
set -euo pipefail

source=$(realpath "$1") build=$(realpath "$2") compiler=$3
fail() { echo "FAILED: $*"; exit 1; }
dir=$(mktemp -d /tmp/tonne-install-XXXXXX)
trap 'rm -rf "$dir"' EXIT

cmake --install "$build" --prefix "$dir/prefix" >"$dir/log" || { cat "$dir/log"; fail "cmake --install"; }
for file in bin/tonne share/bash-completion/completions/tonne share/zsh/site-functions/_tonne \
    share/fish/vendor_completions.d/tonne.fish share/tonne/configs/quickstart.yaml share/tonne/docs/how-to.md \
    share/doc/tonne/copyright include/tonne/core/units.h; do
  [ -s "$dir/prefix/$file" ] || fail "$file was not installed"
done
compgen -G "$dir/prefix/share/man/man1/tonne-run.1*" >/dev/null || fail "no manual page was installed"
grep -q Plotly "$dir/prefix/share/doc/tonne/copyright" || fail "plotly's licence was not installed"
! find "$dir/prefix/include" -name precompiled.h | grep -q . || fail "the precompiled header was installed"
! grep -rq -e -Wall -e -Werror -e "$source" "$dir/prefix"/lib*/cmake || fail "what is this build's own was exported"

cp -r "$dir/prefix/share/tonne/docs/own-strategy" "$dir/own"
cmake -S "$dir/own" -B "$dir/own/build" -DCMAKE_PREFIX_PATH="$dir/prefix" -DCMAKE_CXX_COMPILER="$compiler" >"$dir/log" &&
  cmake --build "$dir/own/build" >>"$dir/log" 2>&1 || { cat "$dir/log"; fail "building docs/own-strategy"; }

cd "$dir"
own=$dir/own/build/own_tonne
"$own" run own/experiment.yaml --out own/results --quiet >table || fail "running the example"
grep -q 'climber (fresh=0.05)' table || fail "the strategy is not in the table"
grep -v climber own/experiment.yaml >plain.yaml
"$own" run plain.yaml --out by-own --quiet >/dev/null
prefix/bin/tonne run plain.yaml --out by-tonne --quiet >/dev/null
[ "$("$own" show by-own --digest)" = "$(prefix/bin/tonne show by-tonne --digest)" ] || fail "the two programs' results differ"
