#include "search/problems/networks/transnas_network.h"

#include <cassert>
#include <utility>

namespace tonne {
namespace {

using Kind = TransnasLayerKind;

constexpr std::int64_t kEncoderStemChannels = 64;
/// "41414": modules 1, 3 and 5 double the channels and halve the resolution in their first cell.
constexpr std::array<bool, 5> kModuleReduces = {true, false, true, false, true};
constexpr std::int64_t kCellsPerModule = 2;
constexpr std::int64_t kEncoderChannels = 512;
constexpr std::int64_t kEncoderReduction = 32;
constexpr std::int64_t kDiscriminatorForwardPasses = 3;
/// Three forward passes, two full backward passes of two each, and one that stops at the input's gradient.
constexpr std::int64_t kDiscriminatorPasses = 8;
constexpr std::int64_t kGeneratorPasses = 3;

constexpr std::array<TransnasTaskFacts, kTransnasTasks> kFacts = {{
    {.published_name = "class_object", .outputs = 75},
    {.published_name = "class_scene", .outputs = 47},
    {.published_name = "room_layout", .outputs = 9},
    {.published_name = "jigsaw",
     .outputs = 1'000,
     .tiles = 9,
     .training_side = 64,
     .published_side = 64,
     .epochs = 10},
    {.published_name = "autoencoder",
     .decoder = TransnasDecoder::generative,
     .outputs = 3,
     .epochs = 30,
     .optimiser = TransnasOptimiser::adam},
    {.published_name = "normal",
     .decoder = TransnasDecoder::generative,
     .outputs = 3,
     .epochs = 30,
     .optimiser = TransnasOptimiser::adam},
    {.published_name = "segmentsemantic",
     .decoder = TransnasDecoder::segmentation,
     .outputs = 17,
     .epochs = 30},
}};

/// Layers one after the other; remembers what the last one gave.
class LayerChain {
 public:
  LayerChain(std::int64_t channels, std::int64_t side) : channels_(channels), side_(side) {}

  void convolution(std::int64_t out, std::int64_t kernel, std::int64_t stride, bool bias) {
    const std::int64_t side = (side_ + 2 * (kernel / 2) - kernel) / stride + 1;
    push({Kind::convolution, channels_, out, side_, side, kernel, bias});
  }
  void transposed_convolution(std::int64_t out) {
    push({Kind::transposed_convolution, channels_, out, side_, 2 * side_, 3, true});
  }
  /// A layer that keeps shape.
  void same(Kind kind) { push({kind, channels_, channels_, side_, side_}); }
  void pool() { push({Kind::average_pool, channels_, channels_, side_, 1}); }
  void linear(std::int64_t out) { push({Kind::linear, channels_, out, 1, 1, 1, true}); }

  [[nodiscard]] TransnasLayers take() && { return std::move(layers_); }

 private:
  void push(const TransnasLayer& layer) {
    layers_.push_back(layer);
    channels_ = layer.out_channels;
    side_ = layer.side;
  }

  TransnasLayers layers_;
  std::int64_t channels_;
  std::int64_t side_;
};

void append_all(TransnasLayers& layers, const TransnasLayers& more) {
  layers.insert(layers.end(), more.begin(), more.end());
}

/// Where an edge or a cell stands.
struct Place {
  std::int64_t in_channels = 0;
  std::int64_t channels = 0;
  std::int64_t in_side = 0;
  std::int64_t side = 0;

