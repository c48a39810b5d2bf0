# Shared by ./quickstart, ./test and .ci/run: packages, configuring, building. Sourced, from any directory.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

build_packages=(g++ cmake ninja-build ccache libeigen3-dev libtbb-dev libyaml-cpp-dev libfmt-dev libspdlog-dev libcli11-dev
  nlohmann-json3-dev libsqlitecpp-dev libsqlite3-dev libzstd-dev libboost-dev libnlopt-dev
  libkainjow-mustache-dev libabsl-dev tzdata)
python_packages=(pybind11-dev python3-dev python3-numpy python3-pandas)
test_packages=(libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev librandom123-dev sqlite3 python3-pytest)
all_packages=(clang-19 libclang-rt-19-dev chromium python3-optuna python3-scipy valgrind slurm-wlm zsh fish mandoc node-ajv node-js-yaml)

say() { printf '\n== %s\n' "$*"; }

# Installs what is missing of the named Debian packages; says nothing when nothing is.
install_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  say "Installing ${missing[*]}"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "Not root and no sudo: install these packages yourself, then start again: ${missing[*]}" >&2; exit 1; }
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# configure PRESET [cmake options]: only when something about it has changed.
configure() {
  local preset=$1 stamp="$root/build/$1/configured-as"
  shift
  [ -f "$root/build/$preset/build.ninja" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$*" ] && return
  say "Configuring $preset"
  (cd "$root" && cmake --preset "$preset" "$@" >/dev/null)
  printf '%s' "$*" >"$stamp"
}

build() {
  local preset=$1
  shift
  say "Building $preset (build/$preset)"
  (cd "$root" && cmake --build --preset "$preset" "$@")
}
