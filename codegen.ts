import { readFileSync } from "node:fs";
import type { CodegenConfig } from "@graphql-codegen/cli";
import type { CodegenPlugin } from "@graphql-codegen/plugin-helpers";
import { buildSchema } from "graphql";
import { errorFragment } from "./sdk/codegen/error-fragment.ts";
import * as errorClasses from "./sdk/codegen/error-classes.ts";
import * as stringDocuments from "./sdk/codegen/string-documents.ts";

/** Settings of both clients. `strictScalars` prevents an unknown scalar from becoming `any`. */
const shared = {
  scalars: { ID: "string", Cursor: "string", DateTime: "string", UUID: "string" },
  strictScalars: true,
  useTypeImports: true,
  enumType: "string-literal",
} as const;

const ownPlugins = { "string-documents": stringDocuments, "error-classes": errorClasses };

const schema = "schema.graphql";

const config: CodegenConfig = {
  schema,
  // Generates the SDK even if the web app has no documents.
  ignoreNoDocuments: true,
  errorsOnly: true,
  pluginLoader: async (name: string) =>
    name in ownPlugins
      ? ownPlugins[name as keyof typeof ownPlugins]
      : ((await import(name)) as CodegenPlugin),
  generates: {
    // Committed, because third parties consume it; a drift check compares it with a fresh generation.
    "sdk/src/generated/graphql.ts": {
      documents: [
        "sdk/src/operations/*.graphql",
        errorFragment(buildSchema(readFileSync(schema, "utf8"))),
      ],
      plugins: [
        { add: { content: "/* eslint-disable */" } },
        "typescript-operations",
        // Strings instead of syntax trees: the SDK runs without the graphql package.
        "string-documents",
      ],
      config: { ...shared, documentTypeImport: "../typed-document.ts" },
    },
    "sdk/src/generated/errors.ts": {
      plugins: ["error-classes"],
      config: { baseImport: "../errors.ts" },
    },
    // Ignored by git: only the web build reads it.
    "web/src/generated/": {
      documents: ["web/src/**/*.{ts,tsx}", "!web/src/generated/**"],
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: { ...shared, importExtension: ".ts" },
    },
  },
};

export default config;
