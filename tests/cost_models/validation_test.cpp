// Prediction against measurement: 91 small cell networks trained three times each on a Quadro RTX 6000
// (EC-NAS-Bench). The defaults of ClusterSettings were fitted to the networks of one half; here the other
// half judges them.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "core/csv.h"
#include "cost_models/machine_model.h"
#include "settings.h"

namespace tonne {
namespace {

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
std::vector<std::size_t> vertex_channels(std::size_t in, std::size_t out, const Cell& cell) {
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

void add_cell(Forward& net, double pixels, std::size_t in, std::size_t out, const Cell& cell,
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
Forward forward_pass(const Cell& cell, const std::vector<std::string>& operations) {
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

std::vector<std::string> split(std::string_view text) {
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
  double joules = 0.0;  // of the GPU while training: mean power times training time
};

std::vector<MeasuredRun> read_runs(const CsvTable& table) {
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
    runs.push_back(std::move(run));
  }
  return runs;
}

// 625 steps of 256 images; forward and backward pass are three forward passes of arithmetic and of traffic (4
// bytes an activation). The arithmetic is faster than the fp32 peak, so the runs used the tensor cores.
Workload training_run(const Forward& forward) {
  constexpr double kSteps = 625.0;
  constexpr double kImages = 256.0 * kSteps;
  Workload workload = testing::training(3.0 * 2.0 * forward.macs * kImages,
                                        3.0 * 4.0 * forward.activations * kImages, kSteps);
  workload.precision = Precision::fp16;
  return workload;
}

double r_squared(const std::vector<double>& measured, const std::vector<double>& predicted) {
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

double mean_error(const std::vector<double>& measured, const std::vector<double>& predicted) {
  double sum = 0.0;
  for (std::size_t i = 0; i < measured.size(); ++i) sum += std::abs(predicted[i] / measured[i] - 1.0);
  return sum / static_cast<double>(measured.size());
}

class EcNasBench : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::filesystem::path file =
        std::string(TONNE_SOURCE_DIR) + "/../shared/data/ecnas_4v_measured_energy.csv";
    if (!std::filesystem::exists(file)) GTEST_SKIP() << "the table of measured runs is not here";
    runs_ = read_runs(CsvTable::read(file));
    std::set<std::string> networks;
    for (const MeasuredRun& run : runs_) networks.insert(run.network);
    std::size_t i = 0;
    for (const std::string& network :
         networks) {  // ordered by hash: every second one was kept out of the fit
      if (i++ % 2 == 1) unseen_.insert(network);
    }
  }

  std::vector<MeasuredRun> runs_;
  std::set<std::string> unseen_;
};

TEST_F(EcNasBench, TheDerivedNetworksHaveThePublishedMultiplications) {
  for (const MeasuredRun& run : runs_) EXPECT_EQ(run.forward.macs, run.published_macs) << run.network;
}

TEST_F(EcNasBench, SecondsAndJoulesOfUnseenNetworksArePredicted) {
  ClusterSettings settings = testing::plain_cluster();
  settings.device = "Quadro-RTX-6000";
  settings.price = 0.0 * dollar_per_hour;
  settings.startup = {};  // the measured seconds begin with the first step
  const auto model = make_cost_model(settings);
  std::vector<double> seconds, predicted_seconds, joules, predicted_joules;
  double lowest = 1e9;
  double highest = 0.0;
  for (const MeasuredRun& run : runs_) {
    if (!unseen_.contains(run.network)) continue;
    const Charge charge = model->charge(training_run(run.forward), {});
    const Energy device = charge[Line::device_dynamic].energy + charge[Line::device_idle].energy;
    seconds.push_back(run.seconds);
    predicted_seconds.push_back(charge.time / second);
    joules.push_back(run.joules);
    predicted_joules.push_back(device / joule);
    lowest = std::min(lowest, device / charge.time / watt);
    highest = std::max(highest, device / charge.time / watt);
  }
  RecordProperty("r2_seconds", fmt::format("{:.3f}", r_squared(seconds, predicted_seconds)));
  RecordProperty("r2_joules", fmt::format("{:.3f}", r_squared(joules, predicted_joules)));
  RecordProperty("mean_error_seconds", fmt::format("{:.3f}", mean_error(seconds, predicted_seconds)));
  RecordProperty("mean_error_joules", fmt::format("{:.3f}", mean_error(joules, predicted_joules)));
  RecordProperty("watts", fmt::format("{:.0f} to {:.0f}", lowest, highest));
  EXPECT_GT(r_squared(seconds, predicted_seconds), 0.97);
  EXPECT_GT(r_squared(joules, predicted_joules), 0.92);
  EXPECT_LT(mean_error(seconds, predicted_seconds), 0.06);
  EXPECT_LT(mean_error(joules, predicted_joules), 0.10);
  // Measured mean powers: 125 to 227 W.
  EXPECT_GT(lowest, 125.0);
  EXPECT_LT(highest, 227.0);
}

}  // namespace
}  // namespace tonne
