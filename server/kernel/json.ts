/**
 * Converts times from text to Date, in place, in a value parsed from JSON. By convention, these are an
 * event's `at` and all fields of a record that end in "At" or "Until". A reviver for JSON.parse would
 * take three times as long.
 */
export function reviveDates(value: unknown): unknown {
  if (Array.isArray(value)) for (const item of value) reviveDates(item);
  else if (typeof value === "object" && value !== null) {
    const fields = value as Record<string, unknown>;
    for (const key of Object.keys(fields)) {
      const field = fields[key];
      if (typeof field === "string") {
        if (isTime(key)) fields[key] = new Date(field);
      } else reviveDates(field);
    }
  }
  return value;
}

function isTime(key: string): boolean {
  return key === "at" || key.endsWith("At") || key.endsWith("Until");
}
