// Prints live signals.
//
//   node print_signals.js [INSTANCE [RECORDS [COLUMN...]]]    default: demo 20 pbi_10bp ofi_1000ms
import { SteelyardError, waitFor } from "../lib/index.js";

const [instance = "demo", records = "20", ...names] = process.argv.slice(2);
const columns = names.length > 0 ? names : ["pbi_10bp", "ofi_1000ms"];

try {
  const feed = await waitFor(instance, 10_000);
  console.log("venue symbol verdict bid ask", columns.join(" "));
  let left = Number(records);
  for await (const record of feed) {
    console.log(record.venue.padEnd(14), record.symbol.padEnd(16),
      (record.isLive ? "live" : "doubtful").padEnd(8), record.bid, record.ask,
      ...columns.map((name) => record.get(name).toFixed(4)));
    if (--left <= 0) break;
  }
  feed.close();
} catch (error) {
  if (!(error instanceof SteelyardError)) throw error;
  console.error(`print_signals: ${error.message}`);
  process.exitCode = 1;
}
