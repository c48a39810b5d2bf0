// Schedules of a matrix product or a convolution on a GPU: tiles, threads, vectors, unrolling, local memory.
// An evaluation compiles the kernel and runs it some times; compiling costs more than a run, and many
// schedules do not compile or do not launch.
//
// `kernel: gemm` has the parameters and constraints of CLBlast's kernel (Nugteren 2018, "CLBlast: A Tuned
// OpenCL BLAS Library"), 82,944 combinations of which 17,956 are valid, as in the table of an RTX 3090 from
// the Auto-Tuning benchmark hub (M = N = K = 4096, fp32). `matmul` and `conv2d` (as an implicit matrix
// product) have a space of their own, with conditions.
//
// Exact: constraints, arithmetic, work. Generative but mechanistic: the run time, from the cycles that a
// thread spends per step of k on its wm x wn accumulators,
//     cycles = wm wn + loads of A + loads of B + copies to local memory,
//     time = peak time x cycles / (wm wn) x (1 + latency / (warps x (wm wn)^h)) x spilling, but not below the
//     memory's,
// where loads come in vectors and take a row of 32 banks (or a sector) for each stretch of addresses that a
// warp touches. The coefficients are least squares on the logarithm of that table's times: docs/problems.md.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/random.h"
#include "core/recipe.h"
#include "core/settings.h"
#include "core/units.h"
#include "search/problems/compilers/gemm_table.h"
#include "search/problems/landscape/enumerate.h"
#include "search/problems/landscape/fp32.h"
#include "search/problems/landscape/hashed.h"
#include "search/problems/landscape/quantile_map.h"
#include "search/problems/landscape/ruggedness.h"
#include "search/problems/landscape/training_seeds.h"

namespace tonne {
namespace {

enum class Kernel : std::uint8_t { matmul, conv2d, gemm };
enum class Goal : std::uint8_t { time, energy };
constexpr std::array<std::string_view, 3> kKernelNames = {"matmul", "conv2d", "gemm"};
constexpr std::array<std::string_view, 2> kGoalNames = {"time", "energy"};
constexpr double kWarp = 32.0;

// The table of gemm has one measurement of each schedule, which a repeat returns again.
std::int64_t usual_measurements(Kernel kernel) {
  return kernel == Kernel::gemm ? 1 : TrainingSeeds::kUnlimited;
}

struct ScheduleSettings {
  Kernel kernel = Kernel::matmul;
  Goal objective = Goal::time;
  std::int64_t landscape = 0;
  std::int64_t m = 4096, n = 4096, k = 4096;  ///< of matmul and gemm: the table's
  std::int64_t images = 16, side = 56, channels = 64, filters = 64,
               window = 3;  ///< of conv2d: ResNet-50's stage 2
  std::int64_t runs = 32;   ///< the table's
  double noise = .0017;     ///< sd of the logarithm of a run; the table's median
  TrainingSeedsSetting measurements;
  Duration compile_time = 77e-3 * second;  ///< the table's median
  Duration check_time = 306e-3 * second;   ///< verification 239 ms and tuner 67 ms: the table's medians
  // NVIDIA's data sheet of the RTX 3090 and of compute capability 8.6.
  WorkRate peak = 35.58 * teraflop_per_second;
  Bandwidth bandwidth = 936.2 * gigabyte_per_second;
  std::int64_t processors = 82;
  std::int64_t registers = 65'536;       ///< of a processor
  std::int64_t local_memory = 102'400;   ///< bytes of a processor
  std::int64_t block_memory = 49'152;    ///< bytes of a block
  std::int64_t resident_threads = 1536;  ///< of a processor
  Power static_power = 110.0 * watt;     ///< assumed, with the next two
  double joule_per_flop = 5e-12;
  double joule_per_byte = 1e-10;

