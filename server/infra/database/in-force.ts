/**
 * SQL condition: a row has no end, or the end is in the future. `inForceAt` is the same condition for
 * Prisma.
 *
 * @param row alias of a table with the column `until`, which is null for a row without end
 */
export const isInForce = (row: string): string => `(${row}.until IS NULL OR ${row}.until > now())`;

/** Prisma condition: a row has no end, or the end is after `now`. */
export const inForceAt = (now: Date): { OR: { until: { gt: Date } | null }[] } => ({
  OR: [{ until: null }, { until: { gt: now } }],
});
