#pragma once
// The measured tables beside the checkout, and what the cost model says of their rows. The constants that
// were fitted stand here, each beside its table; half of each table was kept out of the fits.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/csv.h"
#include "cost_models/machine_model.h"
#include "settings.h"

namespace tonne::testing {

/// A row of a table: what was measured and what the model says.
struct Comparison {
  std::string group;  ///< network, job or device
  bool unseen = false;
  double seconds = 0.0;
  double predicted_seconds = 0.0;
  double joules = 0.0;  ///< 0 where the table has none
  double predicted_joules = 0.0;
};

inline std::filesystem::path measured_table(std::string_view name) {
  return std::filesystem::path(TONNE_SOURCE_DIR) / ".." / "shared" / "data" / name;
}

// --- EC-NAS-Bench: 91 small cell networks, trained three times each on a Quadro RTX 6000

using Cell = std::vector<std::vector<bool>>;  // cell[i][j]: an edge from vertex i to vertex j

// Forward multiply-accumulates and activations read and written of one image, layer by layer.
struct Forward {
  double macs = 0.0;
  double activations = 0.0;

  // A convolution, its batch normalisation and its ReLU; the latter two read and write what the first wrote.
  void convolution(double pixels, double kernel, double in, double out) {
    macs += pixels * kernel * kernel * in * out;
    activations += pixels * (in + out) + 4.0 * pixels * out;
  }
};

// Channels of each vertex: those that feed the output share its channels, the others take the most of those
// that they feed (Ying et al. 2019, NAS-Bench-101).
inline std::vector<std::size_t> vertex_channels(std::size_t in, std::size_t out, const Cell& cell) {
  const std::size_t last = cell.size() - 1;
  std::vector<std::size_t> channels(cell.size(), 0);
  channels[0] = in;
  channels[last] = out;
  std::vector<std::size_t> ends;
  for (std::size_t v = 1; v < last; ++v) {
    if (cell[v][last]) ends.push_back(v);
  }
  for (std::size_t i = 0; i < ends.size(); ++i)
    channels[ends[i]] = out / ends.size() + (i < out % ends.size() ? 1 : 0);
  for (std::size_t v = last; v-- > 1;) {
    if (cell[v][last]) continue;
    for (std::size_t w = v + 1; w < last; ++w) {
      if (cell[v][w]) channels[v] = std::max(channels[v], channels[w]);
    }
  }
  return channels;
}

inline void add_cell(Forward& net, double pixels, std::size_t in, std::size_t out, const Cell& cell,
                     const std::vector<std::string>& operations) {
  const std::size_t last = cell.size() - 1;
  const std::vector<std::size_t> channels = vertex_channels(in, out, cell);
  std::size_t ends = 0;
  for (std::size_t v = 1; v < last; ++v) {
    const auto width = static_cast<double>(channels[v]);
    if (cell[0][v]) net.convolution(pixels, 1.0, static_cast<double>(in), width);
    std::size_t inputs = 0;
    for (std::size_t u = 0; u < v; ++u) inputs += cell[u][v] ? 1U : 0U;
    if (inputs > 1) net.activations += pixels * width * static_cast<double>(inputs + 1);
    if (operations[v].starts_with("conv3x3")) {
      net.convolution(pixels, 3.0, width, width);
    } else if (operations[v].starts_with("conv1x1")) {
      net.convolution(pixels, 1.0, width, width);
    } else {
      net.activations += 2.0 * pixels * width;
    }
    ends += cell[v][last] ? 1U : 0U;
  }
  if (ends > 1) net.activations += 2.0 * pixels * static_cast<double>(out);
  if (cell[0][last]) net.convolution(pixels, 1.0, static_cast<double>(in), static_cast<double>(out));
}

// Stem of 128 channels, three stacks of three cells, pooling and twice the channels between them.
inline Forward forward_pass(const Cell& cell, const std::vector<std::string>& operations) {
  Forward net;
  double pixels = 32.0 * 32.0;
  std::size_t in = 128;
  net.convolution(pixels, 3.0, 3.0, 128.0);
  for (int stack = 0; stack < 3; ++stack) {
    const std::size_t out = stack == 0 ? in : 2 * in;
    if (stack > 0) {
      net.activations += 1.25 * pixels * static_cast<double>(in);
      pixels /= 4.0;
    }
    for (int i = 0; i < 3; ++i) add_cell(net, pixels, i == 0 ? in : out, out, cell, operations);
    in = out;
  }
  net.macs += 10.0 * static_cast<double>(in);
  return net;
}

inline std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == '|') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

