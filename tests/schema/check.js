// The schemas of `tonne schema` against this project's files: every config is valid, every bad experiment is not, and the program
// agrees. Usage: node check.js PROGRAM ROOT. Exits with 77 where npm's ajv or js-yaml (Debian: node-ajv, node-js-yaml) is absent.
const fs = require("fs"), os = require("os"), path = require("path");
const { spawnSync } = require("child_process");
let Ajv, yaml;
try {
  Ajv = require("ajv");
  yaml = require("js-yaml");
} catch (error) {
  console.log("skipped: " + error.message.split("\n")[0]);
  process.exit(77);
}
const [program, root] = process.argv.slice(2);
let failures = 0;
const fail = (text) => { ++failures; console.log("FAIL " + text); };
const load = (text) => yaml.load(text, { schema: yaml.CORE_SCHEMA });
const run = (...args) => spawnSync(program, args, { encoding: "utf8", maxBuffer: 1 << 28 });

const validators = {};
for (const kind of ["experiment", "estimate", "catalogue", "measurements"]) {
  const printed = run("schema", kind);
  if (printed.status !== 0) throw new Error(printed.stderr);
  validators[kind] = new Ajv({ allErrors: false }).compile(JSON.parse(printed.stdout));
}

const files = (folder) => fs.readdirSync(path.join(root, folder)).filter((name) => name.endsWith(".yaml")).map((name) => path.join(root, folder, name));
const kindOf = (file) => (path.basename(file).startsWith("estimate_") ? "estimate" : "experiment");
const expectValid = (kind, file) => {
  const validate = validators[kind];
  if (!validate(load(fs.readFileSync(file, "utf8")))) fail(`${file}: ${JSON.stringify(validate.errors.slice(0, 3))}`);
};
let valid = 0;
for (const file of files("configs")) expectValid(kindOf(file), file), ++valid;
for (const file of files("configs/measured")) expectValid("measurements", file), ++valid;
for (const file of files("cost_models/data")) expectValid("catalogue", file), ++valid;

// The first document is good and the others differ from it in one fault each, so that it is the fault that is refused. What a schema
// cannot know is not here: files and grids that do not exist, upper bounds of quantities, what one setting asks of another,
// labels that stand twice.
const documents = fs.readFileSync(path.join(root, "tests/schema/bad_experiments.yaml"), "utf8").split(/^---\n/m).slice(1);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tonne-schema-"));
documents.forEach((text, i) => {
  const file = path.join(folder, "e.yaml");
  fs.writeFileSync(file, text);
  const accepted = validators.experiment(load(text));
  const status = run("validate", file).status;
  if (i === 0 && (!accepted || status !== 0)) fail("the good experiment is refused");
  if (i > 0 && accepted) fail("the schema accepts:\n" + text);
  if (i > 0 && status !== 2) fail(`the program ends with ${status}:\n` + text);
});
fs.rmSync(folder, { recursive: true });
console.log(`${valid} files valid, ${documents.length - 1} bad experiments refused, ${failures} failures`);
if (valid < 25 || documents.length < 50) fail("files are missing");
process.exit(failures > 0 ? 1 : 0);
