#!/bin/sh
# Makes the synthetic tables and the synthetic trace of this folder again, to the byte: sh make.sh [FOLDER]
# Invented figures: formulas and pseudo-random numbers with a fixed seed. README.md says what stands in each file. POSIX awk.
set -eu
out=${1:-$(dirname "$0")}

# make NAME SEED PROGRAM: Lehmer's generator (Park and Miller 1988), whose products stay below 2^53, so every awk draws alike.
make() {
  LC_ALL=C awk -v state="$2" '
    function uniform() { state = (state * 48271) % 2147483647; return state / 2147483647 }
    function normal(  i, sum) { for (i = 0; i < 12; ++i) sum += uniform(); return sum - 6 }
    '"$3" </dev/null >"$out/$1"
}

make synthetic_nasbench_macro.csv 20221 '
  BEGIN {
    blocks = 8
    for (b = 0; b < blocks; ++b) {
      levels[b] = b < 4 ? 2 : 3
      size[b] = 1 + int(b / 3)
      quality[b, 0] = 0
      quality[b, 1] = 2.2 + 0.9 * uniform() - 0.1 * b
      quality[b, 2] = quality[b, 1] + 0.7 * (uniform() - 0.35)
    }
    for (b = 1; b < blocks; ++b)
      for (i = 0; i < 3; ++i) for (j = 0; j < 3; ++j) pair[b, i, j] = 0.35 * normal()
    flops[0] = 0; flops[1] = 6402048; flops[2] = 13197312
    weights[0] = 0; weights[1] = 45312; weights[2] = 98304
    print "b0,b1,b2,b3,b4,b5,b6,b7,acc_s0,acc_s1,acc_s2,params,flops"
    total = 1
    for (b = 0; b < blocks; ++b) total *= levels[b]
    for (n = 0; n < total; ++n) {
      rest = n; sum = 0; work = 7713280; size_of = 387882; line = ""
      for (b = blocks - 1; b >= 0; --b) { digit[b] = rest % levels[b]; rest = int(rest / levels[b]) }
      for (b = 0; b < blocks; ++b) {
        sum += quality[b, digit[b]] + (b ? pair[b, digit[b - 1], digit[b]] : 0)
        work += flops[digit[b]] / (b < 2 ? 1 : b < 5 ? 1.5 : 2)
        size_of += weights[digit[b]] * size[b] * size[b]
        line = line digit[b] ","
      }
      truth = 93.6 - 48 / (1 + sum * sum / 12)
      sd = 0.12 + 0.02 * (93.6 - truth)
      for (s = 0; s < 3; ++s) line = line sprintf("%.2f,", truth + sd * normal())
      printf "%s%d,%d\n", line, size_of, work
    }
  }'

make synthetic_fcnet_protein.csv 20222 '
  BEGIN {
    n_act = split("relu tanh", act, " "); n_batch = split("8 32", batch, " "); n_drop = split("0.0 0.3", drop, " ")
    n_lr = split("0.0005 0.005 0.05", lr, " "); n_sched = split("cosine const", sched, " ")
    n_u1 = split("16 128 512", u1, " "); n_u2 = split("16 256", u2, " ")
    print "activation_fn_1,activation_fn_2,batch_size,dropout_1,dropout_2,init_lr,lr_schedule,n_units_1,n_units_2," \
          "protein_structure_valmse_s0,protein_structure_valmse_s1,protein_structure_valmse_s2,protein_structure_valmse_s3"
    for (a = 1; a <= n_act; ++a) for (b = 1; b <= n_act; ++b) for (c = 1; c <= n_batch; ++c)
    for (d = 1; d <= n_drop; ++d) for (e = 1; e <= n_drop; ++e) for (l = 1; l <= n_lr; ++l)
    for (s = 1; s <= n_sched; ++s) for (u = 1; u <= n_u1; ++u) for (v = 1; v <= n_u2; ++v) {
      mse = 0.23 * (1 + 0.12 * (3 - u) * (3 - u) / 2 + 0.10 * (2 - v) + 0.05 * (a - 1) + 0.03 * (b - 1))
      mse *= 1 + (d - 1) * (u == 3 ? 0.04 : 0.16) + (e - 1) * (v == 2 ? 0.03 : 0.13)
      mse *= l == 3 ? (s == 1 ? 1.5 : 2.1) : l == 2 ? (s == 1 ? 1.04 : 1.16) : 1.02
      mse *= 1 + 0.02 * normal() + (c == 1 ? 0.03 : 0)
      line = act[a] "," act[b] "," batch[c] "," drop[d] "," drop[e] "," lr[l] "," sched[s] "," u1[u] "," u2[v]
      for (r = 0; r < 4; ++r) line = line sprintf(",%.4f", mse * (1 + 0.012 * normal()))
      print line
    }
  }'