struct MeasuredRun {
  std::string network;
  Forward forward;
  double published_macs = 0.0;
  double seconds = 0.0;
  double joules = 0.0;         // of the GPU while training: mean power times training time
  double total_seconds = 0.0;  // with evaluations and the loading of data
  double total_joules = 0.0;   // of GPU and CPU in that time, times 1.59
  double cpu_watts = 0.0;
  bool unseen = false;  // kept out of the fit
};

inline std::vector<MeasuredRun> read_runs(const CsvTable& table) {
  const auto column = [&](std::string_view name) { return table.find(name).value(); };
  std::vector<MeasuredRun> runs;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto size = static_cast<std::size_t>(table.number(row, column("n_vertices")));
    const std::string_view edges = table.field(row, column("adjacency"));
    Cell cell(size, std::vector<bool>(size));
    for (std::size_t i = 0; i < size * size; ++i) cell[i / size][i % size] = edges[i] == '1';
    MeasuredRun run;
    run.network = table.field(row, column("arch_hash"));
    run.forward = forward_pass(cell, split(table.field(row, column("ops"))));
    run.published_macs = table.number(row, column("macs_fwd"));
    run.seconds = table.number(row, column("training_time_s"));
    run.joules = table.number(row, column("gpu_mean_power_w")) * run.seconds;
    run.total_seconds = table.number(row, column("total_time_s"));
    run.total_joules = table.number(row, column("total_energy_kwh")) * (kilowatt_hour / joule);
    run.cpu_watts = table.number(row, column("cpu_power_w_sum"));
    runs.push_back(std::move(run));
  }
  std::set<std::string> networks;
  for (const MeasuredRun& run : runs) networks.insert(run.network);
  for (MeasuredRun& run : runs)  // ordered by hash, every second network was kept out of the fit
    run.unseen = std::distance(networks.begin(), networks.find(run.network)) % 2 == 1;
  return runs;
}

// 625 steps of 256 images; forward and backward pass are three forward passes of arithmetic and of traffic (4
// bytes an activation). The arithmetic is faster than the fp32 peak, so the runs used the tensor cores.
inline Workload training_run(const Forward& forward) {
  constexpr double kSteps = 625.0;
  constexpr double kImages = 256.0 * kSteps;
  Workload workload =
      training(3.0 * 2.0 * forward.macs * kImages, 3.0 * 4.0 * forward.activations * kImages, kSteps);
  workload.precision = Precision::fp16;
  return workload;
}

/// The defaults of ClusterSettings were fitted to the seen half. The measured seconds begin with the first
/// step.
inline ClusterSettings ecnas_cluster() {
  ClusterSettings settings = plain_cluster();
  settings.device = "Quadro-RTX-6000";
  settings.price = 0.0 * dollar_per_hour;
  settings.startup = Duration{};
  return settings;
}

/// Seconds of training and joules of the device in them.
inline std::vector<Comparison> compare_ecnas_device(const std::vector<MeasuredRun>& runs) {
  const auto model = make_cost_model(ecnas_cluster());
  std::vector<Comparison> rows;
  for (const MeasuredRun& run : runs) {
    const Charge charge = model->charge(training_run(run.forward), {});
    const Energy device = charge[Line::device_dynamic].energy + charge[Line::device_idle].energy;
    rows.push_back(
        {"Quadro RTX 6000", run.unseen, run.seconds, charge.time / second, run.joules, device / joule});
  }
  return rows;
}

inline constexpr double kEvaluationShare = 0.567;
inline constexpr double kEvaluationSeconds = 20.8;

