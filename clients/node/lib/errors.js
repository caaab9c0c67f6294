export class SteelyardError extends Error {
  constructor(message) {
    super(message);
    this.name = new.target.name;
  }
}

// Why a segment is not read: `code` is MISSING, NOT_READY, DEAD (these three are cured by waiting),
// NO_PERMISSION, OTHER_VERSION, DAMAGED or SYSTEM.
export class AttachError extends SteelyardError {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}
