#!/usr/bin/env bash
# The whole command against the floor: its time as a ratio to `wc -l` on the same file.
#
#   benches/floor.sh FILE [RUNS]          a log of your own
#   benches/floor.sh --grow MIB FILE      makes a log of MIB mebibytes first, from the lab's recordings: the same
#                                         ones over and over, each time of other connections (examples/grow.rs)
#   benches/floor.sh --wrap FILE          the same log as a Tanuki service wrapper writes it, and as gzip
#                                         leaves it, against the bare one (made beside FILE, removed again)
#
# The commands run in turn, the files are warm, and the medians are compared.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "${1:-}" = --grow ]; then
    mib=$2 file=$3
    mapfile -t logs < <(find testdata/lab/logs/17 testdata/lab/logs/25 -name '*.ssl-handshake.*.log' ! -name 'log-*' | sort)
    cargo run --release --quiet --example grow -- "$mib" "$file" "${logs[@]}"
    shift 3
    set -- "$file" "$@"
fi

wrapped=
if [ "${1:-}" = --wrap ]; then
    wrapped=yes
    shift
fi

file=${1:?usage: benches/floor.sh [--grow MIB | --wrap] FILE [RUNS]}
runs=${2:-5}
cargo build --release --quiet
tool=target/release/jssl-analyze

now() { date +%s%N; }
timed() { local start; start=$(now); "$@" > /dev/null 2>&1 || true; echo $(( $(now) - start )); }
median() { sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

if [ -n "$wrapped" ]; then
    tanuki=$file.tanuki gz=$file.gz
    trap 'rm -f "$tanuki" "$gz"' EXIT
    awk '{ printf "INFO   | jvm 1    | 2026/11/21 %02d:%02d:%02d | %s\n", NR / 3600000 % 24, NR / 60000 % 60, NR / 1000 % 60, $0 }' "$file" > "$tanuki"
    gzip -1 -c "$file" > "$gz"
    "$tool" "$file" > /dev/null 2>&1 || true # warm
    bare=$(mktemp) behind=$(mktemp) zcat=$(mktemp) packed=$(mktemp)
    for _ in $(seq "$runs"); do
        timed "$tool" "$file" >> "$bare"
        timed "$tool" "$tanuki" >> "$behind"
        timed zcat "$gz" >> "$zcat"
        timed "$tool" "$gz" >> "$packed"
    done
    awk -v bare="$(median < "$bare")" -v behind="$(median < "$behind")" -v zcat="$(median < "$zcat")" -v packed="$(median < "$packed")" 'BEGIN {
        printf "bare                    %6.3f s   1.0\n", bare / 1e9
        printf "behind a wrapper        %6.3f s   %.1f × bare\n", behind / 1e9, behind / bare
        printf "from gzip               %6.3f s   %.1f × zcat (%.3f s)\n", packed / 1e9, packed / zcat, zcat / 1e9
    }'
    rm -f "$bare" "$behind" "$zcat" "$packed"
    exit
fi

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
