/** Sort key in a list by age. */
export interface AgeKey {
  createdAt: Date;
  id: string;
}

export interface AgePage {
  before: AgeKey | undefined;
  after: AgeKey | undefined;
  limit: number;
  inverted: boolean;
}

type Side = { lt: Date } | { gt: Date };
type Bound = {
  OR: [{ createdAt: Side }, { createdAt: Date; id: { lt: string } | { gt: string } }];
};
type Direction = "asc" | "desc";

/** Builds Prisma's conditions, order and limit for a page of rows, newest first. */
export function newestFirst({ before, after, limit, inverted }: AgePage): {
  bounds: Bound[];
  orderBy: [{ createdAt: Direction }, { id: Direction }];
  take: number;
} {
  const older = ({ createdAt, id }: AgeKey): Bound => ({
    OR: [{ createdAt: { lt: createdAt } }, { createdAt, id: { lt: id } }],
  });
  const newer = ({ createdAt, id }: AgeKey): Bound => ({
    OR: [{ createdAt: { gt: createdAt } }, { createdAt, id: { gt: id } }],
  });
  const direction = inverted ? "asc" : "desc";
  return {
    bounds: [
      ...(after === undefined ? [] : [older(after)]),
      ...(before === undefined ? [] : [newer(before)]),
    ],
    orderBy: [{ createdAt: direction }, { id: direction }],
    take: limit,
  };
}
