#include "cost_models/catalogue_schema.h"

namespace tonne {
namespace {

const Bounds kPositive = Bounds::above(0.0);
const Bounds kNotNegative = Bounds::at_least(0.0);
const Bounds kFraction = {1e-6, 1.0};  // below, times overflow before they mean anything
const Bounds kWhole = Bounds::between(0.0, 1.0);
const Bounds kOfYear = Bounds::between(1900.0, 2100.0);

// What it reached in training, by kind of work and precision.
RowSpec training_rows_spec() {
  return {"training",
          {{"work", {"any", "other", "convolution", "narrow_convolution", "transformer"}, true},
           {"precision", {"any", "fp32", "tf32", "fp16", "bf16", "fp8", "int8"}, true}},
          {{"utilisation", std::nullopt, kFraction},
           {"bandwidth_utilisation", std::nullopt, kFraction},
           {"step_overhead", QuantityKind::duration, kNotNegative},
           {"startup", QuantityKind::duration, kNotNegative},
           {"compute", std::nullopt, kWhole},
           {"memory", std::nullopt, kWhole},
           {"waiting", std::nullopt, kWhole}}};
}

// What it reached in inference, likewise.
RowSpec inference_rows_spec() {
  RowSpec rows = training_rows_spec();
  rows.group = "inference";
  rows.figures = {{"utilisation", std::nullopt, kFraction},
                  {"bandwidth_utilisation", std::nullopt, kFraction},
                  {"launch", QuantityKind::duration, kNotNegative},
                  {"call", QuantityKind::duration, kNotNegative},
                  {"power", QuantityKind::power, kNotNegative},
                  {"call_energy", QuantityKind::energy, kNotNegative}};
  return rows;
}

RowSpec price_rows_spec() {
  return {"prices",
          {{"provider", {}, true}, {"basis", {"device", "instance"}, true}, {"term", {"on_demand", "spot"}, true}},
          {{"price", QuantityKind::price_rate, kNotNegative, true}}};
}

}  // namespace

const Schema& device_schema() {
  static const Schema schema = {
      "devices",
      "device",
      {{"kind", {"gpu", "tpu", "cpu", "accelerator", "edge", "microcontroller"}, true}, {"host", {}, false}},
      {{"specification.fp32", QuantityKind::work_rate, kPositive},
       {"specification.tf32", QuantityKind::work_rate, kPositive},
       {"specification.fp16", QuantityKind::work_rate, kPositive},
       {"specification.bf16", QuantityKind::work_rate, kPositive},
       {"specification.fp8", QuantityKind::work_rate, kPositive},
       {"specification.int8", QuantityKind::work_rate, kPositive},
       {"specification.bandwidth", QuantityKind::bandwidth, kPositive},
       {"specification.memory", QuantityKind::bytes, kPositive},
       {"specification.tdp", QuantityKind::power, kPositive},
       {"specification.die", QuantityKind::area, kPositive},
       {"specification.node", std::nullopt, kPositive},
       {"idle.power", QuantityKind::power, kNotNegative},
       {"measured.system_power", QuantityKind::power, kPositive},
       {"price.on_demand", QuantityKind::price_rate, kNotNegative},
       {"price.spot", QuantityKind::price_rate, kNotNegative},
       {"embodied.carbon", QuantityKind::carbon, kNotNegative}},
      {training_rows_spec(), inference_rows_spec(), price_rows_spec()}};
  return schema;
}

const Schema& host_schema() {
  static const Schema schema = {"hosts",
                                "host",
                                {{"description", {}, false}},
                                {{"processor.tdp", QuantityKind::power, kNotNegative, true},
                                 {"processor.dram_watts_per_gb", std::nullopt, kNotNegative, true},
                                 {"shape.sockets", std::nullopt, kPositive, true},
                                 {"shape.load", std::nullopt, kWhole, true},
                                 {"shape.dram", QuantityKind::bytes, kNotNegative, true},
                                 {"shape.slots", std::nullopt, Bounds::at_least(1.0), true},
                                 {"computing.rate", QuantityKind::work_rate, kPositive, true},
                                 {"computing.power", QuantityKind::power, kNotNegative, true},
                                 {"embodied.carbon", QuantityKind::carbon, kNotNegative, true}}};
  return schema;
}

const Schema& grid_schema() {
  static const Schema schema = {"grids",
                                "grid",
                                {{"place", {}, false},
                                 {"kind", {"country", "state", "subregion", "cloud region", "world", "own"}, false},
                                 {"signal", {"average", "marginal"}, true},
                                 {"scope", {"direct", "life_cycle"}, true}},
                                {{"of_year", std::nullopt, kOfYear, true},
                                 {"intensity", QuantityKind::intensity, kNotNegative, true},
                                 {"water.consumption", QuantityKind::water_intensity, kNotNegative}}};
  return schema;
}

const Schema& facility_schema() {
  static const Schema schema = {"facilities",
                                "facility",
                                {{"description", {}, false}},
                                {{"pue", std::nullopt, Bounds::between(1.0, 10.0), true},
                                 {"wue", QuantityKind::water_intensity, kNotNegative}}};
  return schema;
}

}  // namespace tonne