  [[nodiscard]] bool reduces() const { return in_side != side; }
  /// Where the inner edges of a cell at this place stand.
  [[nodiscard]] Place inner() const { return {channels, channels, side, side}; }
};

TransnasLayers stem(std::int64_t side) {
  LayerChain chain(3, side);
  chain.convolution(kEncoderStemChannels / 2, 3, 2, false);
  chain.same(Kind::normalisation);
  chain.same(Kind::relu);
  chain.convolution(kEncoderStemChannels, 3, 2, false);
  chain.same(Kind::normalisation);
  return std::move(chain).take();
}

/// The places of the encoder's ten cells, from input to output.
std::vector<Place> cell_places(std::int64_t side) {
  assert(side > 0 && side % kEncoderReduction == 0);
  std::vector<Place> places;
  Place place{kEncoderStemChannels, kEncoderStemChannels, side / 4, side / 4};
  for (const bool reduces : kModuleReduces) {
    if (reduces) place = {place.channels, 2 * place.channels, place.side, place.side / 2};
    for (std::int64_t n = 0; n < kCellsPerModule; ++n) {
      places.push_back(place);
      place = place.inner();
    }
  }
  return places;
}

TransnasLayers relu_conv_norm(const Place& place, std::int64_t kernel) {
  LayerChain chain(place.in_channels, place.in_side);
  chain.same(Kind::relu);
  chain.convolution(place.channels, kernel, place.in_side / place.side, false);
  chain.same(Kind::normalisation);
  return std::move(chain).take();
}

/// Half of the channels from the even pixels, half from the odd ones, which the pad makes as many.
TransnasLayers factorized_reduce(const Place& place) {
  const std::int64_t in = place.in_channels;
  const TransnasLayer half = {Kind::convolution, in, place.channels / 2, place.in_side, place.side};
  return {{Kind::relu, in, in, place.in_side, place.in_side},
          {Kind::pad, in, in, place.in_side, place.in_side + 1},
          half,
          half,
          {Kind::concatenation, place.channels, place.channels, place.side, place.side},
          {Kind::normalisation, place.channels, place.channels, place.side, place.side}};
}

TransnasLayers edge_layers(CellOperation operation, const Place& place) {
  switch (operation) {
    case CellOperation::none:
      return {};
    case CellOperation::skip_connect:
      return place.reduces() ? factorized_reduce(place) : TransnasLayers{};
    case CellOperation::nor_conv_1x1:
      return relu_conv_norm(place, 1);
    case CellOperation::nor_conv_3x3:
      return relu_conv_norm(place, 3);
    case CellOperation::avg_pool_3x3:
      break;
  }
  assert(false && "the space has no pooling");
  return {};
}

TransnasLayer node_layer(const Place& place) {
  return {Kind::sum, place.channels, place.channels, place.side, place.side};
}

bool edge_computed(EdgeMask live, EdgeCount count, std::size_t edge) {
  return count == EdgeCount::all_edges || (live >> edge & 1U) != 0;
}

/// Bit v is set when node v is computed: always, or when a live edge enters it.
unsigned nodes_computed(EdgeMask live, EdgeCount count) {
  unsigned nodes = 0;
  for (std::size_t e = 0; e < kCellEdges; ++e)
    if (edge_computed(live, count, e)) nodes |= 1U << kCellEdgeList[e].to;
  return nodes;
}

void append_cell(TransnasLayers& layers, const Cell& cell, EdgeCount count, const Place& place) {
  const EdgeMask live = live_edges(cell);
  for (std::size_t e = 0; e < kCellEdges; ++e)
    if (edge_computed(live, count, e))
      append_all(layers, edge_layers(cell[e], kCellEdgeList[e].from == 0 ? place : place.inner()));
  const unsigned nodes = nodes_computed(live, count);
  for (std::size_t v = 1; v < kCellNodes; ++v)
    if ((nodes >> v & 1U) != 0) layers.push_back(node_layer(place));
}

void conv_block(LayerChain& chain, std::int64_t out) {
  chain.convolution(out, 3, 1, true);
  chain.same(Kind::normalisation);
  chain.same(Kind::leaky_relu);
}

void upsampling_block(LayerChain& chain, std::int64_t out) {
  chain.transposed_convolution(out);
  chain.same(Kind::normalisation);
  chain.same(Kind::leaky_relu);
}

TransnasLayers linear_decoder(const TransnasTaskFacts& facts, std::int64_t side) {
  LayerChain chain(kEncoderChannels * facts.tiles, side);
  if (facts.tiles > 1) chain.same(Kind::concatenation);
  chain.pool();
  chain.linear(facts.outputs);
  return std::move(chain).take();
}

TransnasLayers segmentation_decoder(std::int64_t outputs, std::int64_t side) {
  LayerChain chain(kEncoderChannels, side);
  conv_block(chain, 1'024);
  conv_block(chain, 512);
  for (const std::int64_t channels : {256, 128, 64, 32, 32}) upsampling_block(chain, channels);
  chain.convolution(outputs, 3, 1, true);
  return std::move(chain).take();
}

TransnasLayers generative_decoder(std::int64_t outputs, std::int64_t side) {
  LayerChain chain(kEncoderChannels, side);
  for (const std::int64_t channels : {1'024, 1'024, 512, 512}) conv_block(chain, channels);
  upsampling_block(chain, 256);
  conv_block(chain, 128);
  upsampling_block(chain, 64);
  conv_block(chain, 64);
  upsampling_block(chain, 32);
  conv_block(chain, 32);
  upsampling_block(chain, 16);
  conv_block(chain, 32);
  upsampling_block(chain, 16);
  chain.convolution(outputs, 3, 1, true);
  chain.same(Kind::tanh);
  return std::move(chain).take();
}

TransnasTotals times(const TransnasTotals& totals, std::int64_t n) {
  TransnasTotals product = totals;
  product.multiply_accumulates *= n;
  product.executed_multiply_accumulates *= n;
  product.activations *= n;
  product.kernels *= n;
  return product;
}

}  // namespace

std::size_t transnas_cell_index(const Cell& cell) {
  std::size_t index = 0;
  for (std::size_t e = kCellEdges; e-- > 0;)
    index = index * kTransnasOperations + static_cast<std::size_t>(cell[e]);
  return index;
}

Cell transnas_cell_at(std::size_t index) {
  assert(index < kTransnasCells);
  Cell cell{};
  for (CellOperation& operation : cell) {
    operation = static_cast<CellOperation>(index % kTransnasOperations);
    index /= kTransnasOperations;
  }
  return cell;
}

std::string transnas_code(const Cell& cell) {
  std::string code = "64-41414-";
  for (std::size_t e = 0; e < kCellEdges; ++e) {
    if (e > 0 && kCellEdgeList[e].from == 0) code += '_';
    code += static_cast<char>('0' + static_cast<int>(cell[e]));
  }
  return code;
}

const TransnasTaskFacts& transnas_facts(TransnasTask task) {
  return kFacts[static_cast<std::size_t>(task)];
}

std::int64_t TransnasLayer::activations() const {
  return out_channels * side * side;
}

std::int64_t TransnasLayer::parameters() const {
  switch (kind) {
    case Kind::convolution:
    case Kind::transposed_convolution:
    case Kind::linear:
      return (kernel * kernel * in_channels + (bias ? 1 : 0)) * out_channels;
    case Kind::normalisation:
      return 2 * out_channels;
    case Kind::relu:
    case Kind::leaky_relu:
    case Kind::tanh:
    case Kind::pad:
    case Kind::concatenation:
    case Kind::sum:
    case Kind::average_pool:
      return 0;
  }
  return 0;
}

std::int64_t TransnasLayer::multiply_accumulates() const {
  switch (kind) {
    case Kind::convolution:
    case Kind::transposed_convolution:
      return (kernel * kernel * in_channels + (bias ? 1 : 0)) * activations();
    case Kind::normalisation:
      return 2 * activations();
    case Kind::leaky_relu:
      return activations();
    case Kind::average_pool:
      return (in_side * in_side + 1) * activations();
    case Kind::linear:
      return in_channels * out_channels;
    case Kind::relu:
    case Kind::tanh:
    case Kind::pad:
    case Kind::concatenation:
    case Kind::sum:
      return 0;
  }
  return 0;
}

std::int64_t TransnasLayer::executed_multiply_accumulates() const {
  if (kind != Kind::transposed_convolution) return multiply_accumulates();
  return kernel * kernel * in_channels * out_channels * in_side * in_side + (bias ? activations() : 0);
}

TransnasTotals& TransnasTotals::operator+=(const TransnasTotals& other) {
  multiply_accumulates += other.multiply_accumulates;
  executed_multiply_accumulates += other.executed_multiply_accumulates;
  parameters += other.parameters;
  activations += other.activations;
  kernels += other.kernels;
  return *this;
}

TransnasTotals& TransnasTotals::operator+=(const TransnasLayer& layer) {
  return *this += TransnasTotals{layer.multiply_accumulates(), layer.executed_multiply_accumulates(),
                                 layer.parameters(), layer.activations(), 1};
}

TransnasTotals transnas_total(const TransnasLayers& layers) {
  TransnasTotals sum;
  for (const TransnasLayer& layer : layers) sum += layer;
  return sum;
}

TransnasLayers derive_transnas_encoder(const Cell& cell, std::int64_t side, EdgeCount count) {
  TransnasLayers layers = stem(side);
  for (const Place& place : cell_places(side)) append_cell(layers, cell, count, place);
  return layers;
}

TransnasLayers derive_transnas_decoder(TransnasTask task, std::int64_t side) {
  const TransnasTaskFacts& facts = transnas_facts(task);
  const std::int64_t encoded_side = side / kEncoderReduction;
  switch (facts.decoder) {
    case TransnasDecoder::linear:
      return linear_decoder(facts, encoded_side);
    case TransnasDecoder::segmentation:
      return segmentation_decoder(facts.outputs, encoded_side);
    case TransnasDecoder::generative:
      return generative_decoder(facts.outputs, encoded_side);
  }
  return {};
}

TransnasLayers derive_transnas_discriminator(std::int64_t side) {
  LayerChain chain(6, side);
  for (const std::int64_t channels : {64, 128, 256}) {
    chain.convolution(channels, 5, 4, true);
    chain.same(Kind::leaky_relu);
  }
  for (const std::int64_t channels : {256, 512, 512}) {
    chain.convolution(channels, 3, 1, true);
    chain.same(Kind::leaky_relu);
  }
  chain.convolution(1, 3, 1, true);
  chain.pool();
  return std::move(chain).take();
}

TransnasTotals TransnasWork::inference() const {
  TransnasTotals sum = encoder;
  return sum += decoder;
}

TransnasTotals TransnasWork::training_forward() const {
  TransnasTotals sum = inference();
  return sum += times(discriminator, kDiscriminatorForwardPasses);
}

std::int64_t TransnasWork::training_multiply_accumulates() const {
  return kGeneratorPasses * inference().executed_multiply_accumulates +
         kDiscriminatorPasses * discriminator.executed_multiply_accumulates;
}

TransnasCounter::TransnasCounter(TransnasTask task, std::int64_t side)
    : tiles_(transnas_facts(task).tiles),
      skeleton_(transnas_total(stem(side))),
      decoder_(transnas_total(derive_transnas_decoder(task, side))) {
  for (const Place& place : cell_places(side)) {
    node_ += node_layer(place);
    for (std::size_t o = 0; o < kTransnasOperations; ++o) {
      const auto operation = static_cast<CellOperation>(o);
      input_edge_[o] += transnas_total(edge_layers(operation, place));
      inner_edge_[o] += transnas_total(edge_layers(operation, place.inner()));
    }
  }
  if (transnas_facts(task).adversarial())
    discriminator_ = transnas_total(derive_transnas_discriminator(side));
}

const TransnasTotals& TransnasCounter::edge(CellOperation operation, bool from_input) const {
  const auto o = static_cast<std::size_t>(operation);
  assert(o < kTransnasOperations);
  return from_input ? input_edge_[o] : inner_edge_[o];
}

TransnasWork TransnasCounter::count(const Cell& cell, EdgeCount count) const {
  const EdgeMask live = live_edges(cell);
  TransnasTotals encoder = skeleton_;
  for (std::size_t e = 0; e < kCellEdges; ++e)
    if (edge_computed(live, count, e)) encoder += edge(cell[e], kCellEdgeList[e].from == 0);
  const unsigned nodes = nodes_computed(live, count);
  for (std::size_t v = 1; v < kCellNodes; ++v)
    if ((nodes >> v & 1U) != 0) encoder += node_;
  return {times(encoder, tiles_), decoder_, discriminator_};
}

}  // namespace tonne
