// Load clients run in separate processes, so that they do not share an event loop. Each message to a
// client gets exactly one response.
import { fork } from "node:child_process";
import { once } from "node:events";

export interface ClientProcess {
  /** Sends a message and returns the client's response; rejects if the client has ended. */
  ask<T>(message: object | string): Promise<T>;
  stop(): Promise<void>;
}

/** The response of `serveParent`. */
type Reply = { answer: unknown } | { error: string };

/** @param file of bench/clients, without folder and extension */
export function startClient(file: string): ClientProcess {
  const child = fork(`bench/clients/${file}.ts`, { execArgv: ["--import", "tsx"] });
  return {
    ask: async <T>(message: object | string) => {
      const ended = new AbortController();
      const { signal } = ended;
      const exit = once(child, "exit", { signal }).then(([code]: (number | null)[]) => {
        throw new Error(`The client ${file} ended with code ${String(code)}`);
      });
      exit.catch(() => undefined);
      const reply = once(child, "message", { signal });
      reply.catch(() => undefined);
      child.send(message);
      const [answer] = (await Promise.race([reply, exit])) as [Reply];
      ended.abort();
      if ("error" in answer) throw new Error(`The client ${file} failed: ${answer.error}`);
      return answer.answer as T;
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const closed = once(child, "exit");
      child.kill("SIGTERM");
      await closed;
    },
  };
}

/** Runs in the client: responds to each message of the bench. */
export function serveParent<Message>(answer: (message: Message) => Promise<unknown>): void {
  process.on("message", (message) => {
    answer(message as Message).then(
      (result) => process.send?.({ answer: result ?? null } satisfies Reply),
      (error: unknown) => {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        process.send?.({ error: text } satisfies Reply);
      },
    );
  });
  process.on("disconnect", () => process.exit(0));
}

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