  void visit(SettingsVisitor& v) {
    v.choice("kernel", kernel, kKernelNames, "matmul, conv2d, or gemm with CLBlast's 14 parameters");
    v.choice("objective", objective, kGoalNames,
             "what to minimise: the kernel's run time (ms) or energy (mJ)");
    v.integer("landscape", landscape, Bounds::at_least(0), "seed of the landscape's ruggedness");
    const Bounds size = Bounds::between(1, 1 << 20);
    v.integer("m", m, size, "rows of the product (matmul, gemm)");
    v.integer("n", n, size, "columns of the product (matmul, gemm)");
    v.integer("k", k, size, "length of the inner dimension (matmul, gemm)");
    v.integer("images", images, size, "images per batch (conv2d)");
    v.integer("side", side, Bounds::between(1, 4096), "height and width of the output (conv2d)");
    v.integer("channels", channels, Bounds::between(1, 1 << 16), "input channels (conv2d)");
    v.integer("filters", filters, size, "output channels (conv2d)");
    v.integer("window", window, Bounds::between(1, 31), "height and width of a filter (conv2d)");
    v.integer("runs", runs, Bounds::between(1, 1e6), "kernel runs per evaluation");
    v.number("noise", noise, Bounds::between(0, 1),
             "sd of the logarithm of a run; an evaluation has the mean of its runs");
    measurements.visit(v, usual_measurements(kernel));
    v.quantity("compile_time", compile_time, Bounds::at_least(0),
               "time to compile a kernel with 16 accumulators");
    v.quantity("check_time", check_time, Bounds::at_least(0),
               "other time per evaluation: verification, tuner");
    v.quantity("peak", peak, Bounds::above(0), "the device's peak fp32 rate");
    v.quantity("bandwidth", bandwidth, Bounds::above(0), "the device's peak memory bandwidth");
    v.integer("processors", processors, Bounds::between(1, 1e6), "multiprocessors on the device");
    v.integer("registers", registers, Bounds::between(1024, 1e9), "registers per multiprocessor");
    v.integer("local_memory", local_memory, Bounds::between(1024, 1e9),
              "local memory per multiprocessor, in bytes");
    v.integer("block_memory", block_memory, Bounds::between(1024, 1e9),
              "local memory limit per block, in bytes");
    v.integer("resident_threads", resident_threads, Bounds::between(32, 1e6),
              "resident threads per multiprocessor");
    v.quantity("static_power", static_power, Bounds::at_least(0), "baseline power while a kernel runs");
    v.number("joule_per_flop", joule_per_flop, Bounds::at_least(0), "energy per operation");
    v.number("joule_per_byte", joule_per_byte, Bounds::at_least(0),
             "energy per byte read from or written to device memory");
  }
};

/// The matrix product that is computed, m x k times k x n.
struct Shape {
  double m = 0.0, n = 0.0, k = 0.0;
  double operands = 0.0;  ///< bytes of inputs and result
};

Shape shape_of(const ScheduleSettings& s) {
  const auto number = [](std::int64_t i) { return static_cast<double>(i); };
  if (s.kernel != Kernel::conv2d) {
    const double m = number(s.m);
    const double n = number(s.n);
    const double k = number(s.k);
    return {m, n, k, kBytesPerNumber * (m * k + k * n + m * n)};
  }
  const double m = number(s.images) * number(s.side) * number(s.side);
  const double k = number(s.channels) * number(s.window) * number(s.window);
  const double n = number(s.filters);
  return {m, n, k, kBytesPerNumber * (m * number(s.channels) + k * n + m * n)};
}

struct Schedule {
  double tile_m = 0.0, tile_n = 0.0, tile_k = 32.0;
  double threads_m = 0.0, threads_n = 0.0;
  double copy_m = 16.0, copy_n = 16.0;  ///< threads along m and n while copying to local memory
  double vector_m = 1.0, vector_n = 1.0;
  bool local_a = false, local_b = false;
  bool padded = false;         ///< one more number a row: no bank conflicts
  bool double_buffer = false;  ///< copies the next tile while it computes
  double unroll = 2.0;
  double split_k = 1.0;
  bool strided_a = false;  ///< conv2d in nchw: vectors of A gather
  bool valid = true;       ///< by divisibility

  [[nodiscard]] double threads() const { return threads_m * threads_n; }
  [[nodiscard]] double work_m() const { return tile_m / threads_m; }
  [[nodiscard]] double work_n() const { return tile_n / threads_n; }
  [[nodiscard]] double accumulators() const { return work_m() * work_n(); }
  [[nodiscard]] double registers() const {
    return 24.0 + accumulators() + work_m() + work_n() + 2.0 * std::max(0.0, unroll - 2.0);
  }
  [[nodiscard]] double local_bytes() const {
    const double pad = padded ? 1.0 : 0.0;
    const double numbers = (local_a ? tile_m + pad : 0.0) + (local_b ? tile_n + pad : 0.0);
    return kBytesPerNumber * tile_k * numbers * (double_buffer ? 2.0 : 1.0);
  }
};

bool divides(double divisor, double number) {
  return std::fmod(number, divisor) == 0.0;
}

class Device {
 public:
  Device(const ScheduleSettings& settings, const Shape& shape) : s_(settings), shape_(shape) {}

