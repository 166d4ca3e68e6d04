import { isInForce } from "../../infra/database/in-force.ts";

/**
 * SQL condition: a membership is the current one of a user in a conversation.
 *
 * @param membership alias of the table "Membership"
 * @param conversationId SQL expression
 * @param userId SQL expression
 */
export const isMembershipOf = (
  membership: string,
  conversationId: string,
  userId: string,
): string =>
  `${membership}."conversationId" = ${conversationId} AND ${membership}."userId" = ${userId} AND ${membership}."leftPosition" IS NULL`;

/** Joins to the conversation `c` the membership `own` of the user `$1`. */
export const JOIN_OWN = `LEFT JOIN "Membership" own ON ${isMembershipOf("own", "c.id", "$1::uuid")}`;

/** Joins to the conversation `c` the membership `own` and the ban `b` of the user `$1`. */
export const JOIN_ACCESS = `
  ${JOIN_OWN}
  LEFT JOIN "Ban" b ON b."conversationId" = c.id AND b."userId" = $1::uuid AND ${isInForce("b")}`;

/** The columns of `ConversationAccess`, after `JOIN_ACCESS`. */
export const ACCESS = `c.visibility::text AS visibility, own.id IS NOT NULL AS "isMember", b.id IS NOT NULL AS "isBanned"`;

/** The condition of `canDiscover`, after `JOIN_OWN`. */
export const CAN_DISCOVER = `(c.visibility = 'PUBLIC' OR own.id IS NOT NULL)`;