make synthetic_accel_nasbench.csv 20223 '
  BEGIN {
    split("1 4 6", expansions, " "); split("3 5", kernels, " ")
    line = ""
    for (b = 0; b < 7; ++b) line = line "block" b "_e,block" b "_k,block" b "_l,block" b "_se,"
    print line "val_top1,train_time_s,macs_m,params_m,lat_ms_zcu102"
    for (n = 0; n < 400; ++n) {
      line = ""; macs = 30; params = 1.3; latency = 0.9; depth = 0; attention = 0
      for (b = 0; b < 7; ++b) {
        e = expansions[1 + int(3 * uniform())]; k = kernels[1 + int(2 * uniform())]
        l = 1 + int(3 * uniform()); a = int(2 * uniform())
        line = line e "," k "," l "," a ","
        work = e * l * (k == 5 ? 1.35 : 1)
        macs += 3.3 * work; params += 0.011 * work * (b + 1)
        latency += 0.05 * work * (b < 3 ? 1.3 : 0.8) + 0.16 * l + 0.35 * a
        depth += work; attention += a
      }
      top1 = 66 - 900 / (depth + 30) + 0.22 * attention + 0.45 * normal()
      time = 600 + 4.1 * macs * (1 + 0.05 * normal())
      printf "%s%.3f,%.1f,%.2f,%.3f,%.3f\n", line, top1, time, macs, params, latency * (1 + 0.02 * normal())
    }
  }'

# A year by the hour, UTC. west_g: sun at noon eight hours behind UTC, a peak after sunset. east_g: sun at noon one hour ahead
# of UTC, and wind that comes and goes over days.
make synthetic_hourly_carbon_2022.csv 20224 '
  BEGIN {
    pi = 3.14159265358979
    split("31 28 31 30 31 30 31 31 30 31 30 31", days, " ")
    print "datetime_utc,west_g,east_g"
    for (month = 1; month <= 12; ++month) for (day = 1; day <= days[month]; ++day) {
      ++year_day
      summer = -cos(2 * pi * (year_day + 10) / 365)
      for (hour = 0; hour < 24; ++hour) {
        cloud = 0.97 * cloud + 0.06 * normal(); wind = 0.985 * wind + 0.17 * normal()
        west_sun = cos(2 * pi * (hour - 20) / 24); east_sun = cos(2 * pi * (hour - 11) / 24)
        west = 255 + 20 * summer - (100 + 30 * summer - 60 * cloud) * (west_sun > 0 ? west_sun : 0)
        west += 45 * (hour >= 2 && hour <= 5) - 8 * wind
        east = 165 + 12 * summer - (50 + 15 * summer) * (east_sun > 0 ? east_sun : 0) - 42 * wind + 25 * cos(2 * pi * (hour - 19) / 24)
        printf "2022-%02d-%02d %02d:00,%d,%d\n", month, day, hour, west < 40 ? 40 : west, east < 25 ? 25 : east
      }
    }
  }'

# Runs of a device that computes at 0.42 of a 165 TFLOP/s peak, moves at 0.31 of 1008 GB/s, and waits 9 ms in each step.
make synthetic_training_runs.csv 20225 '
  BEGIN {
    print "run,flops,bytes,steps,seconds,watts,idle_watts"
    for (n = 1; n <= 48; ++n) {
      steps = 200 * (1 + n % 5); flops = 2e12 * (1 + 12 * uniform() * uniform()); bytes = 4e9 * (1 + 20 * uniform() * uniform())
      compute = flops / (0.42 * 165e12); move = bytes / (0.31 * 1008e9)
      busy = compute + move
      seconds = steps * (busy + 0.009)
      power = 27 + (423 * (0.8 * compute + 0.5 * move) * steps + 40 * 0.009 * steps) / seconds
      printf "%d,%.4e,%.4e,%d,%.2f,%.1f,%.1f\n", n, flops * steps, bytes * steps, steps,
        seconds * (1 + 0.02 * normal()), power * (1 + 0.02 * normal()), 27 + 0.4 * normal()
    }
  }'