  [[nodiscard]] bool launches(const Schedule& x) const {
    return x.valid && x.threads() <= 1024.0 && x.local_bytes() <= static_cast<double>(s_.block_memory) &&
           std::min(x.registers(), 255.0) * x.threads() <= static_cast<double>(s_.registers);
  }

  [[nodiscard]] double flops() const { return 2.0 * shape_.m * shape_.n * shape_.k; }

  /// Bytes from the device's memory: each tile reads its rows and columns; the cache keeps three of four.
  [[nodiscard]] double traffic(const Schedule& x) const {
    const double reads = kBytesPerNumber * shape_.m * shape_.n * shape_.k * (1.0 / x.tile_m + 1.0 / x.tile_n);
    const double results = kBytesPerNumber * shape_.m * shape_.n * (2.0 * x.split_k - 1.0);
    return std::max(shape_.operands, kCacheMisses * reads + results);
  }

  /// Seconds of one run of a schedule that launches.
  [[nodiscard]] double time(const Schedule& x) const {
    const double wm = x.work_m();
    const double wn = x.work_n();
    const double accumulators = wm * wn;
    // A thread's numbers lie wm (wn) apart, and a warp's threads along m first: the more addresses that a
    // load touches, the more sectors or bank conflicts. Padding leaves a conflict of two.
    const double stride_a = x.padded && x.local_a ? std::min(wm, 2.0) : wm;
    const double along_n = std::max(1.0, kWarp / x.threads_m);
    const double rows_b = x.padded && x.local_b ? 1.0 : std::max(1.0, along_n * wn / kWarp);
    const double along_m = x.threads_m / 16.0;
    const double gather = x.strided_a && !x.local_a ? x.vector_m : 1.0;
    const double loads_a = 4.554 * wm / x.vector_m +
                           wm * gather *
                               (x.local_a ? .01756 * std::pow(stride_a, 2.587) * std::pow(along_m, 1.488)
                                          : .1457 * std::pow(stride_a, 1.546) * std::pow(along_m, .743));
    const double loads_b = wn * (x.local_b ? 2.316 * std::pow(rows_b, .283) * std::pow(x.vector_n, -2.369)
                                           : 3.781 * std::pow(rows_b, .525) * std::pow(x.vector_n, -.512));
    const double hidden = x.double_buffer ? .6 : 1.0;
    const double copies =
        hidden * ((x.local_a ? copying(18.97, wm / x.threads_n, x.vector_m, x.copy_m) : 0.0) +
                  (x.local_b ? copying(25.46, wn / x.threads_m, x.vector_n, x.copy_n) : 0.0));
    const double loop =
        2.0 / x.unroll;  // counting and branching, once an unrolled step; the table unrolls by 2
    const double cycles = accumulators + loads_a + loads_b + copies + (loop - 1.0) * 2.0;

    const double blocks = resident_blocks(x);
    const double warps = blocks * std::max(1.0, x.threads() / kWarp);
    const double latency = 1.0 + 41.7 / (warps * std::pow(accumulators, 1.141));
    double factor = kIssue * cycles / accumulators * latency;
    if (accumulators >= 256.0) factor *= 5.72;  // spills
    if (accumulators >= 128.0) factor *= (x.local_a ? 1.0 : 1.176) * (x.local_b ? 1.0 : 1.163);
    factor *= std::pow(std::max(wm / wn, wn / wm), .111);
    if (x.unroll > 8.0) factor *= 1.0 + .02 * (x.unroll - 8.0);  // the instruction cache

    const double tiles_m = std::ceil(shape_.m / x.tile_m);
    const double tiles_n = std::ceil(shape_.n / x.tile_n);
    const double padding = tiles_m * x.tile_m * tiles_n * x.tile_n / (shape_.m * shape_.n);
    const double arithmetic =
        flops() / s_.peak.base() * factor * padding * tail(tiles_m * tiles_n * x.split_k, blocks);
    return std::max(arithmetic, traffic(x) / s_.bandwidth.base());
  }

