// How long LangGraph takes for a chain of nodes that do nothing, with its in-memory checkpointer.
// Prints "<median milliseconds of a run> <version>".   node null_nodes.mjs [NODES] [RUNS]
import { readFileSync } from "node:fs";
import { Annotation, END, MemorySaver, START, StateGraph } from "@langchain/langgraph";

const nodes = Number(process.argv[2] ?? 1000);
const runs = Number(process.argv[3] ?? 3);

const State = Annotation.Root({ count: Annotation() });
let graph = new StateGraph(State);
for (let i = 0; i < nodes; i++) graph = graph.addNode(`n${i}`, async () => ({}));
graph = graph.addEdge(START, "n0");
for (let i = 1; i < nodes; i++) graph = graph.addEdge(`n${i - 1}`, `n${i}`);
const app = graph.addEdge(`n${nodes - 1}`, END).compile({ checkpointer: new MemorySaver() });

const times = [];
for (let run = 0; run <= runs; run++) {
  const start = performance.now();
  await app.invoke({ count: 1 }, { recursionLimit: nodes + 10, configurable: { thread_id: `run-${run}` } });
  if (run > 0) times.push(performance.now() - start); // The first warms up.
}
times.sort((a, b) => a - b);
const packageFile = new URL("./node_modules/@langchain/langgraph/package.json", import.meta.url);
console.log(times[Math.floor(times.length / 2)].toFixed(1), JSON.parse(readFileSync(packageFile)).version);
