import type { UserRecord } from "../domain/user/user.record.ts";

/**
 * What stands in a stored payload for a person: events name people instead of holding a copy of them,
 * so a name that is changed or gone is changed or gone in replays, too.
 */
interface PersonName {
  personId: string;
}

type Fields = Record<string, unknown>;

/** A copy of a payload in which every person is only named, however deep. */
export function withoutPeople(value: unknown): unknown {
  return mapped(value, (fields) =>
    typeof fields["usernameKey"] === "string" && typeof fields["id"] === "string"
      ? ({ personId: fields["id"] } satisfies PersonName)
      : undefined,
  );
}

/** The ids of the people that a stored payload names. */
export function peopleNamedIn(value: unknown): Set<string> {
  const ids = new Set<string>();
  mapped(value, (fields) => {
    const { personId } = fields;
    if (typeof personId === "string") ids.add(personId);
    return undefined;
  });
  return ids;
}

/** A stored payload with the people that it names as they are now; null when one of them is not there. */
export function withPeople(value: unknown, people: ReadonlyMap<string, UserRecord>): unknown {
  let isWhole = true;
  const whole = mapped(value, (fields) => {
    const { personId } = fields;
    if (typeof personId !== "string") return undefined;
    const person = people.get(personId);
    isWhole &&= person !== undefined;
    return person;
  });
  return isWhole ? whole : null;
}

/** A copy in which `replace` may put something else in the place of an object; undefined keeps it. */
function mapped(value: unknown, replace: (fields: Fields) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => mapped(item, replace));
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  const fields = value as Fields;
  return (
    replace(fields) ??
    Object.fromEntries(Object.entries(fields).map(([key, item]) => [key, mapped(item, replace)]))
  );
}
