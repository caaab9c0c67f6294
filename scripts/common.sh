# scripts/common.sh -- what the scripts share; sourced, not run.

# At most one compiler a core, and one for each 2 GB: a WebSocket over TLS takes as much.
jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/MemAvailable/ {print int($2 / 2097152)}' /proc/meminfo)
  [ "$memory" -ge 1 ] || memory=1
  echo "${JOBS:-$((cores < memory ? cores : memory))}"
}

# configure PRESET [cmake arguments]
configure() {
  local preset=$1
  shift
  local prefix=()
  [ -d .deps/boost/usr ] && prefix=("-DCMAKE_PREFIX_PATH=$PWD/.deps/boost/usr")
  cmake --preset "$preset" "${prefix[@]}" "$@" >"/tmp/steelyard-configure-$$.log" 2>&1 || {
    cat "/tmp/steelyard-configure-$$.log" >&2
    exit 1
  }
  rm -f "/tmp/steelyard-configure-$$.log"
}

# build PRESET [targets]
build() {
  local preset=$1
  shift
  cmake --build --preset "$preset" -j "$(jobs)" ${1:+--target "$@"}
}
