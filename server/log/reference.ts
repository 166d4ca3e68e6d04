/**
 * A kind of row that payloads refer to by id. The log loads the row after COMMIT and again for each replay.
 * So an event never shows the row in a state older than the event, and nothing of a deleted row.
 */
export interface RowReference<
  Field extends string = string,
  IdField extends string = string,
  Row extends object = object,
> {
  /** The field of a payload that holds the row. */
  readonly field: Field;
  /** The field of a new payload that holds the row's id. */
  readonly idField: IdField;
  /** The column of `Event` that stores the id; null if the stored payload keeps it. */
  readonly column: string | null;
  readonly row: Shape<Row>;
}

/**
 * A kind of record that payloads contain at any depth. The log stores `{ [idField]: id }` for each record and
 * loads the record for each replay. So a changed or deleted record is changed or deleted in replays, too.
 */
export interface EmbeddedReference<Embedded extends object = object> {
  readonly idField: string;
  /** A field, besides `id`, that only records of this kind have. */
  readonly keyField: string;
  readonly record: Shape<Embedded>;
}

export type Reference = RowReference | EmbeddedReference;

/** Loads rows or records by id. The result lacks those that no longer exist. */
export type LoadByIds<Row extends object = object> = (
  ids: readonly string[],
) => Promise<ReadonlyMap<string, Row>>;

/** A type as a value, for inference. It holds nothing at run time. */
export interface Shape<T> {
  readonly shape?: T;
}

const SHAPE = Object.freeze({});

export function shape<T>(): Shape<T> {
  return SHAPE;
}

/** What a module contributes for a reference that it defines. */
export interface ReferenceLoader {
  readonly reference: Reference;
  readonly load: LoadByIds;
}

/** Connects a reference with the store that reads its rows. */
export function loadedBy<Row extends object>(
  reference: RowReference<string, string, Row> | EmbeddedReference<Row>,
  load: LoadByIds<Row>,
): ReferenceLoader {
  return { reference, load };
}