  /// Joules of one run that takes so many seconds.
  [[nodiscard]] double energy(const Schedule& x, double seconds) const {
    return s_.static_power.base() * seconds + s_.joule_per_flop * flops() + s_.joule_per_byte * traffic(x);
  }

  /// Seconds of a compilation; the table's medians grow so with the accumulators.
  [[nodiscard]] double compilation(const Schedule& x) const {
    return s_.compile_time.base() * std::pow(std::max(1.0, x.accumulators()) / 16.0, .3) *
           std::sqrt(x.unroll / 2.0);
  }

 private:
  static constexpr double kCacheMisses = .25;  // assumed
  static constexpr double kIssue = 1.1;        // instructions besides the arithmetic; assumed

  // Per step of k and thread.
  static double copying(double cost, double numbers, double vector, double threads) {
    return cost * numbers / std::sqrt(std::min(vector, 4.0)) * std::pow(threads / 16.0, -.3);
  }

  [[nodiscard]] double resident_blocks(const Schedule& x) const {
    const double by_registers =
        std::floor(static_cast<double>(s_.registers) / (std::min(255.0, x.registers()) * x.threads()));
    const double by_threads = std::floor(static_cast<double>(s_.resident_threads) / x.threads());
    const double by_memory = std::floor(static_cast<double>(s_.local_memory) / (x.local_bytes() + 1024.0));
    return std::max(1.0, std::min({by_registers, by_threads, by_memory, 16.0}));
  }

  // The last wave of blocks leaves processors idle; with many waves blocks start as others end.
  [[nodiscard]] double tail(double blocks, double resident) const {
    const double waves = blocks / (static_cast<double>(s_.processors) * resident);
    return waves < 4.0 ? std::ceil(waves) / waves : 1.0;
  }

