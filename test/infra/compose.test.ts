import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, inject, it } from "vitest";
import { parse } from "yaml";
import { envExample, readConfig } from "../../server/config.ts";
import { createDatabase } from "../kit/database.ts";
import { eventually } from "../kit/eventually.ts";
import { describeWith } from "../kit/needs.ts";
import { startRedis } from "../kit/redis.ts";
import { startServer } from "../kit/server.ts";

interface Service {
  image: string;
  build?: { context: string; dockerfile: string };
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
  volumes?: string[];
  ports?: string[];
  read_only?: boolean;
  tmpfs?: string[];
  cap_drop?: string[];
  security_opt?: string[];
  user?: string;
  privileged?: boolean;
}

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");
const INSTANCES = ["parley-1", "parley-2"];

const text = await readFile(join(ROOT, "docker-compose.yml"), "utf8");
const { services } = parse(text, { merge: true }) as { services: Record<string, Service> };

function service(name: string): Service {
  const found = services[name];
  if (!found) throw new Error(`there is no service ${name}`);
  return found;
}

/** The environment of an instance in compose when the operator sets nothing. */
function environmentOf(name: string): Record<string, string> {
  const entries = Object.entries(service(name).environment ?? {});
  return Object.fromEntries(
    entries.map(([key, value]) => [key, value.replace(/\$\{\w+:-([^}]*)\}/g, "$1")]),
  );
}

describe("docker-compose.yml", () => {
  it("has PostgreSQL, Redis, two instances and a load balancer", () => {
    const images = Object.entries(services).map(([name, { image }]) => [name, image]);
    expect(Object.fromEntries(images)).toEqual({
      "parley-1": "parley",
      "parley-2": "parley",
      postgres: expect.stringMatching(/^postgres:18/),
      redis: expect.stringMatching(/^redis:\d/),
      balancer: expect.stringMatching(/^caddy:\d/),
    });
  });

  it("checks the health of each service, and starts each after its dependencies are healthy", () => {
    for (const [name, { healthcheck, depends_on: needs = {} }] of Object.entries(services)) {
      expect(healthcheck?.test[0], name).toBe("CMD");
      for (const [needed, { condition }] of Object.entries(needs)) {
        expect(service(needed).healthcheck).toBeDefined();
        expect(condition).toBe("service_healthy");
      }
    }
    for (const name of INSTANCES) {
      expect(Object.keys(service(name).depends_on ?? {})).toEqual(["postgres", "redis"]);
    }
  });

  it.each(INSTANCES)("gives %s no capabilities, and write access to files only", (name) => {
    const instance = service(name);
    expect(instance).toMatchObject({
      read_only: true,
      tmpfs: ["/tmp"],
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
      volumes: ["files:/files"],
    });
    expect([instance.user, instance.privileged]).toEqual([undefined, undefined]);
  });

  it("publishes only the load balancer", () => {
    const published = Object.entries(services).filter(([, { ports }]) => ports !== undefined);
    expect(published.map(([name]) => name)).toEqual(["balancer"]);
  });

  it.each(INSTANCES)("gives %s only existing settings with valid values", (name) => {
    const environment = environmentOf(name);
    const known = [...envExample().matchAll(/^#([A-Z_]+)=/gm)].map(([, setting]) => setting);
    expect(known).toEqual(expect.arrayContaining(Object.keys(environment)));
    const config = readConfig(environment);
    expect(new URL(config.DATABASE_URL ?? "").hostname).toBe("postgres");
    expect(new URL(config.REDIS_URL ?? "").hostname).toBe("redis");
  });

  it("refers to existing files, and consistent ports and hosts", async () => {
    for (const { build, volumes = [] } of Object.values(services)) {
      if (build) expect(existsSync(join(ROOT, build.dockerfile))).toBe(true);
      for (const volume of volumes.filter((entry) => entry.startsWith("."))) {
        expect(existsSync(join(ROOT, volume.split(":")[0] ?? "")), volume).toBe(true);
      }
    }
    const balancer = await readFile(join(ROOT, "deploy/Caddyfile"), "utf8");
    for (const name of INSTANCES) {
      expect(balancer).toContain(`${name}:${environmentOf(name)["PORT"] ?? "?"}`);
    }
    expect(balancer).toContain("health_uri /health/ready");
  });

  it("copies only existing files into the image", async () => {
    const dockerfile = await readFile(join(ROOT, "deploy/Dockerfile"), "utf8");
    const copies = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)];
    const sources = copies.flatMap(([, list = ""]) => list.split(" "));
    expect(sources.length).toBeGreaterThan(0);
    for (const source of sources) expect(existsSync(join(ROOT, source)), source).toBe(true);
    expect(dockerfile).toMatch(/^USER node$/m);
  });
});

describeWith("redis-server", "the processes of docker-compose.yml, without containers", () => {
  it(
    "has an environment with which instances start, become healthy, and form one system",
    { timeout: 60_000 },
    async () => {
      const [database, redis] = await Promise.all([createDatabase(), startRedis()]);
      const servers = await Promise.all(
        INSTANCES.map((name) => {
          const { PORT, DATABASE_URL, REDIS_URL, FILES_DIR, ...env } = environmentOf(name);
          // Compose sets these; the test replaces only the hosts.
          expect([PORT, DATABASE_URL, REDIS_URL, FILES_DIR]).not.toContain(undefined);
          return startServer({ databaseUrl: database.url, redisUrl: redis.url, env });
        }),
      );
      for (const { url } of servers) {
        // The container's own health check, as compose runs it.
        const [script = "", address = ""] = (service("parley-1").healthcheck?.test ?? []).slice(2);
        const here = new URL(new URL(address).pathname, url).href;
        const check = (of: string) => run(process.execPath, [script, of], { cwd: inject("root") });
        // Compose repeats the check, too, before it marks an instance as unhealthy.
        await eventually(() => check(here));
        await expect(check("http://127.0.0.1:1/")).rejects.toThrow();
        const answer = await fetch(`${url}/health/ready`);
        expect(await answer.json()).toEqual({ status: "ready" });
      }
      const [first, second] = servers.map(({ url }) => url);
      const { signUp } = await post<{ signUp: { token: string } }>(
        first,
        `mutation { signUp(input: { username: "ada", password: "correct horse battery" }) {
         ... on SignUpPayload { token } } }`,
      );
      const { viewer } = await post(second, "{ viewer { user { username } } }", signUp.token);
      expect(viewer).toEqual({ user: { username: "ada" } });
    },
  );
});

async function post<Data = Record<string, unknown>>(
  url: string | undefined,
  query: string,
  token?: string,
): Promise<Data> {
  const response = await fetch(`${url ?? ""}/graphql`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query }),
  });
  const { data } = (await response.json()) as { data: Data };
  return data;
}
