/** Maximum of GraphQL's Int and of a PostgreSQL column of type int, such as `Message.seq`. */
export const INT_MAX = 2_147_483_647;