  const ScheduleSettings& s_;
  Shape shape_;
};

Ordinal levels(std::initializer_list<int> values) {
  Ordinal ordinal;
  for (const int value : values) ordinal.levels.push_back(std::to_string(value));
  return ordinal;
}

SearchSpace gemm_space() {
  const Ordinal tile = levels({16, 32, 64, 128});
  const Ordinal threads = levels({8, 16, 32});
  const Ordinal vector = levels({1, 2, 4, 8});
  return SearchSpace({{"MWG", tile, std::nullopt, 2.0},
                      {"NWG", tile, std::nullopt, 2.0},
                      {"KWG", levels({32}), std::nullopt, 0.0},
                      {"MDIMC", threads, std::nullopt, 0.0},
                      {"NDIMC", threads, std::nullopt, 0.0},
                      {"MDIMA", threads, std::nullopt, 0.0},
                      {"NDIMB", threads, std::nullopt, 0.0},
                      {"KWI", levels({2}), std::nullopt, 0.0},
                      {"VWM", vector, std::nullopt, 0.0},
                      {"VWN", vector, std::nullopt, 0.0},
                      {"STRM", levels({0}), std::nullopt, 0.0},
                      {"STRN", levels({0}), std::nullopt, 0.0},
                      {"SA", levels({0, 1}), std::nullopt, 0.0},
                      {"SB", levels({0, 1}), std::nullopt, 0.0}});
}

Schedule gemm_schedule(const Configuration& c) {
  Schedule x;
  x.tile_m = std::exp2(4.0 + c[0]);
  x.tile_n = std::exp2(4.0 + c[1]);
  x.threads_m = std::exp2(3.0 + c[3]);
  x.threads_n = std::exp2(3.0 + c[4]);
  x.copy_m = std::exp2(3.0 + c[5]);
  x.copy_n = std::exp2(3.0 + c[6]);
  x.vector_m = std::exp2(c[8]);
  x.vector_n = std::exp2(c[9]);
  x.local_a = c[12] > 0.0;
  x.local_b = c[13] > 0.0;
  // CLBlast's constraints.
  const double rows_a = x.threads() / x.copy_m;
  const double rows_b = x.threads() / x.copy_n;
  x.valid = divides(x.threads_m * x.vector_m, x.tile_m) && divides(x.threads_n * x.vector_n, x.tile_n) &&
            divides(x.copy_m * x.vector_m, x.tile_m) && divides(x.copy_n * x.vector_n, x.tile_n) &&
            rows_a >= 1.0 && rows_b >= 1.0 && divides(rows_a, x.tile_k) && divides(rows_b, x.tile_k);
  return x;
}

SearchSpace free_space(bool convolution) {
  std::vector<Parameter> parameters = {
      {"tile_m", levels({16, 32, 64, 128, 256}), std::nullopt, 2.0},
      {"tile_n", levels({16, 32, 64, 128, 256}), std::nullopt, 2.0},
      {"tile_k", levels({8, 16, 32}), std::nullopt, 1.0},
      {"threads_m", levels({4, 8, 16, 32}), std::nullopt, 1.0},
      {"threads_n", levels({4, 8, 16, 32}), std::nullopt, 1.0},
      {"vector", levels({1, 2, 4, 8}), std::nullopt, 0.0},
      {"unroll", levels({1, 2, 4, 8, 16}), std::nullopt, 1.0},
      {"split_k", levels({1, 2, 4, 8}), std::nullopt, 0.0},
      {"local_memory", Categorical{{"none", "a", "b", "both"}}, std::nullopt, 0.0},
      {"padding", Categorical{{"no", "yes"}}, Condition{8, {1, 2, 3}}, 0.0},
      {"double_buffer", Categorical{{"no", "yes"}}, Condition{8, {3}}, 0.0}};
  if (convolution) parameters.push_back({"layout", Categorical{{"nchw", "nhwc"}}, std::nullopt, 0.0});
  return SearchSpace(std::move(parameters));
}

Schedule free_schedule(const Configuration& c, bool convolution) {
  Schedule x;
  x.tile_m = std::exp2(4.0 + c[0]);
  x.tile_n = std::exp2(4.0 + c[1]);
  x.tile_k = std::exp2(3.0 + c[2]);
  x.threads_m = std::exp2(2.0 + c[3]);
  x.threads_n = std::exp2(2.0 + c[4]);
  x.vector_m = std::exp2(c[5]);
  x.vector_n = x.vector_m;
  x.unroll = std::min(std::exp2(c[6]), x.tile_k);
  x.split_k = std::exp2(c[7]);
  x.local_a = c[8] == 1.0 || c[8] == 3.0;
  x.local_b = c[8] >= 2.0;
  x.padded = c[9] > 0.0;
  x.double_buffer = c[10] > 0.0;
  x.strided_a = convolution && c[11] == 0.0;
  x.valid = x.work_m() >= x.vector_m && x.work_n() >= x.vector_n;
  return x;
}

class CompilerSchedule final : public Problem {
 public:
  explicit CompilerSchedule(const ScheduleSettings& settings)
      : settings_(settings),
        device_(settings_, shape_of(settings_)),
        table_device_(table_settings_, shape_of(table_settings_)),
        seeds_(settings.measurements.seeds(usual_measurements(settings.kernel))),
        space_(settings.kernel == Kernel::gemm ? gemm_space()
                                               : free_space(settings.kernel == Kernel::conv2d)),
        rugged_(static_cast<std::uint64_t>(settings.landscape), space_, kLength) {
    traits_.name =
        "compiler_schedule/" + std::string(kKernelNames[static_cast<std::size_t>(settings.kernel)]);
    traits_.objectives = {settings.objective == Goal::time
                              ? ObjectiveTraits{"run time", "ms", Direction::minimise}
                              : ObjectiveTraits{"energy", "mJ", Direction::minimise}};
    if (settings.kernel != Kernel::gemm) return;
    follow_the_table();
    optimum_ = lowest_true_value(*this);
  }
  CompilerSchedule(const CompilerSchedule&) = delete;  // the device refers to the settings
  CompilerSchedule& operator=(const CompilerSchedule&) = delete;

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }
  [[nodiscard]] std::optional<double> optimum() const override { return optimum_; }

