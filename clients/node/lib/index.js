// Order-book signals of a steelyard daemon, read from shared memory. index.d.ts says what each does.
export { AttachError, SteelyardError } from "./errors.js";
export { Feed, attach, waitFor } from "./feed.js";
export { EventKind, Validity } from "./layout.js";
export { Record, State } from "./record.js";
