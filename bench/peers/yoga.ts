// A chat on stock parts, each used as documented: graphql-yoga with its WebSocket recipe
// (https://the-guild.dev/graphql/yoga-server/docs/features/subscriptions), Prisma, and
// graphql-redis-subscriptions. Without authorization, and with message numbers that one instance
// generates.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { PrismaPg } from "@prisma/adapter-pg";
import { RedisPubSub } from "graphql-redis-subscriptions";
import type { OperationResult } from "graphql-ws";
import { useServer } from "graphql-ws/use/ws";
import { createSchema, createYoga, type YogaInitialContext } from "graphql-yoga";
import type { ExecutionArgs } from "graphql";
import { Redis } from "ioredis";
import { WebSocketServer } from "ws";
import { PrismaClient } from "../../server/generated/prisma/client.ts";
import { newId } from "../../server/kernel/ids.ts";

interface Sent {
  room: string;
  author: string;
  body: string;
}

const adapter = new PrismaPg({ connectionString: process.env["DATABASE_URL"] ?? "", max: 20 });
const prisma = new PrismaClient({ adapter });
const redis = (): Redis => new Redis(process.env["REDIS_URL"] ?? "");
const pubSub = new RedisPubSub({ publisher: redis(), subscriber: redis() });
// Each instance has separate numbers, because the table requires unique ones within a room.
let seq = process.pid * 10_000;

const yoga = createYoga({
  schema: createSchema({
    typeDefs: /* GraphQL */ `
      type Message {
        id: ID!
        seq: Int!
        body: String!
        author: String!
        createdAt: String!
      }
      type Query {
        hello: String
      }
      type Mutation {
        sendMessage(room: ID!, author: ID!, body: String!): Message!
      }
      type Subscription {
        messageSent(room: ID!): Message!
      }
    `,
    resolvers: {
      Mutation: {
        sendMessage: async (_root: unknown, { room, author, body }: Sent) => {
          seq += 1;
          const [message, { username }] = await Promise.all([
            prisma.message.create({
              data: { id: newId(), conversationId: room, seq, position: 0, authorId: author, body },
            }),
            prisma.user.findUniqueOrThrow({ where: { id: author } }),
          ]);
          const { id, createdAt } = message;
          const messageSent = { id, seq: message.seq, body, author: username, createdAt };
          await pubSub.publish(`room:${room}`, { messageSent });
          return messageSent;
        },
      },
      Subscription: {
        messageSent: {
          subscribe: (_root: unknown, { room }: { room: string }) =>
            pubSub.asyncIterator(`room:${room}`),
        },
      },
    },
  }),
  logging: false,
});

interface Enveloped {
  execute(args: ExecutionArgs): OperationResult;
  subscribe(args: ExecutionArgs): OperationResult;
}

const server = createServer((request, response) => void yoga(request, response));
const sockets = new WebSocketServer({ server, path: yoga.graphqlEndpoint });
useServer(
  {
    execute: (args) => (args.rootValue as Enveloped).execute(args),
    subscribe: (args) => (args.rootValue as Enveloped).subscribe(args),
    onSubscribe: async (context, _id, params) => {
      const { schema, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({
        ...context,
        req: context.extra.request,
        socket: context.extra.socket,
        params,
      } as unknown as YogaInitialContext) as Enveloped & {
        schema: ExecutionArgs["schema"];
        contextFactory(): Promise<unknown>;
        parse(source: string): ExecutionArgs["document"];
        validate(schema: ExecutionArgs["schema"], document: ExecutionArgs["document"]): never[];
      };
      const args = {
        schema,
        operationName: params.operationName,
        document: parse(params.query),
        variableValues: params.variables,
        contextValue: await contextFactory(),
        rootValue: { execute, subscribe },
      };
      const errors = validate(args.schema, args.document);
      return errors.length > 0 ? errors : args;
    },
  },
  sockets,
);
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(
    `ready http://127.0.0.1:${String((server.address() as AddressInfo).port)}\n`,
  );
});
process.on("SIGTERM", () => process.exit(0));
