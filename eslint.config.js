// Code rules. prettier checks the layout, and dependency-cruiser checks imports between folders.
import js from "@eslint/js";
import solid from "eslint-plugin-solid/configs/typescript";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

const TYPESCRIPT = ["**/*.ts", "**/*.tsx"];

/** Only server/config.ts reads the environment, so it lists every setting. */
const NO_ENVIRONMENT = {
  "no-restricted-properties": [
    "error",
    {
      object: "process",
      property: "env",
      message: "Only server/config.ts reads settings. Pass the value as an argument.",
    },
  ],
  "no-restricted-imports": [
    "error",
    {
      paths: ["process", "node:process"].map((name) => ({
        name,
        importNames: ["env", "default"],
        message: "Use the global `process`, so that a search for `process.env` finds every read.",
      })),
    },
  ],
};

export default defineConfig(
  globalIgnores([
    "**/node_modules/",
    "**/dist/",
    "**/generated/",
    ".parley/",
    "test/e2e/output/",
    "test/contract/fixtures/",
  ]),
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  {
    files: ["**/*.js", "**/*.mjs"],
    languageOptions: {
      globals: {
        AbortController: "readonly",
        URL: "readonly",
        clearInterval: "readonly",
        clearTimeout: "readonly",
        console: "readonly",
        fetch: "readonly",
        process: "readonly",
        setInterval: "readonly",
        setTimeout: "readonly",
      },
    },
  },
  {
    files: ["web/**/*.js"],
    languageOptions: {
      globals: {
        document: "readonly",
        localStorage: "readonly",
        matchMedia: "readonly",
        navigator: "readonly",
        self: "readonly",
        window: "readonly",
      },
    },
  },
  {
    files: TYPESCRIPT,
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/consistent-type-imports": [
        "error",
        { fixStyle: "separate-type-imports", prefer: "type-imports" },
      ],
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", caughtErrors: "all" },
      ],
      // `() => void work()` and `() => emit(x)` are clear.
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      // JSX handlers and event emitters may start async work; a promise as a condition or spread may not pass.
      "@typescript-eslint/no-misused-promises": [
        "error",
        { checksVoidReturn: { arguments: false, attributes: false, properties: false } },
      ],
      // TypeScript keeps a property's narrowed type across an `await`, so the rule would wrongly report a
      // second `if (signal.aborted)`.
      "@typescript-eslint/no-unnecessary-condition": "off",
      // An implementation of an asynchronous interface may be synchronous.
      "@typescript-eslint/require-await": "off",
      // Services and stores are objects of closures; their methods do not use `this`.
      "@typescript-eslint/unbound-method": "off",
      // Callers name the type of the result: `client.query<Viewer>(...)`.
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-restricted-syntax": [
        "error",
        {
          selector: "ExportDefaultDeclaration",
          message: "Use named exports, so that a search finds every use of a name.",
        },
      ],
    },
  },
  {
    files: ["**/*.ts", "**/*.tsx", "**/*.js", "**/*.mjs"],
    ignores: [
      "server/config.ts",
      "server/start.mjs",
      "**/*.config.ts",
      "**/*.config.js",
      "codegen.ts",
      "test/**",
      "bench/**",
      ".ci/**",
    ],
    rules: NO_ENVIRONMENT,
  },
  {
    // Runs in Node, so web/tsconfig.json does not include it.
    files: ["web/vite.config.ts"],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { parserOptions: { projectService: false } },
  },
  {
    // Their tools require a default export.
    files: ["**/*.config.ts", "codegen.ts", "test/kit/global-setup.ts", "test/kit/reporter.ts"],
    rules: { "no-restricted-syntax": "off" },
  },
  { files: ["web/**/*.tsx", "web/**/*.ts"], extends: [solid] },
  {
    files: ["test/**/*.ts", "bench/**/*.ts"],
    rules: {
      "@typescript-eslint/explicit-module-boundary-types": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      // Matchers such as `expect(store.read).toHaveBeenCalled()` name a method without calling it.
      "@typescript-eslint/unbound-method": "off",
    },
  },
  {
    files: ["test/kit/**/*.ts"],
    rules: { "@typescript-eslint/explicit-module-boundary-types": "error" },
  },
);
