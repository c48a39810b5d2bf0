#!/usr/bin/env bash
# Starts Slurm on this machine alone (Debian's slurm-wlm), submits an experiment with `tonne submit`, kills one of its tasks,
# and compares what the follow-up job joined with a run on one machine. Usage: slurm_test.sh TONNE
# Exit code 77: Slurm cannot be started here; the reason is printed, and ctest counts the test as skipped.
set -euo pipefail

tonne=$(realpath "$1")
skip() { echo "SKIPPED: $*"; exit 77; }
fail() { echo "FAILED: $*"; tail -n 20 "$dir"/*.log "$dir"/results/*-slurm/*.out 2>/dev/null || true; exit 1; }

for program in slurmctld slurmd sbatch srun scontrol squeue; do
  command -v "$program" >/dev/null || PATH=$PATH:/usr/sbin
  command -v "$program" >/dev/null || skip "$program is not installed (apt-get install slurm-wlm)"
done

dir=$(mktemp -d /tmp/tonne-slurm-XXXXXX)
own=()
tidy() {
  [ ${#own[@]} -eq 0 ] || kill "${own[@]}" 2>/dev/null || true
  [ ${#own[@]} -eq 0 ] || wait "${own[@]}" 2>/dev/null || true
  rm -rf "$dir"
}
trap tidy EXIT
mkdir "$dir/state" "$dir/spool"
host=$(hostname -s)
port=$((20000 + $$ % 20000))
export SLURM_CONF=$dir/slurm.conf
# No munge, no cgroups, no accounting: nothing that a container lacks. The node says four processors, whatever it has.
cat >"$SLURM_CONF" <<EOF
ClusterName=tonne
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
AuthType=auth/none
CredType=cred/none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.log
SlurmdParameters=config_overrides
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MaxArraySize=4
NodeName=$host NodeAddr=127.0.0.1 CPUs=4 Boards=1 SocketsPerBoard=1 CoresPerSocket=4 ThreadsPerCore=1 RealMemory=500 State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
EOF
slurmctld -D >>"$dir/slurmctld.log" 2>&1 &
own+=($!)
slurmd -D -N "$host" >>"$dir/slurmd.log" 2>&1 &
own+=($!)
idle() { sinfo --noheader --format=%T 2>/dev/null | grep -q idle; }
for _ in $(seq 60); do
  idle && break
  sleep 0.5
done
idle || { tail -n 5 "$dir"/*.log; skip "Slurm's daemons do not come up on this machine (their last words are above)"; }

cd "$dir"
cat >e.yaml <<'EOF'
name: on-slurm
seeds: 5
problems: [cell_nas: {task: cifar10}, function: {function: hartmann6}]
strategies: [random, regularized_evolution: {population: 10, sample: 3}]
cluster: {device: V100, workers: 3, grid: US-2018}
budget: {evaluations: 100000}
EOF
"$tonne" run e.yaml --quiet --out whole >/dev/null
whole=$("$tonne" show whole --digest)

# What bash reads before a script: the first task of shard 2 is killed as soon as it has a store, as by a node that fails.
cat >kill_once.sh <<EOF
if [ "\${SLURM_ARRAY_TASK_ID:-}" = 2 ] && [ "\${1:-}" = 0 ] && mkdir "$dir/killed" 2>/dev/null; then
  (while [ ! -s "$dir/results/on-slurm-shard-2-of-5/results.sqlite" ]; do sleep 0.005; done; kill -KILL \$\$) &
fi
EOF
export BASH_ENV=$dir/kill_once.sh

# Five shards in arrays of at most three (MaxArraySize 4).
"$tonne" submit --slurm e.yaml --tasks 5 --at-once 4 -- --time=5 | tee submitted.txt
grep -q 'Submitted shards 1-5 of 5 as job [0-9]*, [0-9]*, and job' submitted.txt || fail "the limit of arrays was not heeded"
for _ in $(seq 240); do
  [ -e results/on-slurm/summary.json ] && break
  sleep 0.5
done
[ -e results/on-slurm/summary.json ] || { squeue; fail "the shards were not joined within two minutes"; }
grep -h Submitted results/on-slurm-slurm/*.out || fail "the killed task was not submitted again"
grep -q 'Submitted shards 2 of 5' results/on-slurm-slurm/*.out || fail "others than the killed task were submitted again"
"$tonne" watch --once results/on-slurm-shard-*-of-5 || fail "not all shards are whole"
joined=$("$tonne" show results/on-slurm --digest)
echo "one machine: $whole"
echo "Slurm:       $joined"
[ "$joined" = "$whole" ] || fail "the results differ"
cmp whole/summary.json results/on-slurm/summary.json

# By hand: an array 0-2 with --shard auto/3, and srun's ranks with plain auto.
unset BASH_ENV
sbatch --parsable --wait --array=0-2 --output="$dir/%A_%a.out" --wrap "'$tonne' run e.yaml --quiet --threads 1 --shard auto/3" >/dev/null
"$tonne" merge results/on-slurm-shard-*-of-3 --out by-array >/dev/null
[ "$("$tonne" show by-array --digest)" = "$whole" ] || fail "an array 0-2 gives other results"
srun --ntasks=2 "$tonne" run e.yaml --quiet --threads 1 --shard auto >/dev/null
"$tonne" merge results/on-slurm-shard-*-of-2 --out by-ranks >/dev/null
[ "$("$tonne" show by-ranks --digest)" = "$whole" ] || fail "srun gives other results"
echo "passed"
