#include <array>

#include "search/problems/networks/cell_nas_tasks.h"

namespace tonne::cell_nas {
namespace {

// Quantiles as published; where two of them are alike to the last digit, the higher one is raised by less
// than that.
constexpr std::array<Knot, 11> kQuantilesObject = {{{0.0, 21.2},
                                                    {0.01, 23.9},
                                                    {0.05, 26.2},
                                                    {0.25, 35.5},
                                                    {0.5, 42.2},
                                                    {0.75, 43.1},
                                                    {0.95, 43.9},
                                                    {0.99, 44.5},
                                                    {0.995, 44.7},
                                                    {0.999, 45.2},
                                                    {1.0, 45.6}}};
constexpr std::array<Knot, 11> kQuantilesScene = {{{0.0, 7.5},
                                                   {0.01, 7.51},
                                                   {0.05, 22.7},
                                                   {0.25, 35.2},
                                                   {0.5, 52.1},
                                                   {0.75, 53.2},
                                                   {0.95, 54.1},
                                                   {0.99, 54.5},
                                                   {0.995, 54.6},
                                                   {0.999, 54.9},
                                                   {1.0, 54.92}}};
constexpr std::array<Knot, 11> kQuantilesRoomLayout = {{{0.0, -1.094},
                                                        {0.01, -1.0935},
                                                        {0.05, -0.927},
                                                        {0.25, -0.82},
                                                        {0.5, -0.709},
                                                        {0.75, -0.664},
                                                        {0.95, -0.642},
                                                        {0.99, -0.626},
                                                        {0.995, -0.622},
                                                        {0.999, -0.61},
                                                        {1.0, -0.601}}};
constexpr std::array<Knot, 11> kQuantilesJigsaw = {{{0.0, 0.04},
                                                    {0.01, 0.05},
                                                    {0.05, 9.6},
                                                    {0.25, 76.2},
                                                    {0.5, 90.8},
                                                    {0.75, 92.7},
                                                    {0.95, 94.1},
                                                    {0.99, 94.6},
                                                    {0.995, 94.8},
                                                    {0.999, 95.0},
                                                    {1.0, 95.4}}};
constexpr std::array<Knot, 11> kQuantilesAutoencoder = {{{0.0, 0.001},
                                                         {0.01, 0.017},
                                                         {0.05, 0.281},
                                                         {0.25, 0.423},
                                                         {0.5, 0.462},
                                                         {0.75, 0.506},
                                                         {0.95, 0.537},
                                                         {0.99, 0.551},
                                                         {0.995, 0.557},
                                                         {0.999, 0.567},
                                                         {1.0, 0.577}}};
constexpr std::array<Knot, 11> kQuantilesNormals = {{{0.0, 0.206},
                                                     {0.01, 0.262},
                                                     {0.05, 0.383},
                                                     {0.25, 0.502},
                                                     {0.5, 0.54},
                                                     {0.75, 0.549},
                                                     {0.95, 0.56},
                                                     {0.99, 0.566},
                                                     {0.995, 0.569},
                                                     {0.999, 0.574},
                                                     {1.0, 0.587}}};
constexpr std::array<Knot, 11> kQuantilesSegmentation = {{{0.0, 91.64},
                                                          {0.01, 91.73},
                                                          {0.05, 91.78},
                                                          {0.25, 93.09},
                                                          {0.5, 94.18},
                                                          {0.75, 94.32},
                                                          {0.95, 94.46},
                                                          {0.99, 94.52},
                                                          {0.995, 94.53},
                                                          {0.999, 94.57},
                                                          {1.0, 94.61}}};

// How cells of equal function differ, by rank, in units of LatentWeights::spread: a fifth of the published
// range from 25 to 50 % among the poorer half, the range from 75 to 95 % among the best quarter. The table
// has one training of each cell, so nobody has measured what a second one would give.
constexpr std::array<Knot, 2> kSpreadObject = {{{0.5, 1.34}, {0.75, 0.8}}};
constexpr std::array<Knot, 2> kSpreadScene = {{{0.5, 3.38}, {0.75, 0.9}}};
constexpr std::array<Knot, 2> kSpreadRoomLayout = {{{0.5, 0.0222}, {0.75, 0.022}}};
constexpr std::array<Knot, 2> kSpreadJigsaw = {{{0.5, 2.92}, {0.75, 1.4}}};
constexpr std::array<Knot, 2> kSpreadAutoencoder = {{{0.5, 0.0078}, {0.75, 0.031}}};
constexpr std::array<Knot, 2> kSpreadNormals = {{{0.5, 0.0076}, {0.75, 0.011}}};
constexpr std::array<Knot, 2> kSpreadSegmentation = {{{0.5, 0.218}, {0.75, 0.14}}};

// Short trainings are not published: assumed are the shares of the way that NAS-Bench-201 has on CIFAR-10
// after the same part of the epochs, 6 %, and one deviation for all ranks.
constexpr std::array<Knot, 2> kEarlyDeviation = {{{0.0, 0.6}, {1.0, 0.6}}};
constexpr double kEarlyPart = 0.06;
constexpr std::array<Knot, 1> kNoGap = {{{0.5, 0.0}}};

constexpr Landscape kObject = {
    .operations = 4,
    .chance = 100.0 / 75.0,  // assumed, as for the start of the learning curve
    .lowest = 0.0,
    .highest = 100.0,
    .quantiles = kQuantilesObject,
    .best = {},
    .worst = std::nullopt,
    .latent = {.capacity = 1.5912,
               .depth = 0.40004,
               .shortcut = 0.20181,
               .paths = 0.10488,
               .pooled = 0.61289,
               .spatial = 1.0083,
               .operation = {0.0, 1.353, -0.44267, -0.95342, -0.36216},
               .edge = {0.97758, 0.33505, 0.30158, 0.64354, -0.94639, 2.0182},
               .pair = 0.015987,
               .own = 0.032315,
               .own_slope = 1.2558,
               .spread = 0.83146},
    .late = {.local_optima = {{110, 16.5}}, .ascents = {{0.03, 0.025}}},
    .full_epochs = 25,
    .early_epochs = kEarlyPart * 25,
    .early_share = kEarlyShareCifar10,
    .early_deviation = kEarlyDeviation,
    .noise = kSpreadObject,
    .noise_spread = 0.0,
    .noise_seen = 0.0,
    .training_seeds = 1,
    .validation_gap = kNoGap,
};
constexpr Landscape kScene = {
    .operations = 4,
    .chance = 100.0 / 47.0,  // assumed, as for the start of the learning curve
    .lowest = 0.0,
    .highest = 100.0,
    .quantiles = kQuantilesScene,
    .best = {},
    .worst = std::nullopt,
    .latent = {.capacity = 0.58049,
               .depth = 1.1451,
               .shortcut = -0.15,
               .paths = -0.42018,
               .pooled = 0.059595,
               .spatial = 0.44494,
               .operation = {0.0, 0.83631, 0.38873, -0.23839, -0.49496},
               .edge = {0.62181, -0.30404, -0.12368, 0.25741, -0.49668, 1.3066},
               .pair = -0.086795,
               .own = 0.14082,
               .own_slope = 0.35575,
               .spread = 0.3209},
    .late = {.local_optima = {{79, 11.8}}, .ascents = {{0.05, 0.025}}},
    .full_epochs = 25,
    .early_epochs = kEarlyPart * 25,
    .early_share = kEarlyShareCifar10,
    .early_deviation = kEarlyDeviation,
    .noise = kSpreadScene,
    .noise_spread = 0.0,
    .noise_seen = 0.0,
    .training_seeds = 1,
    .validation_gap = kNoGap,
};
constexpr Landscape kRoomLayout = {
    .operations = 4,
    .chance = -1.2,  // assumed, as for the start of the learning curve
    .lowest = -100.0,
    .highest = 0.0,
    .quantiles = kQuantilesRoomLayout,
    .best = {},
    .worst = std::nullopt,
    .latent = {.capacity = 0.23659,
               .depth = 2.6736,
               .shortcut = -0.28228,
               .paths = -1.305,
               .pooled = -1.3634,
               .spatial = 0.56188,
               .operation = {0.0, 0.055514, 1.6537, -0.7461, -0.6649},
               .edge = {0.9302, 0.59079, 2.2313, -0.13467, 0.78356, 1.7333},
               .pair = -0.16384,
               .own = 0.0028928,
               .own_slope = 0.65394,
               .spread = 0.97938},
    .late = {.local_optima = {{92, 13.8}}, .ascents = {{0.09, 0.025}}},
    .full_epochs = 25,
    .early_epochs = kEarlyPart * 25,
    .early_share = kEarlyShareCifar10,
    .early_deviation = kEarlyDeviation,
    .noise = kSpreadRoomLayout,
    .noise_spread = 0.0,
    .noise_seen = 0.0,
    .training_seeds = 1,
    .validation_gap = kNoGap,
};
constexpr Landscape kJigsaw = {
    .operations = 4,
    .chance = 0.0,  // assumed, as for the start of the learning curve
    .lowest = 0.0,
    .highest = 100.0,
    .quantiles = kQuantilesJigsaw,
    .best = {},
    .worst = std::nullopt,
    .latent = {.capacity = 2.3252,
               .depth = 0.49041,
               .shortcut = -1.2263,
               .paths = 0.11206,
               .pooled = -0.060864,
               .spatial = 1.3519,
               .operation = {0.0, 0.1024, -0.38738, -2.2193, -1.2378},
               .edge = {1.559, -0.47052, -0.21931, 0.63658, -0.46093, 1.758},
               .pair = -0.033627,
               .own = 0.00047893,
               .own_slope = 0.42688,
               .spread = 0.71926},
    .late = {.local_optima = {{122, 18.3}}, .ascents = {{0.03, 0.025}}},
    .full_epochs = 10,
    .early_epochs = kEarlyPart * 10,
    .early_share = kEarlyShareCifar10,
    .early_deviation = kEarlyDeviation,
    .noise = kSpreadJigsaw,
    .noise_spread = 0.0,
    .noise_seen = 0.0,
    .training_seeds = 1,
    .validation_gap = kNoGap,
};
constexpr Landscape kAutoencoder = {
    .operations = 4,
    .chance = 0.0,  // assumed, as for the start of the learning curve
    .lowest = 0.0,
    .highest = 1.0,
    .quantiles = kQuantilesAutoencoder,
    .best = {},
    .worst = std::nullopt,
    .latent = {.capacity = 1.3513,
               .depth = 1.8489,
               .shortcut = -1.0581,
               .paths = 1.0502,
               .pooled = 0.10866,
               .spatial = -0.74271,
               .operation = {0.0, 3.1709, 0.8418, -1.8702, -0.3362},
               .edge = {1.2739, 1.0608, 0.22692, 1.4677, -0.77112, 1.5518},
               .pair = 0.16285,
               .own = 0.01132,
               .own_slope = 0.69637,
               .spread = 1.9504},
    .late = {.local_optima = {{92, 13.8}}, .ascents = {{0.03, 0.025}}},
    .full_epochs = 30,
    .early_epochs = kEarlyPart * 30,
    .early_share = kEarlyShareCifar10,
    .early_deviation = kEarlyDeviation,
    .noise = kSpreadAutoencoder,
    .noise_spread = 0.0,
    .noise_seen = 0.0,
    .training_seeds = 1,
    .validation_gap = kNoGap,
};
constexpr Landscape kNormals = {
    .operations = 4,
    .chance = 0.0,  // assumed, as for the start of the learning curve
    .lowest = 0.0,
    .highest = 1.0,
    .quantiles = kQuantilesNormals,
    .best = {},
    .worst = std::nullopt,
    .latent = {.capacity = 0.73274,
               .depth = 1.4044,
               .shortcut = -0.23583,
               .paths = -0.34403,
               .pooled = -0.20358,
               .spatial = 0.18672,
               .operation = {0.0, 0.68481, 0.15206, -0.1439, -0.80688},
               .edge = {0.78856, -0.10669, 0.58617, -0.29099, 0.22942, 1.0237},
               .pair = -0.099022,
               .own = 0.18491,
               .own_slope = 0.48224,
               .spread = 0.73487},
    .late = {.local_optima = {{106, 15.9}}, .ascents = {{0.05, 0.025}}},
    .full_epochs = 30,
    .early_epochs = kEarlyPart * 30,
    .early_share = kEarlyShareCifar10,
    .early_deviation = kEarlyDeviation,
    .noise = kSpreadNormals,
    .noise_spread = 0.0,
    .noise_seen = 0.0,
    .training_seeds = 1,
    .validation_gap = kNoGap,
};
constexpr Landscape kSegmentation = {
    .operations = 4,
    .chance = 90.0,  // assumed, as for the start of the learning curve
    .lowest = 0.0,
    .highest = 100.0,
    .quantiles = kQuantilesSegmentation,
    .best = {},
    .worst = std::nullopt,
    .latent = {.capacity = 0.72059,
               .depth = 1.8696,
               .shortcut = -0.45366,
               .paths = -0.21379,
               .pooled = -0.29601,
               .spatial = 0.071567,
               .operation = {0.0, 0.22762, 0.68805, -0.3889, -0.83564},
               .edge = {0.57549, -0.13745, 0.22155, -0.13213, -0.47879, 0.42893},
               .pair = -0.25183,
               .own = 0.10049,
               .own_slope = -0.68662,
               .spread = 0.34957},
    .late = {.local_optima = {{49, 7.3}}, .ascents = {{0.07, 0.025}}},
    .full_epochs = 30,
    .early_epochs = kEarlyPart * 30,
    .early_share = kEarlyShareCifar10,
    .early_deviation = kEarlyDeviation,
    .noise = kSpreadSegmentation,
    .noise_spread = 0.0,
    .noise_seen = 0.0,
    .training_seeds = 1,
    .validation_gap = kNoGap,
};

}  // namespace

const Landscape& landscape_of(TransnasTask task) {
  switch (task) {
    case TransnasTask::object:
      return kObject;
    case TransnasTask::scene:
      return kScene;
    case TransnasTask::room_layout:
      return kRoomLayout;
    case TransnasTask::jigsaw:
      return kJigsaw;
    case TransnasTask::autoencoder:
      return kAutoencoder;
    case TransnasTask::normals:
      return kNormals;
    case TransnasTask::segmentation:
      return kSegmentation;
  }
  return kObject;
}

ObjectiveTraits objective_of(TransnasTask task) {
  if (task == TransnasTask::room_layout) return {"negative_loss", "", Direction::maximise};
  const bool image = task == TransnasTask::autoencoder || task == TransnasTask::normals;
  if (image) return {"ssim", "", Direction::maximise};
  return {"accuracy", "%", Direction::maximise};
}

}  // namespace tonne::cell_nas
