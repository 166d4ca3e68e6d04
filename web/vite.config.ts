import { fileURLToPath } from "node:url";
import { print, stripIgnoredCharacters } from "graphql";
import type { DocumentNode } from "graphql";
import { defineConfig } from "vite";
import type { Plugin } from "vite";
import solid from "vite-plugin-solid";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The API's address in development. In production, the server serves the built app itself. */
const api = "http://localhost:4000";

/**
 * Replaces each `graphql(...)` call with its generated document. Otherwise the call looks it up at
 * run time in a table of all documents, which would then be part of the first bundle.
 */
const typedDocuments = (): Plugin => ({
  name: "typed-documents",
  enforce: "pre",
  transform: {
    filter: { id: /\/src\/.*\/documents\.ts$/u },
    handler(code) {
      const names = new Set<string>();
      const replaced = code
        .replace(/^import \{ graphql \} from .*$/mu, "")
        .replace(/\bgraphql\(`\s*(\w+) (\w+)[^`]*`,?\s*\)/gu, (_, kind: string, name: string) => {
          const document = name + (kind === "fragment" ? "FragmentDoc" : "Document");
          names.add(document);
          return document;
        });
      const imports = `import { ${[...names].join(", ")} } from "../generated/graphql.ts";\n`;
      return { code: imports + replaced, map: null };
    },
  },
});

/** Ships documents as text, a tenth of the size of codegen's syntax trees. */
const documentTexts = (): Plugin => ({
  name: "document-texts",
  enforce: "pre",
  transform: {
    filter: { id: /\/generated\/graphql\.ts$/u },
    handler(code) {
      const replaced = code.replace(
        /^(export const \w+ = )(\{"kind":"Document".*\}) as unknown as DocumentNode<.*$/gmu,
        (_, start: string, tree: string) => {
          const document = JSON.parse(tree) as DocumentNode;
          return `${start}${JSON.stringify(stripIgnoredCharacters(print(document)))};`;
        },
      );
      return { code: replaced, map: null };
    },
  },
});

/**
 * Makes Solid's templates the only place where text becomes markup. Pages use Trusted Types: the
 * browser accepts markup only from the policy `solid`, and the server allows no other policy.
 */
const trustedTemplates = (): Plugin => ({
  name: "trusted-templates",
  enforce: "pre",
  transform: {
    filter: { id: /\/solid-js\/web\/dist\/(?:web|dev)\.js$/u },
    handler(code) {
      const assignment = "t.innerHTML = html;";
      if (code.split(assignment).length !== 2)
        throw new Error("Solid creates its templates differently than trustedTemplates() expects.");
      const policy =
        'const trusted = globalThis.trustedTypes?.createPolicy("solid", { createHTML: (html) => html });\n';
      return {
        code: policy + code.replace(assignment, "t.innerHTML = trusted?.createHTML(html) ?? html;"),
        map: null,
      };
    },
  },
});

export default defineConfig({
  root: here("."),
  plugins: [typedDocuments(), documentTexts(), trustedTemplates(), solid()],
  resolve: {
    alias: [
      { find: "@parley/sdk/state", replacement: here("../sdk/src/state/index.ts") },
      { find: "@parley/sdk", replacement: here("../sdk/src/index.ts") },
    ],
  },
  build: {
    outDir: here("../dist/web"),
    emptyOutDir: true,
    target: "es2022",
    // The content security policy forbids data: URLs for images elsewhere, so keep assets as files.
    assetsInlineLimit: 0,
    reportCompressedSize: true,
  },
  server: {
    port: 5173,
    proxy: {
      "/graphql": { target: api, ws: true },
      "/health": { target: api },
    },
  },
});
