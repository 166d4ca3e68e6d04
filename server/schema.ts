import type { GraphQLSchema } from "graphql";
import "./graphql/scalars.ts";
import "./graphql/errors.ts";
import "./graphql/node.ts";
import "./modules.ts";
import { builder } from "./graphql/builder.ts";

/** The whole API. Each file of the schema adds its part when its module imports it. */
export const schema: GraphQLSchema = builder.toSchema({ sortSchema: true });
