import { writeFile } from "node:fs/promises";
import { printSchema } from "graphql";
import { schema } from "./schema.ts";

// Prints the code-first schema into schema.graphql, for clients and reviewers.
await writeFile("schema.graphql", `${printSchema(schema)}\n`);
