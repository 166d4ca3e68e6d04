import { seedManyMessages } from "../test/kit/many-messages.ts";
import type { Many } from "./measurement.ts";
import { startDatabase } from "./programs.ts";

const MESSAGES = 1_000_000;

export interface ManyDatabase extends Many {
  stop(): Promise<void>;
}

/** A PostgreSQL with a million messages in 2,000 conversations, and another million in a single one. */
export async function fillMany(): Promise<ManyDatabase> {
  const database = await startDatabase();
  try {
    const many = await seedManyMessages(database.url, MESSAGES, MESSAGES);
    return { ...database, messages: MESSAGES, ...many };
  } catch (error) {
    await database.stop();
    throw error;
  }
}