/// Seconds and joules of the whole run, evaluations and CPU included. Evaluations count as more of the same
/// work and a fixed time: least squares of relative errors, total against training seconds, over the seen
/// half. CPU power was the same 123.2 W (standard deviation 3.4 W) whatever the GPU did. The table's 1.59 is
/// its PUE.
inline std::vector<Comparison> compare_ecnas_total(const std::vector<MeasuredRun>& runs) {
  ClusterSettings settings = ecnas_cluster();
  settings.startup = kEvaluationSeconds * second;
  settings.host_power = 123.2 * watt;
  settings.facility.pue = 1.59;
  const auto model = make_cost_model(settings);
  std::vector<Comparison> rows;
  for (const MeasuredRun& run : runs) {
    Workload workload = training_run(run.forward);
    workload.flops *= 1.0 + kEvaluationShare;
    workload.traffic *= 1.0 + kEvaluationShare;
    workload.steps *= 1.0 + kEvaluationShare;
    const Charge charge = model->charge(workload, {});
    rows.push_back({"Quadro RTX 6000", run.unseen, run.total_seconds, charge.time / second, run.total_joules,
                    charge.total().energy / joule});
  }
  return rows;
}

// --- Zeus: six jobs on a V100 of 250 W, by batch size and power limit

/// What was fitted for one job, in seconds of the device at full clock and of the host. Samples of an epoch
/// only turn batch sizes into steps.
struct ZeusJob {
  std::string_view column;  ///< "dataset" or "network"
  std::string_view name;
  double samples = 0.0;
  double arithmetic = 0.0;    ///< per epoch
  double traffic = 0.0;       ///< per epoch
  double step_traffic = 0.0;  ///< per step: weights, optimiser, small kernels
  double step_host = 0.0;     ///< per step
  double input = 0.0;         ///< per epoch: what the host does for each sample
};
inline constexpr std::array<ZeusJob, 6> kZeusJobs = {{
    {"network", "shufflenetv2", 50'000, 3.42615, 4.486, 0.0, 0.0381065, 0.0},
    {"network", "resnet50", 1'281'167, 2949.31, 495.114, 0.0135858, 0.0, 0.0},
    {"network", "deepspeech2", 281'241, 3286.18, 0.0, 0.268166, 0.0, 5643.02},
    {"network", "ncf", 4'970'845, 0.0, 0.0, 9.00252e-05, 0.00296691, 6.23519},
    {"dataset", "squad", 88'524, 1583.4, 0.0, 0.0, 0.0, 1331.72},
    {"dataset", "sentiment140", 1'600'000, 3247.57, 518.783, 0.0126475, 0.0, 0.0},
}};

/// What all rows share: idle power, power of traffic, voltage floor, overlap of host and device. Arithmetic
/// draws all that the board may (fitted: 1.01, set to 1).
inline ClusterSettings zeus_cluster(const ZeusJob& job, double limit) {
  ClusterSettings settings = plain_cluster();
  settings.tdp = 250.0 * watt;
  settings.idle = 35.4 * watt;
  settings.activity = {1.0, 0.493, 0.0, 0.5};
  settings.voltage_floor = 0.786;
  settings.step_overlap = 0.919;
  settings.power_limit = limit * watt;
  settings.peak = 1.0 * teraflop_per_second;  // a workload is given in seconds: 1 TFLOP is a second
  settings.utilisation = 1.0;
  settings.bandwidth = 1000.0 * gigabyte_per_second;
  settings.bandwidth_utilisation = 1.0;
  settings.startup = Duration{};
  settings.step_overhead = job.step_host * second;
  if (job.input > 0.0) settings.input_rate = job.samples / job.input;
  return settings;
}

inline const ZeusJob& zeus_job(const CsvTable& table, std::size_t row) {
  return *std::find_if(kZeusJobs.begin(), kZeusJobs.end(), [&](const ZeusJob& job) {
    return table.field(row, table.find(job.column).value()) == job.name;
  });
}

/// Epochs; of each job every second batch size, with all its power limits and optimisers, was kept out.
inline std::vector<Comparison> compare_zeus(const CsvTable& table) {
  const std::size_t batch_column = table.find("batch_size").value();
  const std::size_t limit_column = table.find("power_limit").value();
  std::map<std::string_view, std::set<double>> batches;
  for (std::size_t row = 0; row < table.rows(); ++row)
    batches[zeus_job(table, row).name].insert(table.number(row, batch_column));
  std::vector<Comparison> rows;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const ZeusJob& job = zeus_job(table, row);
    const double batch = table.number(row, batch_column);
    const double steps = job.samples / batch;
    const std::set<double>& known = batches[job.name];
    Workload workload =
        training(job.arithmetic * 1e12, (job.traffic + job.step_traffic * steps) * 1e12, steps);
    workload.samples = job.samples;
    const Charge charge =
        make_cost_model(zeus_cluster(job, table.number(row, limit_column)))->charge(workload, {});
    const Energy device = charge[Line::device_dynamic].energy + charge[Line::device_idle].energy;
    const double seconds = table.number(row, table.find("time_per_epoch").value());
    rows.push_back({std::string(job.name), std::distance(known.begin(), known.find(batch)) % 2 == 1, seconds,
                    charge.time / second, seconds * table.number(row, table.find("average_power").value()),
                    device / joule});
  }
  return rows;
}

// --- Accel-NASBench: 5,138 networks for ImageNet; training seconds, and images per second of inference

struct MobileNetwork {
  double macs = 0.0;
  double parameters = 0.0;
  double activations = 0.0;  ///< elements that layers write, of one image

  // A convolution and its batch normalisation.
  void convolution(double pixels, double kernel, double in, double out, double groups) {
    macs += pixels * kernel * kernel * in * out / groups;
    parameters += kernel * kernel * in * out / groups + 2.0 * out;
    activations += pixels * out;
  }
  void squeeze_and_excite(double pixels, double in, double width) {
    const double narrow = std::floor(in / 4.0);
    macs += 2.0 * width * narrow;
    parameters += 2.0 * width * narrow + narrow + width;
    activations += pixels * width;
  }
};

/// Seven blocks with the widths and strides of EfficientNet-B0 (Tan & Le 2019) and the row's expansion,
/// kernel, depth and squeeze-and-excitation.
inline MobileNetwork mobile_network(const CsvTable& table, std::size_t row) {
  constexpr std::array<double, 7> kWidths = {16, 24, 40, 80, 112, 192, 320};
  constexpr std::array<double, 7> kStrides = {1, 2, 2, 2, 1, 2, 1};
  double side = 112.0;
  double in = 32.0;
  MobileNetwork net;
  net.convolution(side * side, 3.0, 3.0, in, 1.0);
  for (std::size_t block = 0; block < 7; ++block) {
    const auto decision = [&](char name) {
      return table.number(row, table.find(fmt::format("block{}_{}", block, name)).value());
    };
    const double expansion = decision('e');
    const double kernel = decision('k');
    const double depth = decision('l');
    const bool excited = table.number(row, table.find(fmt::format("block{}_se", block)).value()) > 0.0;
    for (int layer = 0; layer < static_cast<int>(depth); ++layer) {
      const double width = in * expansion;
      if (expansion > 1.0) net.convolution(side * side, 1.0, in, width, 1.0);
      if (layer == 0) side = side / kStrides[block];
      net.convolution(side * side, kernel, width, width, width);
      if (excited) net.squeeze_and_excite(side * side, in, width);
      net.convolution(side * side, 1.0, width, kWidths[block], 1.0);
      in = kWidths[block];
    }
  }
  net.convolution(side * side, 1.0, in, 1280.0, 1.0);
  net.macs += 1280.0 * 1000.0;
  net.parameters += 1280.0 * 1000.0 + 1000.0;
  return net;
}

/// One measured column, and what was fitted to every second row of it.
struct AccelColumn {
  std::string_view column;
  std::string_view device;
  double utilisation = 1.0;  ///< of the peak in 16 bits
  double bandwidth_utilisation = 1.0;
  double input_rate = 1.0;  ///< images per second that no network exceeds
};
inline constexpr std::array<AccelColumn, 4> kAccelColumns = {{
    {"ips_a100", "A100-40GB", 0.18908, 0.20382, 476'102},
    {"ips_3090", "RTX-3090", 0.39896, 0.24040, 358'549},
    {"ips_tpuv2", "TPUv2", 1.0, 0.038448, 4'559.4},  // arithmetic adds nothing that the fit can see
    {"ips_tpuv3", "TPUv3", 0.48809, 0.083030, 2'683.4},
}};

/// Microseconds per image. Each activation is written and read once, in 16 bits.
inline std::vector<Comparison> compare_accel_inference(const CsvTable& table, const AccelColumn& column) {
  ClusterSettings settings = plain_cluster();
  settings.device = column.device;
  settings.utilisation = column.utilisation;
  settings.bandwidth_utilisation = column.bandwidth_utilisation;
  settings.input_rate = column.input_rate;
  settings.startup = Duration{};
  settings.idle = settings.idle.value_or(50.0 * watt);  // the table has no watts: energy is not looked at
  settings.price = 0.0 * dollar_per_hour;
  settings.embodied.count = false;
  const auto model = make_cost_model(settings);
  std::vector<Comparison> rows;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (table.field(row, table.find(column.column).value()).empty()) continue;
    const MobileNetwork net = mobile_network(table, row);
    Workload workload = training(2.0 * net.macs, 4.0 * net.activations, 0.0);
    if (column.utilisation == 1.0) workload.flops = {};
    workload.samples = 1.0;
    workload.precision = Precision::fp16;
    rows.push_back({std::string(column.device), row % 2 == 1,
                    1.0 / table.number(row, table.find(column.column).value()),
                    model->charge(workload, {}).time / second, 0.0, 0.0});
  }
  return rows;
}

/// Seconds of the proxy training, on an accelerator that the table does not name: seconds per million
/// activations, per million multiply-adds and per run were fitted.
inline std::vector<Comparison> compare_accel_training(const CsvTable& table) {
  ClusterSettings settings = plain_cluster();
  settings.peak = 1.0 * teraflop_per_second;  // a workload is given in seconds
  settings.utilisation = 1.0;
  settings.bandwidth = 1000.0 * gigabyte_per_second;
  settings.bandwidth_utilisation = 1.0;
  settings.startup = 638.03 * second;
  const auto model = make_cost_model(settings);
  std::vector<Comparison> rows;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const MobileNetwork net = mobile_network(table, row);
    const Workload workload = training(1.5945 * net.macs * 1e6, 105.36 * net.activations * 1e6, 0.0);
    rows.push_back({"training", row % 2 == 1, table.number(row, table.find("train_time_s").value()),
                    model->charge(workload, {}).time / second, 0.0, 0.0});
  }
  return rows;
}

// --- How near

/// Of one side of a table: R2 of the figures and of their logarithms, mean |predicted / measured - 1|.
struct Fit {
  std::size_t rows = 0;
  double r2 = 0.0;
  double r2_log = 0.0;
  double mean_error = 0.0;
};

inline double r_squared(const std::vector<double>& measured, const std::vector<double>& predicted) {
  const double mean =
      std::accumulate(measured.begin(), measured.end(), 0.0) / static_cast<double>(measured.size());
  double residual = 0.0;
  double total = 0.0;
  for (std::size_t i = 0; i < measured.size(); ++i) {
    residual += (measured[i] - predicted[i]) * (measured[i] - predicted[i]);
    total += (measured[i] - mean) * (measured[i] - mean);
  }
  return 1.0 - residual / total;
}

enum class Figure { seconds, joules };

/// Over the unseen rows of a group; of all groups where the name is empty.
inline Fit fit_of_unseen(const std::vector<Comparison>& rows, Figure figure, std::string_view group = {}) {
  std::vector<double> measured, predicted, log_measured, log_predicted;
  double error = 0.0;
  for (const Comparison& row : rows) {
    if (!row.unseen || (!group.empty() && row.group != group)) continue;
    measured.push_back(figure == Figure::seconds ? row.seconds : row.joules);
    predicted.push_back(figure == Figure::seconds ? row.predicted_seconds : row.predicted_joules);
    log_measured.push_back(std::log(measured.back()));
    log_predicted.push_back(std::log(predicted.back()));
    error += std::abs(predicted.back() / measured.back() - 1.0);
  }
  return {measured.size(), r_squared(measured, predicted), r_squared(log_measured, log_predicted),
          error / static_cast<double>(measured.size())};
}

}  // namespace tonne::testing
