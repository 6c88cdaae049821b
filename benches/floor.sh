#!/usr/bin/env bash
# The whole command against the floor: its time as a ratio to `wc -l` on the same file.
#
#   benches/floor.sh FILE [RUNS]          a log of your own
#   benches/floor.sh --grow MIB FILE      makes a log of MIB mebibytes from the lab's recordings first
#
# Both commands run in turn, the file is warm, and the medians are compared.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "${1:-}" = --grow ]; then
    mib=$2 file=$3
    mapfile -t logs < <(find testdata/lab/logs/17 testdata/lab/logs/25 -name '*.ssl-handshake.*.log' ! -name 'log-*' | sort)
    once=$(mktemp)
    trap 'rm -f "$once"' EXIT
    cat "${logs[@]}" > "$once"
    : > "$file"
    while [ "$(stat -c %s "$file")" -lt $((mib << 20)) ]; do cat "$once" >> "$file"; done
    shift 3
    set -- "$file" "$@"
fi

file=${1:?usage: benches/floor.sh [--grow MIB] FILE [RUNS]}
runs=${2:-5}
cargo build --release --quiet
tool=target/release/jssl-analyze

now() { date +%s%N; }
timed() { local start; start=$(now); "$@" > /dev/null 2>&1 || true; echo $(( $(now) - start )); }
median() { sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

wc -l "$file" > /dev/null; "$tool" "$file" > /dev/null 2>&1 || true # warm
floor=$(mktemp) ours=$(mktemp) ndjson=$(mktemp)
for _ in $(seq "$runs"); do
    timed wc -l "$file" >> "$floor"
    timed "$tool" "$file" >> "$ours"
    timed "$tool" -f ndjson "$file" >> "$ndjson"
done
awk -v size="$(stat -c %s "$file")" -v floor="$(median < "$floor")" -v ours="$(median < "$ours")" -v ndjson="$(median < "$ndjson")" 'BEGIN {
    printf "%.2f GiB\n", size / 1073741824
    printf "wc -l                   %6.3f s   1.0\n", floor / 1e9
    printf "jssl-analyze            %6.3f s   %.1f × wc -l   %.2f GiB/s\n", ours / 1e9, ours / floor, size / 1.073741824 / ours
    printf "jssl-analyze -f ndjson  %6.3f s   %.1f × wc -l\n", ndjson / 1e9, ndjson / floor
}'
rm -f "$floor" "$ours" "$ndjson"
if [ -r /proc/self/smaps_rollup ]; then
    "$tool" "$file" > /dev/null 2>&1 & pid=$!
    peak=0
    while kill -0 $pid 2> /dev/null; do
        private=$(awk '/^Anonymous:/ { print $2 }' /proc/$pid/smaps_rollup 2> /dev/null || true)
        [ "${private:-0}" -gt $peak ] && peak=$private
    done
    wait $pid || true
    echo "private memory          $((peak / 1024)) MiB at most"
fi
