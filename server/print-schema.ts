import { writeFile } from "node:fs/promises";
import { printSchema } from "graphql";
import { schema } from "./schema.ts";

// Prints the code-first schema into the file that clients and reviewers read.
await writeFile("schema.graphql", `${printSchema(schema)}\n`);