  // Of what does not launch: a hundred times what the peak would take.
  [[nodiscard]] double true_value(const Configuration& configuration) const override {
    const Schedule x = schedule(configuration);
    const double seconds = device_.launches(x) ? run_time(configuration, x)
                                               : kHopeless * device_.flops() / settings_.peak.base();
    return 1e3 * (settings_.objective == Goal::time ? seconds : device_.energy(x, seconds));
  }

  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random random) const override {
    const Schedule x = schedule(evaluation.configuration);
    const double share = evaluation.to - evaluation.from;
    Outcome outcome;
    outcome.workload.steps = static_cast<double>(settings_.runs) * share;
    if (!device_.launches(x)) {
      outcome.failure = Failure::invalid;
      outcome.workload.steps = 0.0;
      outcome.workload.measured_time = Duration::from_base(device_.compilation(x) * share);
      return outcome;
    }
    const double sd = settings_.noise / std::sqrt(static_cast<double>(settings_.runs));
    const double factor =
        std::exp(sd * seeds_.deviation_of(name_of(evaluation.configuration), evaluation, random));
    const double seconds = run_time(evaluation.configuration, x);
    const double result = settings_.objective == Goal::time ? seconds : device_.energy(x, seconds);
    outcome.objectives.push_back(1e3 * result * factor);
    const double runs = static_cast<double>(settings_.runs) * share;
    outcome.workload.flops = Work::from_base(device_.flops() * runs);
    outcome.workload.traffic = Bytes::from_base(device_.traffic(x) * runs);
    outcome.workload.memory = Bytes::from_base(shape_of(settings_).operands);
    outcome.workload.measured_time =
        Duration::from_base((device_.compilation(x) + settings_.check_time.base()) * share + seconds * runs);
    return outcome;
  }

  [[nodiscard]] std::optional<std::uint32_t> training_seeds(const Configuration&) const override {
    return seeds_.distinct();
  }

  // One run of the kernel.
  [[nodiscard]] std::optional<Workload> inference(const Configuration& configuration) const override {
    const Schedule x = schedule(configuration);
    if (!device_.launches(x)) return std::nullopt;
    const double seconds = run_time(configuration, x);
    Workload work;
    work.samples = 1.0;
    work.flops = Work::from_base(device_.flops());
    work.traffic = Bytes::from_base(device_.traffic(x));
    work.memory = Bytes::from_base(shape_of(settings_).operands);
    work.measured_time = Duration::from_base(seconds);
    work.measured_energy = Energy::from_base(device_.energy(x, seconds));
    return work;
  }

 private:
  static constexpr double kLength = .8;  // of the ruggedness, in units of a parameter's range
  static constexpr double kSmooth =
      .11;  // sd of the logarithm that the mechanism misses on the table, .19 in all
  static constexpr double kOwn = .03;
  static constexpr double kHopeless = 100.0;

  [[nodiscard]] Schedule schedule(const Configuration& c) const {
    return settings_.kernel == Kernel::gemm ? gemm_schedule(c)
                                            : free_schedule(c, settings_.kernel == Kernel::conv2d);
  }

  [[nodiscard]] std::uint64_t name_of(const Configuration& configuration) const {
    return configuration.digest() ^ static_cast<std::uint64_t>(settings_.landscape);
  }

  [[nodiscard]] double roughness(const Configuration& configuration) const {
    return std::exp(kSmooth * rugged_.at(space_, configuration) +
                    kOwn * hashed_normal(name_of(configuration)));
  }

  [[nodiscard]] double run_time(const Configuration& configuration, const Schedule& x) const {
    const double rough = roughness(configuration);
    // Nothing is faster than the device.
    return std::max(device_.time(x) * rough * correction(x, rough), device_.flops() / settings_.peak.base());
  }

  // The factor from the table's device as the mechanism has it to that of the table, for gemm.
  [[nodiscard]] double correction(const Schedule& x, double rough) const {
    if (!of_table_ || !table_device_.launches(x)) return 1.0;
    const double seconds = table_device_.time(x) * rough;
    return (*of_table_)(seconds) / seconds;
  }

  void follow_the_table() {
    std::vector<double> seconds;
    for_each_configuration(space_, [&](const Configuration& configuration) {
      const Schedule x = schedule(configuration);
      if (table_device_.launches(x)) seconds.push_back(table_device_.time(x) * roughness(configuration));
    });
    of_table_ = quantile_map(std::move(seconds), kGemmSeconds);
  }

  ScheduleSettings settings_;
  ScheduleSettings table_settings_;  // the table's device and shape are the defaults
  Device device_;
  Device table_device_;
  TrainingSeeds seeds_;
  SearchSpace space_;
  Ruggedness rugged_;
  std::optional<LogLogCurve> of_table_;
  ProblemTraits traits_;
  std::optional<double> optimum_;
};

}  // namespace

std::unique_ptr<ProblemRecipe> make_compiler_schedule_recipe() {
  return std::make_unique<BasicProblemRecipe<ScheduleSettings, CompilerSchedule>>();
}

}  // namespace tonne
