import { defineConfig } from "prisma/config";

// `prisma generate` never opens a database, so it must work without a URL.
const url = process.env["DATABASE_URL"];

export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  ...(url ? { datasource: { url } } : {}),
});
