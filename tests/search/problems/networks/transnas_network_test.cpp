#include "search/problems/networks/transnas_network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace tonne {
namespace {

using Kind = TransnasLayerKind;

constexpr auto kNone = CellOperation::none;
constexpr auto kSkip = CellOperation::skip_connect;
constexpr auto kOne = CellOperation::nor_conv_1x1;
constexpr auto kThree = CellOperation::nor_conv_3x3;

/// The example in the authors' README, 64-41414-1_02_333.
constexpr Cell kExample = {kSkip, kNone, kOne, kThree, kThree, kThree};

std::vector<TransnasTask> all_tasks() {
  std::vector<TransnasTask> tasks;
  for (std::size_t t = 0; t < kTransnasTasks; ++t) tasks.push_back(static_cast<TransnasTask>(t));
  return tasks;
}

TEST(TransnasCell, IndexAndCellAreInverseAndCodesDistinct) {
  std::set<std::string> codes;
  for (std::size_t i = 0; i < kTransnasCells; ++i) {
    const Cell cell = transnas_cell_at(i);
    ASSERT_EQ(transnas_cell_index(cell), i);
    ASSERT_EQ(std::count(cell.begin(), cell.end(), CellOperation::avg_pool_3x3), 0);
    codes.insert(transnas_code(cell));
  }
  EXPECT_EQ(codes.size(), kTransnasCells);
}

TEST(TransnasCell, CodeIsTheBenchmarksName) {
  EXPECT_EQ(transnas_code(kExample), "64-41414-1_02_333");
}

/// Parameters and operations that NAS-Bench-Suite-Zero (Krishnakumar et al. 2022) reports for the authors'
/// networks.
struct Reported {
  std::int64_t parameters = 0;
  std::int64_t operations = 0;
};
/// One cell's: object, scene, room layout, jigsaw, autoencoder, normals, segmentation.
struct ReportedCell {
  Cell cell;
  std::array<Reported, kTransnasTasks> tasks;
};
constexpr std::array<ReportedCell, 5> kReported = {{
    {{kSkip, kNone, kSkip, kNone, kNone, kSkip},
     {{{244'612, 117'926'400},
       {225'631, 117'907'456},
       {197'929, 117'879'808},
       {4'802'312, 12'014'080},
       {23'065'171, 1'740'308'480},
       {23'065'171, 1'740'308'480},
       {11'217'489, 1'053'425'664}}}},
    {{kSkip, kNone, kNone, kOne, kSkip, kNone},
     {{{929'668, 263'318'016},
       {910'687, 263'299'072},
       {882'985, 263'271'424},
       {5'487'368, 21'101'056},
       {23'750'227, 1'885'700'096},
       {23'750'227, 1'885'700'096},
       {11'902'545, 1'198'817'280}}}},
    {{kOne, kThree, kSkip, kNone, kThree, kSkip},
     {{{14'553'220, 3'035'982'336},
       {14'534'239, 3'035'963'392},
       {14'506'537, 3'035'935'744},
       {19'110'920, 194'392'576},
       {37'373'779, 4'658'364'416},
       {37'373'779, 4'658'364'416},
       {25'526'097, 3'971'481'600}}}},
    {{kThree, kSkip, kSkip, kOne, kOne, kOne},
     {{{8'768'388, 1'890'216'448},
       {8'749'407, 1'890'197'504},
       {8'721'705, 1'890'169'856},
       {13'326'088, 122'782'208},
       {31'588'947, 3'512'598'528},
       {31'588'947, 3'512'598'528},
       {19'741'265, 2'825'715'712}}}},
    {{kThree, kThree, kThree, kThree, kThree, kThree},
     {{{41'462'916, 8'488'086'016},
       {41'443'935, 8'488'067'072},
       {41'416'233, 8'488'039'424},
       {46'020'616, 535'149'056},
       {64'283'475, 10'110'468'096},
       {64'283'475, 10'110'468'096},
       {52'435'793, 9'423'585'280}}}},
}};

/// That report has 100 classes of objects and 63 of scenes where the benchmark has 75 and 47.
std::int64_t extra_classes(TransnasTask task) {
  if (task == TransnasTask::object) return 25;
  return task == TransnasTask::scene ? 16 : 0;
}

/// Its counter's rule (tensorwatch): 1 for each ReLU, (side + 1)^2 for each pooled channel, transposed
/// convolutions not at all.
std::int64_t tensorwatch_operations(const TransnasLayer& layer) {
  switch (layer.kind) {
    case Kind::transposed_convolution:
      return 0;
    case Kind::relu:
      return layer.activations();
    case Kind::average_pool:
      return layer.in_channels * (layer.in_side + 1) * (layer.in_side + 1);
    default:
      return layer.multiply_accumulates();
  }
}

std::int64_t tensorwatch_operations(const TransnasLayers& layers) {
  std::int64_t sum = 0;
  for (const TransnasLayer& layer : layers) sum += tensorwatch_operations(layer);
  return sum;
}

// It does not count the discriminator, and of jigsaw's nine tiles one.
TEST(TransnasNetwork, AgreesWithWhatWasReportedToTheLastDigit) {
  for (const ReportedCell& reported : kReported)
    for (const TransnasTask task : all_tasks()) {
      const std::int64_t side = transnas_facts(task).training_side;
      const TransnasLayers encoder = derive_transnas_encoder(reported.cell, side, EdgeCount::all_edges);
      const TransnasLayers decoder = derive_transnas_decoder(task, side);
      const Reported& expected = reported.tasks[static_cast<std::size_t>(task)];
      EXPECT_EQ(
          transnas_total(encoder).parameters + transnas_total(decoder).parameters + 513 * extra_classes(task),
          expected.parameters)
          << transnas_code(reported.cell) << ' ' << transnas_facts(task).published_name;
      EXPECT_EQ(tensorwatch_operations(encoder) + tensorwatch_operations(decoder) + 512 * extra_classes(task),
                expected.operations)
          << transnas_code(reported.cell) << ' ' << transnas_facts(task).published_name;
    }
}

/// Convolutions written down by hand: how many, kernel, channels in and out, side of the output.
struct HandConvolution {
  std::int64_t times, kernel, in, out, side;
};
struct HandNormalisation {
  std::int64_t times, channels, side;
};

// 64-41414-1_02_333 on 224 x 224 pixels. In the first cell of modules 1, 3 and 5 the skip is two halves.
constexpr std::array<HandConvolution, 14> kExampleConvolutions = {{
    {1, 3, 3, 32, 112},
    {1, 3, 32, 64, 56},
    {2, 1, 64, 64, 28},
    {1, 3, 64, 128, 28},
    {11, 3, 128, 128, 28},
    {4, 1, 128, 128, 28},
    {2, 1, 128, 128, 14},
    {1, 3, 128, 256, 14},
    {11, 3, 256, 256, 14},
    {4, 1, 256, 256, 14},
    {2, 1, 256, 256, 7},
    {1, 3, 256, 512, 7},
    {5, 3, 512, 512, 7},
    {2, 1, 512, 512, 7},
}};
constexpr std::array<HandNormalisation, 5> kExampleNormalisations = {
    {{1, 32, 112}, {1, 64, 56}, {17, 128, 28}, {17, 256, 14}, {9, 512, 7}}};

TEST(TransnasNetwork, AgreesWithACountByHand) {
  std::int64_t parameters = 0;
  std::int64_t operations = 0;
  for (const HandConvolution& c : kExampleConvolutions) {
    parameters += c.times * c.kernel * c.kernel * c.in * c.out;
    operations += c.times * c.kernel * c.kernel * c.in * c.out * c.side * c.side;
  }
  for (const HandNormalisation& n : kExampleNormalisations) {
    parameters += n.times * 2 * n.channels;
    operations += n.times * 2 * n.channels * n.side * n.side;
  }
  const TransnasCounter counter(TransnasTask::object, 224);
  const TransnasWork work = counter.count(kExample, EdgeCount::all_edges);
  EXPECT_EQ(work.encoder.parameters, parameters);
  EXPECT_EQ(work.encoder.multiply_accumulates, operations);
  EXPECT_EQ(work.inference().parameters, parameters + 513 * 75);
  EXPECT_EQ(work.inference().multiply_accumulates, operations + 512 * 50 + 512 * 75);
}

TEST(TransnasNetwork, DiscriminatorAgreesWithACountByHand) {
  constexpr std::array<HandConvolution, 7> convolutions = {{{1, 5, 6, 64, 64},
                                                            {1, 5, 64, 128, 16},
                                                            {1, 5, 128, 256, 4},
                                                            {1, 3, 256, 256, 4},
                                                            {1, 3, 256, 512, 4},
                                                            {1, 3, 512, 512, 4},
                                                            {1, 3, 512, 1, 4}}};
  std::int64_t parameters = 0;
  std::int64_t operations = 16 + 1;  // pooling
  for (const HandConvolution& c : convolutions) {
    parameters += (c.kernel * c.kernel * c.in + 1) * c.out;
    operations += (c.kernel * c.kernel * c.in + 1) * c.out * c.side * c.side;
    if (c.out > 1) operations += c.out * c.side * c.side;
  }
  const TransnasTotals sum = transnas_total(derive_transnas_discriminator(256));
  EXPECT_EQ(sum.parameters, parameters);
  EXPECT_EQ(sum.multiply_accumulates, operations);
}

void expect_chain(const TransnasLayers& layers) {
  for (std::size_t i = 1; i < layers.size(); ++i) {
    ASSERT_EQ(layers[i].in_channels, layers[i - 1].out_channels) << i;
    ASSERT_EQ(layers[i].in_side, layers[i - 1].side) << i;
  }
}

TEST(TransnasNetwork, EachLayerTakesWhatTheOneBeforeGives) {
  const Cell chain = {kThree, kNone, kOne, kNone, kNone, kThree};
  for (const TransnasTask task : all_tasks()) {
    const TransnasTaskFacts& facts = transnas_facts(task);
    for (const std::int64_t side : {facts.training_side, facts.published_side}) {
      const TransnasLayers encoder = derive_transnas_encoder(chain, side, EdgeCount::live_edges);
      const TransnasLayers decoder = derive_transnas_decoder(task, side);
      expect_chain(decoder);
      EXPECT_EQ(decoder.front().in_channels, facts.tiles * encoder.back().out_channels);
      EXPECT_EQ(decoder.front().in_side, encoder.back().side);
      EXPECT_EQ(decoder.back().out_channels, facts.outputs);
      EXPECT_EQ(decoder.back().side, facts.pixel_wise() ? side : 1);
    }
  }
  for (const std::int64_t side : {224, 256}) expect_chain(derive_transnas_discriminator(side));
}

// Each node of this cell has one input, so its sum keeps the chain.
TEST(TransnasNetwork, EncoderOfAChainIsAChain) {
  const Cell chain = {kThree, kNone, kOne, kNone, kNone, kThree};
  const TransnasLayers layers = derive_transnas_encoder(chain, 224, EdgeCount::live_edges);
  expect_chain(layers);
  EXPECT_EQ(layers.front().in_channels, 3);
  // Stem 5; ten cells of three edges of three layers and three sums.
  EXPECT_EQ(layers.size(), 5U + 10 * (3 * 3 + 3));
}

TEST(TransnasNetwork, TransposedConvolutionsMultiplyAQuarterOfWhatIsCounted) {
  const TransnasLayers decoder = derive_transnas_decoder(TransnasTask::segmentation, 256);
  int transposed = 0;
  for (const TransnasLayer& layer : decoder) {
    if (layer.kind != Kind::transposed_convolution) {
      EXPECT_EQ(layer.executed_multiply_accumulates(), layer.multiply_accumulates());
      continue;
    }
    ++transposed;
    EXPECT_EQ(layer.multiply_accumulates() - layer.activations(),
              4 * (layer.executed_multiply_accumulates() - layer.activations()));
  }
  EXPECT_EQ(transposed, 5);
}

TransnasTotals times(const TransnasTotals& totals, std::int64_t n) {
  return {n * totals.multiply_accumulates, n * totals.executed_multiply_accumulates, totals.parameters,
          n * totals.activations, n * totals.kernels};
}

TEST(TransnasCounter, EqualsTheSumOverLayers) {
  for (const std::int64_t side : {64, 224, 256}) {
    const TransnasCounter counter(TransnasTask::object, side);
    const std::size_t step = side == 224 ? 1 : 17;
    for (const EdgeCount count : {EdgeCount::all_edges, EdgeCount::live_edges})
      for (std::size_t i = 0; i < kTransnasCells; i += step) {
        const Cell cell = transnas_cell_at(i);
        ASSERT_EQ(counter.count(cell, count).encoder,
                  transnas_total(derive_transnas_encoder(cell, side, count)))
            << transnas_code(cell) << ' ' << side;
      }
  }
}

TEST(TransnasCounter, TasksDifferInTilesDecoderAndDiscriminator) {
  for (const TransnasTask task : all_tasks()) {
    const TransnasTaskFacts& facts = transnas_facts(task);
    const std::int64_t side = facts.training_side;
    const TransnasWork work = TransnasCounter(task, side).count(kExample, EdgeCount::live_edges);
    EXPECT_EQ(
        work.encoder,
        times(transnas_total(derive_transnas_encoder(kExample, side, EdgeCount::live_edges)), facts.tiles));
    EXPECT_EQ(work.decoder, transnas_total(derive_transnas_decoder(task, side)));
    EXPECT_EQ(work.discriminator,
              facts.adversarial() ? transnas_total(derive_transnas_discriminator(side)) : TransnasTotals{});
  }
}

TEST(TransnasCounter, DeadEdgesCostOnlyWhereAllAreCounted) {
  const TransnasCounter counter(TransnasTask::scene, 256);
  const Cell dead = {kOne, kNone, kNone, kThree, kNone, kThree};
  const Cell clean = {kNone, kNone, kNone, kThree, kNone, kNone};
  EXPECT_EQ(counter.count(dead, EdgeCount::live_edges).encoder,
            counter.count(clean, EdgeCount::live_edges).encoder);
  TransnasTotals with_dead = counter.count(clean, EdgeCount::all_edges).encoder;
  with_dead += counter.edge(kOne, true);
  with_dead += counter.edge(kThree, false);
  EXPECT_EQ(counter.count(dead, EdgeCount::all_edges).encoder, with_dead);
}

// The figures that docs/models.md states, on 224 x 224 pixels.
TEST(TransnasCounter, EdgesCostWhatTheDocsState) {
  const TransnasCounter counter(TransnasTask::object, 224);
  const auto operations = [&](CellOperation operation, bool from_input) {
    return counter.edge(operation, from_input).multiply_accumulates;
  };
  EXPECT_EQ(operations(kThree, true), 983'951'360);
  EXPECT_EQ(operations(kThree, false), 1'157'359'616);
  EXPECT_EQ(operations(kOne, true), 110'487'552);
  EXPECT_EQ(operations(kOne, false), 129'755'136);
  EXPECT_EQ(operations(kSkip, true), 19'618'816);
  for (const bool from_input : {true, false})
    EXPECT_EQ(counter.edge(kNone, from_input), TransnasTotals{}) << from_input;
  EXPECT_EQ(counter.edge(kSkip, false), TransnasTotals{});
  const Cell nothing{};
  EXPECT_EQ(counter.count(nothing, EdgeCount::all_edges).encoder.multiply_accumulates, 69'844'992);
}

TEST(TransnasWork, TrainingTakesThreePassesAndEightOfADiscriminator) {
  const TransnasWork plain = TransnasCounter(TransnasTask::jigsaw, 64).count(kExample, EdgeCount::all_edges);
  EXPECT_EQ(plain.training_multiply_accumulates(), 3 * plain.inference().executed_multiply_accumulates);
  EXPECT_EQ(plain.training_forward(), plain.inference());

  const TransnasWork gan = TransnasCounter(TransnasTask::normals, 256).count(kExample, EdgeCount::all_edges);
  EXPECT_EQ(gan.training_multiply_accumulates(),
            3 * gan.inference().executed_multiply_accumulates +
                8 * transnas_total(derive_transnas_discriminator(256)).executed_multiply_accumulates);
  EXPECT_EQ(gan.training_forward().parameters, gan.inference().parameters + 5'168'705);
  EXPECT_EQ(gan.training_forward().kernels, gan.inference().kernels + 3 * 14);
}

}  // namespace
}  // namespace tonne
